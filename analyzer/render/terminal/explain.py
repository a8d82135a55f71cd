"""From a behavior of a report to the rules that named it, to the events, to the raw lines of the trace."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from analyzer.render.selection import start_of
from analyzer.render.terminal.layout import DIM, heading, labelled, paragraph
from analyzer.render.terminal.summary import ACTORS
from analyzer.render.terminal.taxonomy import describe_behavior, rule_lines, rules_of
from analyzer.render.text import safe_text
from analyzer.render.units import list_text, offset_text, plural
from analyzer.render.wording import moment

if TYPE_CHECKING:
    from rich.console import RenderableType

    from analyzer.model.report import BehaviorReport, Evidence, Report, TraceSource
    from analyzer.rules.loader import Ruleset

_INDENT = 4
_RAW = 1000


def explain(report: Report, found: BehaviorReport, rules: Ruleset, most: int) -> Group:
    """Why the report has a behavior; at most so many pieces of evidence of each rule."""
    lines: list[RenderableType] = []
    if found.id in rules.taxonomy:
        lines += describe_behavior(rules.taxonomy[found.id])
    else:
        lines.append(paragraph(0, Text(safe_text(f"{found.title}  {found.id}", 300), "bold")))
    lines += [Text(), paragraph(0, _summary(report, found))]
    known = {label: (rule, origin) for label, rule, origin in rules_of(found.id, rules)}
    start = start_of(report)
    for label, evidences in groupby(sorted(found.evidence, key=lambda one: (one.rule, one.time)), lambda one: one.rule):
        if label in known:
            rule, origin = known[label]
            lines += [heading(f"rule {label}", origin), *rule_lines(rule)]
        else:
            lines.append(
                heading(
                    safe_text(f"rule {label}" if label else "rule unknown", 100), "not among the rules of this version"
                )
            )
        every = list(evidences)
        for evidence in every[:most]:
            lines += [Text(), *_evidence(evidence, start)]
        if len(every) > most:
            lines += [Text(), paragraph(_INDENT, Text(f"… and {len(every) - most:,} more in the report", DIM))]
    return Group(*lines)


def _summary(report: Report, found: BehaviorReport) -> str:
    package = safe_text(f"{report.package.name} {report.package.version}", 160)
    actors = list_text([ACTORS[actor] for actor in found.attribution])
    how = "attempted" if found.outcome == "attempted" else "seen"
    return (
        f"{package}: {how} {plural(found.count, 'time')} in {list_text(list(found.phases))}, by {actors}, "
        f"witnessed by {list_text(list(found.witnesses))}"
    )


def _evidence(evidence: Evidence, start: float) -> list[RenderableType]:
    by = safe_text(f"{evidence.process} {evidence.pid or ''}".strip(), 80)
    lines: list[RenderableType] = [
        paragraph(_INDENT, safe_text(evidence.detail, _RAW), "- "),
        labelled(
            "when",
            f"{moment(evidence.phase, evidence.during)}, {offset_text(evidence.time - start)}, {evidence.outcome}",
            indent=_INDENT + 2,
        ),
    ]
    if by:
        lines.append(labelled("process", by, indent=_INDENT + 2))
    if evidence.location is not None:
        at = evidence.location
        lines.append(labelled("code", safe_text(f"{at.file}:{at.line}", 400), indent=_INDENT + 2))
    for event in evidence.before:
        lines.append(labelled("after", safe_text(f"{event.event} {event.detail}", _RAW), indent=_INDENT + 2))
        lines += _raw(event.source)
    return [*lines, *_raw(evidence.source)]


def _raw(source: TraceSource) -> list[RenderableType]:
    """Where the raw line stands in the record, and the line."""
    if not source.line:
        return [labelled("trace", safe_text(source.file, 200), indent=_INDENT + 2)]
    lines: list[RenderableType] = [
        labelled("trace", safe_text(f"{source.file}:{source.line}", 200), indent=_INDENT + 2)
    ]
    if source.text:
        lines.append(labelled("", Text(safe_text(source.text, _RAW), DIM), indent=_INDENT + 2))
    return lines
