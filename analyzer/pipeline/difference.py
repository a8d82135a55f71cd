"""Two reports held against each other: what the second one shows that the first one does not, and the other way round.

Acts are the same where behavior, phase and target are. A pure function of two reports, which may have been saved by anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

import analyzer
from analyzer.model.difference import Act, Attribute, Changed, Difference, Removed, Side
from analyzer.model.event import PHASES, Phase
from analyzer.model.report import SEVERITIES, BehaviorReport, Evidence, Fact, IssueReport, Report
from analyzer.pipeline.differing import limits, notes
from analyzer.pipeline.judging.behaviors import MAX_EVIDENCE

Finding = BehaviorReport | IssueReport
FindingT = TypeVar("FindingT", BehaviorReport, IssueReport)
Key = tuple[Phase, str]
FactKey = tuple[str, str]

_MOST: Final = 50
"""Acts of one behavior or issue that are told; their number is told of all."""

_OWN_VERSION: Final = "{version}"
_MARKS: Final = ("called_only", "later_only")
_COUNTED: Final = frozenset({"corpus", "run"})
_NUMBERS: Final = (re.compile(r"\d[\d,.]*"), "{number}")
_COUNTS: Final = (re.compile(r" \([\d,]{1,20} times in all files\)$|(?<= )\S{1,100}(?=, which the package needs)"), "")
"""How often an address stands in the files, and the versions of what the package needs (`analyzer/issues/facts.py`)."""


def difference(a: Report, b: Report, named: tuple[str, str] = ("", "")) -> Difference:
    """What `b` shows that `a` does not, and what it shows no more; `named` is what the user called them."""
    by_target = has_targets(a) and has_targets(b)
    sides = _Side(a, by_target), _Side(b, by_target)
    new, gone = _only(b.behaviors, a.behaviors), _only(a.behaviors, b.behaviors)
    changed = _changed(a.behaviors, b.behaviors, sides)
    differing = {one.id for part in (new, gone, changed) for one in part}
    return Difference(
        generator=f"fumehood {analyzer.__version__}",
        a=_side(a, named[0]),
        b=_side(b, named[1]),
        notes=[*notes(a, b, by_target=by_target), *limits(a, b, differing)],
        new_behaviors=new,
        new_issues=_only(b.issues, a.issues),
        changed_behaviors=changed,
        changed_issues=_changed(a.issues, b.issues, sides),
        removed_behaviors=[_removed(one) for one in gone],
        removed_issues=[_removed(one) for one in _only(a.issues, b.issues)],
    )


def has_targets(report: Report) -> bool:
    """Whether all evidence has a target, as reports of earlier versions have none."""
    found: list[Finding] = [*report.behaviors, *report.issues]
    return all(evidence.target for one in found for evidence in one.evidence)


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the reports, as its acts are compared."""

    report: Report
    by_target: bool

    def acts(self, found: Finding) -> dict[Key, Evidence]:
        """The first evidence of each target in each phase."""
        acts: dict[Key, Evidence] = {}
        for one in found.evidence:
            acts.setdefault((one.phase, one.target if self.by_target else one.detail), one)
        return acts

    def facts(self, found: Finding) -> dict[FactKey, Fact]:
        """What was read, by all but where it stands, which every edit moves, and numbers that every release changes."""
        facts: dict[FactKey, Fact] = {}
        for one in found.facts if isinstance(found, IssueReport) else []:
            pattern, replacement = _NUMBERS if one.source in _COUNTED else _COUNTS
            facts.setdefault((one.source, pattern.sub(replacement, one.detail)), one)
        return facts

    def expanded(self, text: str) -> str:
        """A text with the package's own version where only its place was kept."""
        return text.replace(_OWN_VERSION, self.report.package.version)

    def lacks(self, found: Finding) -> bool:
        """Whether the report may lack evidence of this: more was seen than is told."""
        cut = {one.part for one in self.report.left_out} & {"behaviors.evidence", "issues.evidence", "texts"}
        more = isinstance(found, BehaviorReport) and found.count > len(found.evidence)
        return bool(cut) or more or len(found.evidence) >= MAX_EVIDENCE


def _changed(a: Iterable[FindingT], b: Iterable[FindingT], sides: tuple[_Side, _Side]) -> list[Changed]:
    """What is different about all that both have: what has something new first, the most severe first of it."""
    before = {one.id: one for one in a}
    pairs = ((before[one.id], one) for one in _ordered(b) if one.id in before)
    found = [change for one, other in pairs if (change := _change(one, other, sides)) is not None]
    return sorted(found, key=_has_no_news)


def _has_no_news(one: Changed) -> bool:
    return not (one.new_phases or one.new_count or one.new_facts_count)


def _change(a: Finding, b: Finding, sides: tuple[_Side, _Side]) -> Changed | None:
    """What is different about a finding that both have; None where nothing is."""
    before, after = sides
    new, gone = _beyond((after, b), (before, a)), _beyond((before, a), (after, b))
    new_facts, gone_facts = _read_beyond((after, b), (before, a)), _read_beyond((before, a), (after, b))
    new_phases, gone_phases = _phases_beyond(b, a), _phases_beyond(a, b)
    attributes = _attributes(a, b)
    if not (new or gone or new_facts or gone_facts or new_phases or gone_phases or attributes):
        return None
    return Changed(
        id=b.id,
        title=b.title,
        category=b.category,
        severity=b.severity,
        new_phases=new_phases,
        gone_phases=gone_phases,
        attributes=attributes,
        new_count=len(new),
        evidence=list(islice(new.values(), _MOST)),
        may_be_old=bool(new) and before.lacks(a),
        gone_count=len(gone),
        gone=[Act(phase=phase, target=target) for phase, target in islice(gone, _MOST)],
        may_be_there=bool(gone) and after.lacks(b),
        new_facts_count=len(new_facts),
        new_facts=new_facts[:_MOST],
        gone_facts_count=len(gone_facts),
    )


def _beyond(side: tuple[_Side, Finding], other: tuple[_Side, Finding]) -> dict[Key, Evidence]:
    """The acts of one side that are not the other one's.

    A target is the same too where both versions, put in for their place, make the same text: "1.0" may be a protocol's version as well.
    """
    known = other[0].acts(other[1])
    written = {(phase, other[0].expanded(target)) for phase, target in known}
    return {
        (phase, target): evidence
        for (phase, target), evidence in side[0].acts(side[1]).items()
        if (phase, target) not in known and (phase, side[0].expanded(target)) not in written
    }


def _read_beyond(side: tuple[_Side, Finding], other: tuple[_Side, Finding]) -> list[Fact]:
    """The facts of one side that are not the other one's, but for the packages' own versions."""
    version, known_version = side[0].report.package.version, other[0].report.package.version
    known = {_without(key, known_version) for key in other[0].facts(other[1])}
    exactly = other[0].facts(other[1])
    facts = side[0].facts(side[1])
    return [one for key, one in facts.items() if key not in exactly and _without(key, version) not in known]


def _without(key: FactKey, version: str) -> FactKey:
    """A fact without the package's own version, where that has a dot and is no mere number."""
    if "." not in version:
        return key
    source, detail = key
    return source, detail.replace(version, _OWN_VERSION)


def _phases_beyond(one: Finding, other: Finding) -> list[Phase]:
    known = set(_phases(other))
    return [phase for phase in _phases(one) if phase not in known]


def _phases(found: Finding) -> list[Phase]:
    if isinstance(found, BehaviorReport):
        return found.phases
    seen = {one.phase for one in found.evidence}
    return [phase for phase in PHASES if phase in seen]


def _attributes(a: Finding, b: Finding) -> list[Attribute]:
    values: list[tuple[str, str, str]] = [("severity", a.severity, b.severity)]
    if isinstance(a, BehaviorReport) and isinstance(b, BehaviorReport):
        values.append(("outcome", a.outcome, b.outcome))
        values.append(("attribution", ", ".join(a.attribution), ", ".join(b.attribution)))
        values += [(name, _word(getattr(a, name)), _word(getattr(b, name))) for name in _MARKS]
    return [Attribute.model_validate({"name": name, "a": one, "b": two}) for name, one, two in values if one != two]


def _word(value: bool) -> str:
    return "yes" if value else "no"


def _only(found: Iterable[FindingT], other: Iterable[Finding]) -> list[FindingT]:
    known = {one.id for one in other}
    return _ordered(one for one in found if one.id not in known)


def _ordered(found: Iterable[FindingT]) -> list[FindingT]:
    """The most severe first, then by id; one of each id, since a report from a stranger may repeat it."""
    unique: Mapping[str, FindingT] = {one.id: one for one in found}
    return sorted(unique.values(), key=lambda one: (-SEVERITIES.index(one.severity), one.id))


def _removed(one: Finding) -> Removed:
    return Removed(id=one.id, title=one.title, category=one.category, severity=one.severity)


def _side(report: Report, target: str) -> Side:
    package, sandbox, completeness = report.package, report.sandbox, report.completeness
    return Side(
        target=target,
        name=package.name,
        version=package.version,
        created=report.created,
        generator=report.generator,
        status=completeness.status,
        reasons=completeness.reasons,
        backend=sandbox.backend,
        tracer=sandbox.tracer,
        python=sandbox.python,
    )
