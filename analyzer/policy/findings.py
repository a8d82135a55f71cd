"""What a policy judges: a report's behaviors and issues, in one shape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from analyzer.model.base import Severity
from analyzer.model.report import BehaviorReport, Evidence, Fact, IssueReport, Report

Kind = Literal["behavior", "issue"]

_MOST_KEPT: Final = 100
"""Pieces of evidence that a behavior or an issue has at most; where it has as many, there may be more."""

_MAX_LINE: Final = 300


@dataclass(frozen=True, slots=True)
class Trait:
    """What one piece of evidence says of when, who, seen by whom and whether it was done."""

    phase: str
    attribution: str
    witness: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A behavior or an issue. `traits` are of its evidence, `spread` are all values of each of their fields in the whole run.

    `is_whole` says that there is no more evidence than that; `targets` has what each piece acted upon, "" for none; of what was
    read, the file in which it stands, or its words. `called` says that it was seen only in calls with made-up arguments.
    """

    kind: Kind
    id: str
    title: str
    category: str
    severity: Severity
    prevalence: str
    called: bool
    traits: tuple[Trait, ...]
    spread: dict[str, frozenset[str]]
    has_facts: bool
    targets: tuple[str, ...]
    is_whole: bool
    line: str


def findings(report: Report) -> Iterator[Finding]:
    """All behaviors and issues of a report, in its order."""
    cut = {one.part for one in report.left_out}
    behaviors = [_behavior(behavior, is_cut="behaviors.evidence" in cut) for behavior in report.behaviors]
    known = {one.id: one for one in behaviors}
    for issue in report.issues:
        rests = {each.rule.rpartition("/")[0] for each in issue.evidence}
        yield _issue(issue, [known.get(one) for one in rests], is_cut=bool(cut & {"issues.evidence", "issues.facts"}))
    yield from behaviors


def _behavior(one: BehaviorReport, *, is_cut: bool) -> Finding:
    return Finding(
        kind="behavior",
        id=one.id,
        title=one.title,
        category=one.category,
        severity=one.severity,
        prevalence=one.prevalence.label if one.prevalence is not None else "no data",
        called=one.called_only,
        traits=_traits(one.evidence),
        spread={
            "phase": frozenset(one.phases),
            "attribution": frozenset(one.attribution),
            "witness": frozenset(one.witnesses),
            "outcome": frozenset({one.outcome, *(each.outcome for each in one.evidence)}),
        },
        has_facts=False,
        targets=tuple(each.target for each in one.evidence),
        is_whole=not is_cut and one.count <= len(one.evidence) < _MOST_KEPT,
        line=_line(one.evidence, ()),
    )


def _issue(one: IssueReport, behaviors: Iterable[Finding | None], *, is_cut: bool) -> Finding:
    """`behaviors` are those of its evidence, None for one that the report does not have.

    An issue has no evidence besides its behaviors', so it is as whole as they are; and what is not, may have been done unasked as well.
    """
    traits = _traits(one.evidence)
    rests = list(behaviors)
    is_whole = not is_cut and all(each is not None and each.is_whole for each in rests)
    called = all(each is not None and each.called for each in rests) or (is_whole and all(map(_is_call, one.evidence)))
    return Finding(
        kind="issue",
        id=one.id,
        title=one.title,
        category=one.category,
        severity=one.severity,
        prevalence=one.prevalence.label if one.prevalence is not None else "no data",
        called=bool(one.evidence) and not one.facts and called,
        traits=traits,
        spread={
            name: frozenset(getattr(each, name) for each in traits)
            for name in ("phase", "attribution", "witness", "outcome")
        },
        has_facts=bool(one.facts),
        targets=(*(each.target for each in one.evidence), *(each.file or each.detail for each in one.facts)),
        is_whole=is_whole and max(len(one.evidence), len(one.facts)) < _MOST_KEPT,
        line=_line(one.evidence, one.facts),
    )


def _is_call(evidence: Evidence) -> bool:
    return evidence.during.startswith("call of ")


def _traits(evidence: Iterable[Evidence]) -> tuple[Trait, ...]:
    return tuple(dict.fromkeys(Trait(one.phase, one.attribution, one.layer, one.outcome) for one in evidence))


def _line(evidence: Iterable[Evidence], facts: Iterable[Fact]) -> str:
    """The piece of evidence that says most: what was done before what was tried, unasked before called, the package's before others'."""
    ranked = sorted(
        evidence, key=lambda one: (one.outcome == "attempted", _is_call(one), one.attribution != "package", one.time)
    )
    if ranked:
        one = ranked[0]
        return f"{one.detail[:_MAX_LINE]} ({one.during[:_MAX_LINE] or one.phase})"
    for fact in facts:
        place = f"{fact.file[:_MAX_LINE]}:{fact.line}: " if fact.line else f"{fact.file[:_MAX_LINE]}: "
        return (place if fact.file else "") + fact.detail[:_MAX_LINE]
    return ""
