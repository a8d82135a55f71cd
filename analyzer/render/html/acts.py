"""Which process of the page did what: the evidence of a report by process, and the same in the order of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from analyzer.render.selection import severity_rank

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analyzer.model.report import BehaviorReport, Evidence, ProcessNode, Report

Act = tuple["BehaviorReport", "Evidence"]

_EARLY: Final = 0.005
"""Seconds by which an act may seem to come before its process: their clocks are read one after the other."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The first time that a process showed a behavior, and how many evidences of that the report holds."""

    behavior: BehaviorReport
    evidence: Evidence
    count: int


@dataclass(frozen=True, slots=True)
class Acts:
    """What each shown process did, by the identity of its node, and what none of them did as far as is known."""

    of: dict[int, list[Act]]
    others: list[Act]


def acts_of(report: Report, shown: Iterable[ProcessNode]) -> Acts:
    """The evidences by the process that they name: of several with one number, the last that had started by then."""
    by_pid: dict[int, list[ProcessNode]] = {}
    for node in shown:
        by_pid.setdefault(node.pid, []).append(node)
    for nodes in by_pid.values():
        nodes.sort(key=lambda node: node.started)
    acts = Acts({}, [])
    for behavior in report.behaviors:
        for evidence in behavior.evidence:
            doer = _doer(by_pid.get(evidence.pid, []), evidence) if evidence.pid else None
            found = acts.others if doer is None else acts.of.setdefault(id(doer), [])
            found.append((behavior, evidence))
    return acts


def _doer(nodes: list[ProcessNode], evidence: Evidence) -> ProcessNode | None:
    started = [node for node in nodes if node.started <= evidence.time + _EARLY]
    return started[-1] if started else None


def moments_of(report: Report) -> list[Moment]:
    """Each behavior of each process once, by time; what happened at one time comes the gravest first."""
    firsts: dict[tuple[int, str, str, str], list[Evidence]] = {}
    behaviors = {behavior.id: behavior for behavior in report.behaviors}
    for behavior in report.behaviors:
        for evidence in behavior.evidence:
            key = (evidence.pid, evidence.process, evidence.phase, behavior.id)
            firsts.setdefault(key, []).append(evidence)
    moments = [
        Moment(behaviors[key[-1]], min(seen, key=lambda one: one.time), len(seen)) for key, seen in firsts.items()
    ]
    return sorted(moments, key=lambda one: (one.evidence.time, severity_rank(one.behavior.severity), one.behavior.id))
