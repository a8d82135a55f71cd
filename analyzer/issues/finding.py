"""From a report's behaviors, and from what was read about the package, to its issues."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from analyzer.issues.catalog import Issue
from analyzer.issues.facts import Read, facts
from analyzer.model.completeness import Completeness
from analyzer.model.content import Content
from analyzer.model.project import Project
from analyzer.model.report import SEVERITIES, BehaviorReport, Evidence, Fact, IssueReport

_MAX_EVIDENCE: Final = 100
_MAX_FACTS: Final = 100
_IMPORT: Final = "import of "


def find(
    behaviors: Iterable[BehaviorReport],
    catalog: Iterable[Issue],
    content: Content | None = None,
    project: Project | None = None,
    completeness: Completeness | None = None,
) -> list[IssueReport]:
    """The issues that the behaviors and what was read show, most severe first.

    Each has the evidence of its behaviors in order of time, and the facts of its findings in the order in which they were read. Of
    what is None nothing is known, and no issue rests on it.
    """
    seen = {behavior.id: behavior for behavior in behaviors}
    read = Read(content, project, completeness)
    found = [report for issue in catalog if (report := _report(issue, seen, read)) is not None]
    return sorted(found, key=lambda issue: (-SEVERITIES.index(issue.severity), issue.id))


def _report(issue: Issue, seen: dict[str, BehaviorReport], read: Read) -> IssueReport | None:
    """The issue, where anything shows it."""
    shown = [seen[identifier] for identifier in issue.behaviors if identifier in seen]
    evidence = sorted((one for behavior in shown for one in _evidence(issue, behavior)), key=lambda one: one.time)
    told = list(islice(_facts(issue, shown, read), _MAX_FACTS))
    if not evidence and not told:
        return None
    return IssueReport(
        id=issue.id,
        title=issue.title,
        category=issue.category,
        severity=issue.severity,
        causes_risk=issue.causes_risk,
        problem=issue.problem,
        next_steps=list(issue.next_steps),
        evidence=evidence[:_MAX_EVIDENCE],
        facts=told,
    )


def _evidence(issue: Issue, behavior: BehaviorReport) -> Iterator[Evidence]:
    """The evidence that counts: of the phases and of the authors that the issue is about."""
    for one in behavior.evidence:
        if issue.phases and (one.phase not in issue.phases or _is_repeated(one, behavior)):
            continue
        if not issue.attribution or one.attribution in issue.attribution:
            yield one


def _is_repeated(evidence: Evidence, behavior: BehaviorReport) -> bool:
    """Whether it is what the import did before: modules are imported once more for their functions to be called."""
    return evidence.phase == "execute" and evidence.during.startswith(_IMPORT) and "import" in behavior.phases


def _facts(issue: Issue, shown: Iterable[BehaviorReport], read: Read) -> Iterator[Fact]:
    yield from (fact for behavior in shown for fact in _unshown(issue, behavior))
    yield from facts(issue.findings, read)


def _unshown(issue: Issue, behavior: BehaviorReport) -> Iterator[Fact]:
    """A behavior that was seen in such a phase, where all of the evidence that is kept is of others.

    A package that does a thing often enough in one phase would otherwise hide that it does it in another.
    """
    without = set(behavior.phases) - {one.phase for one in behavior.evidence}
    phases = [phase for phase in issue.phases if phase in without]
    if phases and (not issue.attribution or set(issue.attribution) & set(behavior.attribution)):
        yield Fact(
            source="run",
            detail=f"{behavior.id} was seen in {' and '.join(phases)} too; the evidence that is kept is of other phases",
        )
