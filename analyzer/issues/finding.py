"""From a report's behaviors to its issues."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from analyzer.issues.catalog import Issue
from analyzer.model.report import SEVERITIES, BehaviorReport, Evidence, IssueReport

_MAX_EVIDENCE: Final = 100


def find(behaviors: Iterable[BehaviorReport], catalog: Iterable[Issue]) -> list[IssueReport]:
    """The issues that the behaviors show, most severe first, each with the evidence of its behaviors in order of time."""
    seen = {behavior.id: behavior for behavior in behaviors}
    found = [
        _report(issue, list(_evidence(issue, seen))) for issue in catalog if any(one in seen for one in issue.behaviors)
    ]
    return sorted(found, key=lambda issue: (-SEVERITIES.index(issue.severity), issue.id))


def _evidence(issue: Issue, seen: dict[str, BehaviorReport]) -> Iterator[Evidence]:
    for identifier in issue.behaviors:
        if identifier in seen:
            yield from seen[identifier].evidence


def _report(issue: Issue, evidence: list[Evidence]) -> IssueReport:
    return IssueReport(
        id=issue.id,
        title=issue.title,
        category=issue.category,
        severity=issue.severity,
        causes_risk=issue.causes_risk,
        problem=issue.problem,
        next_steps=list(issue.next_steps),
        evidence=sorted(evidence, key=lambda one: one.time)[:_MAX_EVIDENCE],
    )
