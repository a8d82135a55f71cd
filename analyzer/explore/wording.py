"""An observation as one line of text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from analyzer.render.text import safe_text

_MOST: Final = 300


@dataclass(frozen=True, slots=True)
class Line:
    """One line, safe to be shown, and how severe it is."""

    severity: str
    text: str


def line_of(severity: str, clock: str, title: str, *rest: str) -> Line:
    """The line of an observation. What stands in `rest` may be the package's to choose; what is empty is left out."""
    words = " · ".join(safe_text(one, _MOST) for one in rest if one)
    head = f"{clock} {severity:<8} {safe_text(title, _MOST)}"
    return Line(severity, f"{head} · {words}" if words else head)
