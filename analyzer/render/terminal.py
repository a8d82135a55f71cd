"""The summary that `analyze` prints: completeness first, then what the package did, then the rest in short.

Every piece of text goes through `safe_text` into rich `Text`, never through rich's markup, and all meaning is in words,
so that the summary says the same without colour, in a log, and to a screen reader.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from analyzer.render.selection import by_category, count_severities, telling_evidence
from analyzer.render.terminal_activity import files_left, network_seen, processes_seen, usage_seen
from analyzer.render.terminal_layout import DIM, SEVERITY_STYLES, STATUS_STYLES, heading, labelled, paragraph, words
from analyzer.render.text import safe_text
from analyzer.render.units import list_text, plural, seconds_text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from analyzer.model.report import BehaviorReport, Evidence, Report, SandboxFacts

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
_INDENT = 4
_EVIDENCE_INDENT = 14


def summarize(report: Report) -> Group:
    """The report as a renderable, for a console of any width from 60 columns on."""
    sections: list[RenderableType] = [_headline(report), *_circumstances(report), *_behaviors(report)]
    sections += [*network_seen(report.network), *files_left(report.files)]
    return Group(*sections, *processes_seen(report.processes), *usage_seen(report.sandbox.usage))


def _headline(report: Report) -> RenderableType:
    package, completeness = report.package, report.completeness
    reasons = [safe_text(reason, 200) for reason in completeness.reasons[:_REASONS]]
    if len(completeness.reasons) > _REASONS:
        reasons.append(f"… and {len(completeness.reasons) - _REASONS:,} more reasons")
    text = Text.assemble((f"{words(package.name)} {words(package.version)} ", "bold"))
    text.append(completeness.status.upper(), STATUS_STYLES[completeness.status])
    return paragraph(0, text.append(": " + "; ".join(reasons) if reasons else ""))


def _limits(sandbox: SandboxFacts) -> list[RenderableType]:
    """What could not be seen; of behaviors only the names, since `fumehood taxonomy` tells the rest."""
    lines: list[RenderableType] = [
        labelled("not seen", safe_text(one.text, 300)) for one in sandbox.limits if not one.behavior
    ]
    less = [words(one.behavior) for one in sandbox.limits if one.behavior]
    if less:
        lines.append(labelled("sees less", f"tracer {words(sandbox.tracer)}: {', '.join(less)}"))
    return lines


def _circumstances(report: Report) -> list[RenderableType]:
    sandbox, completeness = report.sandbox, report.completeness
    where = f"{words(sandbox.backend)} ({words(sandbox.runtime)}), tracer {words(sandbox.tracer)}, "
    where += f"Python {words(sandbox.python)}, network {words(sandbox.network)}"
    seen = plural(completeness.events, "event") + (
        f", {completeness.dropped:,} more lost" if completeness.dropped else ""
    )
    lines: list[RenderableType] = [labelled("ran in", where)]
    if sandbox.tracer_note:
        lines.append(labelled("tracer", safe_text(sandbox.tracer_note, 300)))
    lines.append(labelled("seen", seen))
    lines += _limits(sandbox)
    fine = [f"{phase.name} {seconds_text(phase.duration_seconds)}" for phase in report.phases if phase.status == "ok"]
    lines += [labelled("phases", ", ".join(fine))] if fine else []
    for phase in report.phases:
        if phase.status != "ok":
            text = Text(phase.status, STATUS_STYLES[phase.status])
            text.append(f" after {seconds_text(phase.duration_seconds)}" if phase.status != "skipped" else "", "none")
            text.append(f": {safe_text(phase.detail, 200)}" if phase.detail else "", "none")
            lines.append(labelled(phase.name, text))
    return lines


def _behaviors(report: Report) -> list[RenderableType]:
    if not report.behaviors:
        proof = _PROOFS[report.completeness.status]
        return [heading("Behaviors"), paragraph(2, f"No behavior of the package was observed.{proof}")]
    counts = list_text([f"{count} {severity}" for severity, count in count_severities(report)])
    lines: list[RenderableType] = [heading("Behaviors", f"{len(report.behaviors)} observed: {counts}")]
    for category, behaviors in by_category(report):
        lines.append(paragraph(2, Text(words(category), "bold")))
        for behavior in behaviors:
            lines += _behavior(behavior)
    return lines


def _behavior(behavior: BehaviorReport) -> list[RenderableType]:
    chosen = telling_evidence(behavior, EVIDENCES)
    lines: list[RenderableType] = [
        labelled(
            behavior.severity, Text(safe_text(behavior.title, 200), "bold"), SEVERITY_STYLES[behavior.severity], _INDENT
        ),
        paragraph(_EVIDENCE_INDENT, Text(_meta(behavior), DIM)),
    ]
    lines += [paragraph(_EVIDENCE_INDENT, _evidence(evidence), "- ") for evidence in chosen]
    if behavior.count > len(chosen):
        lines.append(paragraph(_EVIDENCE_INDENT, Text(f"… and {behavior.count - len(chosen):,} more", DIM)))
    return lines


def _meta(behavior: BehaviorReport) -> str:
    parts = [
        words(behavior.id),
        "once" if behavior.count == 1 else f"{behavior.count:,} times",
        ", ".join(behavior.phases),
    ]
    if behavior.outcome == "attempted":
        parts.append("attempted without success")
    if behavior.attribution != ["package"]:
        parts.append(f"by {list_text([ACTORS[actor] for actor in behavior.attribution]) or 'an unknown actor'}")
    alone = behavior.witnesses == ["interpreter"]
    parts.append("seen by the interpreter probe alone" if alone else f"seen by {', '.join(behavior.witnesses)}")
    return " · ".join(parts)


def _evidence(evidence: Evidence) -> Text:
    by = f"{safe_text(evidence.process, 40)} {evidence.pid or ''}".strip()
    at = evidence.location
    # Behind the folder in which everything is installed, the path is as short as the package's author knows it.
    code = f"{safe_text(at.file.rpartition('/site-packages/')[2], 160)}:{at.line}" if at is not None else ""
    context = ", ".join(part for part in (code, evidence.phase, by) if part)
    return Text.assemble(safe_text(evidence.detail, 240), (f" ({context})", DIM))
