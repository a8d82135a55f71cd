"""A corpus in the terminal: how many packages it has, what became of those that were to be added, how usual one thing is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from analyzer.render.prevalence import prevalence_groups, prevalence_label, seen_text
from analyzer.render.terminal.layout import labelled, paragraph
from analyzer.render.text import safe_text
from analyzer.render.units import plural

if TYPE_CHECKING:
    from rich.console import RenderableType

    from analyzer.model.prevalence import CorpusUse, Prevalence

_NAME = 100
_TOLD = 400
_HOW_STYLES = {"added": "green", "there": "dim", "left out": "yellow", "failed": "bold red"}


def show_corpus(name: str, use: CorpusUse, reports: int, prevalence: Prevalence, ranks: str) -> Group:
    """Packages by group, reports, and days. `prevalence` is of anything: its groups tell of how many packages."""
    lines: list[RenderableType] = [
        paragraph(0, f"{plural(use.packages, 'package')}, {plural(reports, 'report')}", Text("Corpus  ", "bold")),
        labelled("in", safe_text(name, _TOLD)),
    ]
    if use.packages:
        lines.append(labelled("analysed", use.first if use.first == use.last else f"from {use.first} to {use.last}"))
    lines += [labelled(group.lower(), f"{plural(seen.of, 'package')}") for group, seen in prevalence_groups(prevalence)]
    return Group(*lines, labelled("ranks", f"of {ranks}"))


def show_prevalence(identifier: str, prevalence: Prevalence) -> Group:
    """In how many packages of each group a behavior or an issue was seen."""
    return Group(
        paragraph(0, prevalence_label(prevalence), Text(f"{safe_text(identifier, _NAME)}  ", "bold")),
        *(labelled(group.lower(), seen_text(seen)) for group, seen in prevalence_groups(prevalence)),
    )


def show_outcome(target: str, how: str, told: str) -> RenderableType:
    """What became of one package, in one line."""
    text = Text(safe_text(told, _TOLD))
    return paragraph(
        0, text, Text(f"{how:<9}", _HOW_STYLES.get(how, "none")).append(f"{safe_text(target, _NAME)}  ", "none")
    )
