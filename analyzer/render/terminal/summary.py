"""The summary that `analyze` prints: completeness first, then what the package did, then the rest in short.

Every piece of text goes through `safe_text` into rich `Text`, never through rich's markup, and all meaning is in words,
so that the summary says the same without colour, in a log, and to a screen reader.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from analyzer.render.prevalence import anomaly_text, prevalence_word
from analyzer.render.selection import by_category, count_severities, severity_rank, telling_evidence, unusual
from analyzer.render.terminal.activity import files_left, processes_seen, usage_seen
from analyzer.render.terminal.circumstances import circumstances
from analyzer.render.terminal.content import content_seen
from analyzer.render.terminal.issues import issues_seen
from analyzer.render.terminal.layout import DIM, SEVERITY_STYLES, STATUS_STYLES, heading, labelled, paragraph, words
from analyzer.render.terminal.network import network_seen
from analyzer.render.terminal.project import project_seen
from analyzer.render.terminal.verdict import verdict_seen
from analyzer.render.text import safe_text
from analyzer.render.units import list_text
from analyzer.render.wording import moment, place

if TYPE_CHECKING:
    from rich.console import RenderableType

    from analyzer.model.report import Anomaly, BehaviorReport, Evidence, Report

EVIDENCES = 3
"""Evidences that are shown of one behavior."""

ACTORS = {
    "package": "the package",
    "dependency": "a dependency",
    "installer": "the installer",
    "interpreter": "the interpreter",
}

_PROOFS = {
    "complete": "",
    "incomplete": " The run is incomplete, so this proves nothing.",
    "failed": " The run failed, so this proves nothing.",
}

_REASONS = 5
_ANOMALIES = 2
_SLIGHT = frozenset({"low", "info"})
_INDENT = 4
_EVIDENCE_INDENT = 14


def summarize(report: Report) -> Group:
    """The report as a renderable, for a console of any width from 60 columns on."""
    foremost: list[RenderableType] = [
        *verdict_seen(report.verdict),
        *issues_seen(report),
        *project_seen(report.project),
        *content_seen(report.content),
    ]
    run: list[RenderableType] = [
        *([heading("Run")] if foremost else []),
        *circumstances(report),
        *_behaviors(report),
        *network_seen(report.network),
        *files_left(report.files),
        *processes_seen(report.processes),
        *usage_seen(report.sandbox.usage),
    ]
    return Group(_headline(report), *foremost, *run)


def _headline(report: Report) -> RenderableType:
    package, completeness = report.package, report.completeness
    reasons = [safe_text(reason, 200) for reason in completeness.reasons[:_REASONS]]
    if len(completeness.reasons) > _REASONS:
        reasons.append(f"… and {len(completeness.reasons) - _REASONS:,} more reasons")
    text = Text.assemble((f"{words(package.name)} {words(package.version)} ", "bold"))
    text.append(completeness.status.upper(), STATUS_STYLES[completeness.status])
    return paragraph(0, text.append(": " + "; ".join(reasons) if reasons else ""))


def _behaviors(report: Report) -> list[RenderableType]:
    if not report.behaviors:
        proof = _PROOFS[report.completeness.status]
        return [heading("Behaviors"), paragraph(2, f"No behavior of the package was observed.{proof}")]
    counts = list_text([f"{count} {severity}" for severity, count in count_severities(report)])
    lines: list[RenderableType] = [heading("Behaviors", f"{len(report.behaviors)} observed: {counts}")]
    in_short: list[BehaviorReport] = []
    anomalies = unusual(report)
    for category, behaviors in by_category(report):
        at_length = [one for one in behaviors if not _is_told_in_short(one)]
        in_short += [one for one in behaviors if _is_told_in_short(one)]
        if at_length:
            lines.append(paragraph(2, Text(words(category), "bold")))
        for behavior in at_length:
            lines += _behavior(behavior, anomalies.get(behavior.id, []))
    return lines + _in_short(in_short)


def _is_told_in_short(behavior: BehaviorReport) -> bool:
    """What a package is there for, such as to fetch what it is told to, is not what its reader looks for first."""
    return behavior.called_only and behavior.severity in _SLIGHT


def _in_short(behaviors: list[BehaviorReport]) -> list[RenderableType]:
    """A line for each, without evidence, which `fumehood explain` and the other formats have."""
    lines: list[RenderableType] = []
    if behaviors:
        lines.append(paragraph(2, Text.assemble(("only when called with made-up arguments", "bold"))))
    for one in sorted(behaviors, key=lambda one: severity_rank(one.severity)):
        rest = " · ".join(part for part in (words(one.id), _times(one), prevalence_word(one.prevalence)) if part)
        text = Text.assemble(safe_text(one.title, 200), (f" · {rest}", DIM))
        lines.append(labelled(one.severity, text, SEVERITY_STYLES[one.severity], _INDENT))
    return lines


def _times(behavior: BehaviorReport) -> str:
    return "once" if behavior.count == 1 else f"{behavior.count:,} times"


def _behavior(behavior: BehaviorReport, anomalies: list[Anomaly]) -> list[RenderableType]:
    chosen = telling_evidence(behavior, EVIDENCES)
    lines: list[RenderableType] = [
        labelled(
            behavior.severity, Text(safe_text(behavior.title, 200), "bold"), SEVERITY_STYLES[behavior.severity], _INDENT
        ),
        paragraph(_EVIDENCE_INDENT, Text(_meta(behavior), DIM)),
    ]
    # What is rare among all packages is said by the prevalence in the line above.
    told = [one for one in anomalies if one.kind != "any" or behavior.prevalence is None]
    lines += [paragraph(_EVIDENCE_INDENT, Text(anomaly_text(one), "yellow")) for one in told[:_ANOMALIES]]
    lines += [paragraph(_EVIDENCE_INDENT, _evidence(evidence), "- ") for evidence in chosen]
    if behavior.count > len(chosen):
        lines.append(paragraph(_EVIDENCE_INDENT, Text(f"… and {behavior.count - len(chosen):,} more", DIM)))
    return lines


def _meta(behavior: BehaviorReport) -> str:
    parts = [
        words(behavior.id),
        _times(behavior),
        ", ".join(behavior.phases),
    ]
    if behavior.outcome == "attempted":
        parts.append("attempted without success")
    if behavior.called_only:
        parts.append("only when called")
    if behavior.later_only:
        parts.append("only at a later date")
    if behavior.attribution != ["package"]:
        parts.append(f"by {list_text([ACTORS[actor] for actor in behavior.attribution]) or 'an unknown actor'}")
    alone = behavior.witnesses == ["interpreter"]
    parts.append("seen by the interpreter probe alone" if alone else f"seen by {', '.join(behavior.witnesses)}")
    return " · ".join(parts + [word for word in [prevalence_word(behavior.prevalence)] if word])


def _evidence(evidence: Evidence) -> Text:
    by = f"{safe_text(evidence.process, 40)} {evidence.pid or ''}".strip()
    context = ", ".join(
        part for part in (place(evidence.location), moment(evidence.phase, evidence.during), by) if part
    )
    return Text.assemble(safe_text(evidence.detail, 240), (f" ({context})", DIM))
