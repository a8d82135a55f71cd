"""The issues of a report in the terminal: first of what is told, since they say what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from analyzer.render.grounds import evidence_heading, fact_place, facts_by_source
from analyzer.render.prevalence import prevalence_word
from analyzer.render.selection import varied_evidence
from analyzer.render.terminal.layout import DIM, SEVERITY_STYLES, heading, labelled, paragraph, words
from analyzer.render.text import safe_text
from analyzer.render.units import plural
from analyzer.render.wording import led, moment, place

if TYPE_CHECKING:
    from rich.console import RenderableType

    from analyzer.issues import Issue, Issues
    from analyzer.model.report import Evidence, Fact, IssueReport, PrecedingEvent, Report

EVIDENCES = 5
"""Pieces of evidence that are shown of one issue in the summary, and facts of each source."""

_FINDINGS = {
    "url.suspicious-tld": "an address in a suspicious top-level domain in the files",
    "url.nonstandard-port": "an address with a non-standard port in the files",
    "url.interesting-format": "an address of a program, script or archive in the files",
    "secret": "an access token in the files",
    "license.copyleft": "a copyleft licence in the metadata or the files",
    "license.restricted": "a licence with limits to use or distribution in the metadata or the files",
    "project.rare": "a project that hardly anybody uses",
    "project.vulnerable": "a published vulnerability of the version",
    "run.incomplete": "a run that is not complete",
}

_TEXT = 1000
_INDENT = 2
_BESIDE = 12


def issues_seen(report: Report) -> list[RenderableType]:
    """The section of the summary; nothing where there is no issue."""
    if not report.issues:
        return []
    lines: list[RenderableType] = [heading("Issues", f"{len(report.issues)} found")]
    for issue in report.issues:
        lines += [*_title(issue), *_grounds(issue, EVIDENCES)]
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
    """All that is known of an issue, with the behaviors and findings on which it rests."""
    return Group(*describe_issue(issue), *_rests_on(issue))


def list_issues(issues: Issues) -> Group:
    """All issues by category, with what they rest on in words."""
    lines: list[RenderableType] = []
    for category, description in issues.categories.items():
        lines.append(heading(words(category), words(description)))
        for issue in (one for one in issues if one.category == category):
            style = SEVERITY_STYLES[issue.severity]
            lines.append(labelled(issue.severity, Text.assemble(issue.title, (f"  {issue.id}", DIM)), style))
    return Group(
        *lines, Text(), paragraph(0, f"{plural(len(issues), 'issue')}; `fumehood explain ID` tells all of one")
    )


def explain_issues(issues: list[IssueReport], most: int) -> Group:
    """Issues of a report with at most so many pieces of evidence each, and facts of each source."""
    lines: list[RenderableType] = []
    for issue in issues:
        lines += [*([Text()] if lines else []), *describe_issue(issue)]
        for title, facts in facts_by_source(issue):
            lines += [heading(title, plural(len(facts), "fact")), *_facts(facts, most)]
        if issue.evidence:
            lines += [heading(evidence_heading(issue), plural(len(issue.evidence), "piece")), *_evidences(issue, most)]
    return Group(*lines)


def _rests_on(issue: Issue) -> list[RenderableType]:
    """Everything that shows an issue, and when a behavior does."""
    parts: list[str] = []
    if issue.behaviors:
        when = f"; seen in {' or '.join(issue.phases)}" if issue.phases else ""
        whom = f"; done by {' or '.join(issue.attribution)}" if issue.attribution else ""
        parts.append(", ".join(issue.behaviors) + when + whom)
    parts += [_FINDINGS[kind] for kind in issue.findings]
    return [labelled("rests on" if number == 0 else "or", text) for number, text in enumerate(parts)]


def _title(issue: IssueReport) -> list[RenderableType]:
    usual = prevalence_word(issue.prevalence)
    meta = [words(issue.id), f"causes risk: {words(issue.causes_risk)}", *([usual] if usual else [])]
    return [
        labelled(issue.severity, Text(safe_text(issue.title, 200), "bold"), SEVERITY_STYLES[issue.severity], _INDENT),
        paragraph(_BESIDE, Text(" · ".join(meta), DIM)),
        paragraph(_BESIDE, safe_text(issue.problem, _TEXT)),
    ]


def _grounds(issue: IssueReport, most: int) -> list[RenderableType]:
    """What was read, by its source, apart from what was seen happening."""
    lines: list[RenderableType] = []
    for title, facts in facts_by_source(issue):
        lines += [paragraph(_BESIDE, Text(f"{title}:", DIM)), *_facts(facts, most)]
    if issue.evidence:
        lines += [paragraph(_BESIDE, Text(f"{evidence_heading(issue)}:", DIM)), *_evidences(issue, most)]
    return lines


def _facts(facts: list[Fact], most: int) -> list[RenderableType]:
    lines: list[RenderableType] = [paragraph(_BESIDE, _fact(one), "- ") for one in facts[:most]]
    return lines + _more(len(facts) - most)


def _fact(fact: Fact) -> Text:
    at = fact_place(fact)
    return Text.assemble(safe_text(fact.detail, 400), (f" ({at})" if at else "", DIM))


def _more(count: int) -> list[RenderableType]:
    return [paragraph(_BESIDE, Text(f"… and {count:,} more", DIM))] if count > 0 else []


def _evidences(issue: IssueReport, most: int) -> list[RenderableType]:
    lines: list[RenderableType] = [
        paragraph(_BESIDE, _evidence(one), "- ") for one in varied_evidence(issue.evidence, most)
    ]
    return lines + _more(len(issue.evidence) - most)


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
