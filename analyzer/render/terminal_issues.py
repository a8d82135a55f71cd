"""The issues of a report in the terminal: first of what is told, since they say what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from analyzer.render.selection import varied_evidence
from analyzer.render.terminal_layout import DIM, SEVERITY_STYLES, heading, labelled, paragraph, words
from analyzer.render.text import safe_text
from analyzer.render.units import plural
from analyzer.render.wording import led, moment, place

if TYPE_CHECKING:
    from rich.console import RenderableType

    from analyzer.issues import Issue
    from analyzer.model.report import Evidence, IssueReport, PrecedingEvent, Report

EVIDENCES = 5
"""Evidences that are shown of one issue in the summary."""

_TEXT = 1000
_INDENT = 2
_BESIDE = 12


def issues_seen(report: Report) -> list[RenderableType]:
    """The section of the summary; nothing where there is no issue."""
    if not report.issues:
        return []
    lines: list[RenderableType] = [heading("Issues", f"{len(report.issues)} found")]
    for issue in report.issues:
        lines += [*_title(issue), *_evidences(issue, EVIDENCES)]
        lines += [
            paragraph(_BESIDE, safe_text(step, _TEXT), f"{number}. ") for number, step in enumerate(issue.next_steps, 1)
        ]
    return lines


def describe_issue(issue: Issue | IssueReport) -> list[RenderableType]:
    """An issue's meaning and what to do, without evidence."""
    lines: list[RenderableType] = [
        paragraph(0, Text.assemble((safe_text(issue.title, 200), "bold"), ("  " + words(issue.id), DIM))),
        paragraph(2, safe_text(issue.problem, _TEXT)),
        labelled("severity", Text(issue.severity, SEVERITY_STYLES[issue.severity])),
        labelled("risk", safe_text(issue.causes_risk, 400)),
    ]
    return lines + [
        labelled("next" if number == 0 else "", safe_text(step, _TEXT)) for number, step in enumerate(issue.next_steps)
    ]


def show_issue(issue: Issue) -> Group:
    """All that is known of an issue, with the behaviors on which it rests."""
    return Group(*describe_issue(issue), labelled("rests on", ", ".join(issue.behaviors)))


def explain_issues(issues: list[IssueReport], most: int) -> Group:
    """Issues of a report with at most so many pieces of evidence each."""
    lines: list[RenderableType] = []
    for issue in issues:
        lines += [
            *([Text()] if lines else []),
            *describe_issue(issue),
            heading("Evidence", plural(len(issue.evidence), "piece")),
        ]
        lines += _evidences(issue, most)
    return Group(*lines)


def _title(issue: IssueReport) -> list[RenderableType]:
    return [
        labelled(issue.severity, Text(safe_text(issue.title, 200), "bold"), SEVERITY_STYLES[issue.severity], _INDENT),
        paragraph(_BESIDE, Text(f"{words(issue.id)} · causes risk: {words(issue.causes_risk)}", DIM)),
        paragraph(_BESIDE, safe_text(issue.problem, _TEXT)),
    ]


def _evidences(issue: IssueReport, most: int) -> list[RenderableType]:
    lines: list[RenderableType] = [
        paragraph(_BESIDE, _evidence(one), "- ") for one in varied_evidence(issue.evidence, most)
    ]
    if len(issue.evidence) > most:
        lines.append(paragraph(_BESIDE, Text(f"… and {len(issue.evidence) - most:,} more", DIM)))
    return lines


def _evidence(evidence: Evidence) -> Text:
    """What happened, and the lines of code from the first event to the last."""
    by = f"{safe_text(evidence.process, 40)} {evidence.pid or ''}".strip()
    path = [_step(one) for one in evidence.before]
    last = f"then at {safe_text(place(evidence.location), 160)}" if evidence.location is not None else ""
    context = ", ".join(part for part in (*path, last, moment(evidence.phase, evidence.during), by) if part)
    return Text.assemble(safe_text(evidence.detail, 400), (f" ({context})", DIM))


def _step(event: PrecedingEvent) -> str:
    at = f" at {safe_text(place(event.location), 160)}" if event.location is not None else ""
    return f"{words(led(event.event))}{at}"
