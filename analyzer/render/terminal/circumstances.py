"""The first part of the terminal summary: where it ran, what was seen, how far the run got, and how its phases went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from analyzer.render.directed import direction_place, exploration_text, reached_words
from analyzer.render.prevalence import corpus_text
from analyzer.render.terminal.layout import STATUS_STYLES, labelled, words
from analyzer.render.text import safe_text
from analyzer.render.units import plural, seconds_text
from analyzer.render.wording import clock_text, left_out, limit_amount, limit_name, near_limits, reached

if TYPE_CHECKING:
    from rich.console import RenderableType

    from analyzer.model.report import Completeness, Report, SandboxFacts

_COMMANDS = 8
_PLACES = 12


def circumstances(report: Report) -> list[RenderableType]:
    """Some lines with labels, each only where there is something to say."""
    sandbox = report.sandbox
    where = f"{words(sandbox.backend)} ({words(sandbox.runtime)}), tracer {words(sandbox.tracer)}, "
    where += f"Python {words(sandbox.python)}, network {words(sandbox.network)}"
    lines: list[RenderableType] = [labelled("ran in", where)]
    if sandbox.tracer_note:
        lines.append(labelled("tracer", safe_text(sandbox.tracer_note, 300)))
    if sandbox.clock is not None:
        lines.append(labelled("clock", clock_text(sandbox.clock)))
    if report.corpus is not None:
        lines.append(labelled("corpus", corpus_text(report.corpus)))
    missing = left_out(report)
    cut = [labelled("cut", f"{missing}: the report would be too large")] if missing else []
    return [*lines, *_seen(report.completeness), *cut, *_limits(sandbox), *_phases(report), *_directed(report)]


def _seen(completeness: Completeness) -> list[RenderableType]:
    lost = f", {completeness.dropped:,} more lost" if completeness.dropped else ""
    return [labelled("seen", plural(completeness.events, "event") + lost)]


def _limits(sandbox: SandboxFacts) -> list[RenderableType]:
    """What could not be seen; of behaviors only the names, since `fumehood taxonomy` tells the rest."""
    lines: list[RenderableType] = [
        labelled("not seen", safe_text(one.text, 300)) for one in sandbox.limits if not one.behavior
    ]
    less = [words(one.behavior) for one in sandbox.limits if one.behavior]
    if less:
        lines.append(labelled("sees less", f"tracer {words(sandbox.tracer)}: {', '.join(less)}"))
    return lines


def _phases(report: Report) -> list[RenderableType]:
    lines: list[RenderableType] = []
    fine = [f"{phase.name} {seconds_text(phase.duration_seconds)}" for phase in report.phases if phase.status == "ok"]
    lines += [labelled("phases", ", ".join(fine))] if fine else []
    for phase in report.phases:
        if phase.status != "ok":
            text = Text(phase.status, STATUS_STYLES[phase.status])
            text.append(f" after {seconds_text(phase.duration_seconds)}" if phase.status != "skipped" else "", "none")
            text.append(f": {safe_text(phase.detail, 200)}" if phase.detail else "", "none")
            lines.append(labelled(phase.name, text))
    far = reached(report.coverage)
    lines += [labelled("reached", far)] if far else []
    return [*lines, *_near(report.completeness), *_missing(report.completeness)]


def _directed(report: Report) -> list[RenderableType]:
    """What somebody did by hand, and how far the run came to the places that it was directed at."""
    lines: list[RenderableType] = []
    if report.exploration is not None:
        lines.append(labelled("explored", f"by hand: {exploration_text(report.exploration)}"))
    for at, one in enumerate(report.directions[:_PLACES]):
        rest = "".join(
            [
                f" ({safe_text(one.during, 80)})" if one.during else "",
                f": {safe_text(one.detail, 200)}" if one.detail else "",
            ]
        )
        lines.append(labelled("" if at else "directed", f"{direction_place(one)}: {reached_words(one)}{rest}"))
    if len(report.directions) > _PLACES:
        lines.append(labelled("", Text(f"… and {len(report.directions) - _PLACES:,} more places", "dim")))
    return lines


def _near(completeness: Completeness) -> list[RenderableType]:
    near = [f"{limit_name(use.name)} {limit_amount(use)}" for use in near_limits(completeness)]
    return [labelled("limits", ", ".join(near))] if near else []


def _missing(completeness: Completeness) -> list[RenderableType]:
    """The commands that the package looked for in vain."""
    names = [words(one.name) for one in completeness.commands_missing]
    more = f", … and {len(names) - _COMMANDS:,} more" if len(names) > _COMMANDS else ""
    return [labelled("not found", ", ".join(names[:_COMMANDS]) + more)] if names else []
