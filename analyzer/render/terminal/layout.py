"""The few shapes that the terminal summary is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from analyzer.render.text import safe_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderableType

DIM: Final = "dim"
SEVERITY_STYLES: Final = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}
STATUS_STYLES: Final = {
    "complete": "bold green",
    "incomplete": "bold yellow",
    "failed": "bold red",
    "timeout": "bold yellow",
    "skipped": "dim",
}

_WORD = 80
_LABEL = 10
_NARROWEST = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph with a hanging label before it: all lines of `text` start in the same column, none ends in spaces.

    The texts have to be safe already; `indent` counts columns before the label.
    """

    text: Text
    label: Text
    indent: int = 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """Wrap to the width that there is; a word that is longer than a line is broken."""
        column = self.indent + self.label.cell_len
        lead = Text.assemble(" " * self.indent, self.label)
        for part in self.text.wrap(console, max(options.max_width - column, _NARROWEST), overflow="fold"):
            part.rstrip()
            yield Text.assemble(lead, part)
            lead = Text(" " * column)


def words(text: str) -> str:
    """A short field, such as a name or a version, made safe."""
    return safe_text(text, _WORD)


def heading(title: str, rest: str = "") -> RenderableType:
    """A section's heading after an empty line, with what is said beside it."""
    return Group(Text(), paragraph(0, rest, Text(f"{title}  " if rest else title, "bold")))


def paragraph(indent: int, text: Text | str, label: Text | str = "") -> Line:
    """A paragraph, with a label that is as wide as it is."""
    return Line(Text(text) if isinstance(text, str) else text, Text(label) if isinstance(label, str) else label, indent)


def labelled(label: str, text: Text | str, style: str = DIM, indent: int = 2) -> Line:
    """A paragraph with a label in the column that all labels share."""
    return paragraph(indent, text, Text(f"{label:<{_LABEL}}", style))


def bounded(rows: Sequence[tuple[str, str]], most: int, noun: str) -> list[RenderableType]:
    """At most some rows of label and text, and how many more there are."""
    lines: list[RenderableType] = [labelled(label, text) for label, text in rows[:most]]
    if len(rows) > most:
        lines.append(labelled("", Text(f"… and {len(rows) - most:,} more {noun}", style=DIM)))
    return lines
