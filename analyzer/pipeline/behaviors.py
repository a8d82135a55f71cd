"""From single observations to the report's behaviors: counted, with their phases, authors, witnesses and evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from analyzer.model.event import Attribution, Event, Layer, Phase
from analyzer.model.report import SEVERITIES, BehaviorReport, CodeLocation, Evidence, TraceSource
from analyzer.rules.engine import Observation
from analyzer.taxonomy import Taxonomy

T = TypeVar("T")

_MAX_EVIDENCE = 100
_MAX_DETAIL = 1000
_REPORTED: frozenset[Attribution] = frozenset({"package", "dependency"})


def collect(observations: Iterable[Observation], taxonomy: Taxonomy) -> list[BehaviorReport]:
    """The behaviors of the package and its dependencies, most severe first.

    What the installer or the interpreter does by itself is left out.
    """
    by_behavior: dict[str, list[Observation]] = defaultdict(list)
    for observation in observations:
        if observation.event.attribution in _REPORTED:
            by_behavior[observation.behavior].append(observation)
    reports = [_report(identifier, found, taxonomy) for identifier, found in by_behavior.items()]
    return sorted(reports, key=lambda report: (-SEVERITIES.index(report.severity), report.id))


def _report(identifier: str, found: list[Observation], taxonomy: Taxonomy) -> BehaviorReport:
    behavior = taxonomy[identifier]
    events = [observation.event for observation in found]
    return BehaviorReport(
        id=identifier,
        title=behavior.title,
        category=behavior.category,
        severity=behavior.severity,
        count=_count(events),
        phases=_ordered([event.phase for event in events], _PHASES),
        attribution=_ordered([event.attribution for event in events], _AUTHORS),
        witnesses=_ordered([event.layer for event in events], _LAYERS),
        outcome="completed" if any(event.outcome == "completed" for event in events) else "attempted",
        attack=list(behavior.attack),
        mbc=list(behavior.mbc),
        aliases=list(behavior.aliases),
        evidence=[_evidence(observation) for observation in _chosen(found)],
    )


_PHASES: tuple[Phase, ...] = ("install", "startup", "import", "execute")
_AUTHORS: tuple[Attribution, ...] = ("package", "dependency", "installer", "interpreter")
_LAYERS: tuple[Layer, ...] = ("syscall", "packet", "filesystem", "interpreter")


def _count(events: list[Event]) -> int:
    """How often: by the witness that saw most, since independent witnesses of one act must not add up.

    Mere attempts count only where nothing was completed, or a search along PATH would be told as many programs.
    """
    completed = [event for event in events if event.outcome == "completed"] or events
    return max(sum(event.layer == layer for event in completed) for layer in _LAYERS)


def _ordered(values: list[T], order: tuple[T, ...]) -> list[T]:
    present = set(values)
    return [value for value in order if value in present]


def _chosen(found: list[Observation]) -> list[Observation]:
    """The first of each witness, then what was completed, then attempts, within the limit; told in order of time."""
    ranked = sorted(found, key=lambda one: (one.event.outcome == "attempted", one.event.time))
    first = {one.event.layer: one for one in reversed(ranked)}
    rest = [one for one in ranked if one not in first.values()]
    chosen = [*first.values(), *rest][:_MAX_EVIDENCE]
    return sorted(chosen, key=lambda one: (one.event.outcome == "attempted", one.event.time))


def _evidence(observation: Observation) -> Evidence:
    event, location = observation.event, observation.event.location
    detail = observation.detail.strip()
    return Evidence(
        phase=event.phase,
        time=event.time,
        pid=event.pid,
        process=event.process,
        event=event.kind,
        detail=detail if len(detail) <= _MAX_DETAIL else detail[: _MAX_DETAIL - 1] + "…",
        location=CodeLocation(
            distribution=location.distribution, module=location.module, file=location.file, line=location.line
        )
        if location
        else None,
        source=TraceSource(file=event.source.file, line=event.source.line),
        layer=event.layer,
        outcome=event.outcome,
    )
