"""Observations as lines between those of the session, where there is no room for a pane or none is wanted."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from rich.cells import set_cell_size

from analyzer.explore.screen import PLAIN, Screen
from analyzer.explore.view import Unshared, styled
from analyzer.explore.wording import Line

_MOST_WAITING: Final = 100
_MOST_LINE: Final = 4096
"""Characters of the session's unfinished line that are written again below an observation."""


class Lines(Unshared):
    """Each observation gets a line of its own; the prompt or whatever else was begun is written again below it.

    While a program has the other screen (an editor, a pager), they wait.
    """

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self._waiting: deque[Line] = deque(maxlen=_MOST_WAITING)
        self._missed = 0
        self._line = ""

    def passing(self, text: str) -> str:
        """As it is, and what was begun last is remembered."""
        super().passing(text)
        _, newline, rest = text.rpartition("\n")
        self._line = (rest if newline else self._line + rest)[: _MOST_LINE + 1]
        return text

    def show(self, lines: Sequence[Line]) -> str:
        """At once, where no program has the screen."""
        self._missed += max(0, len(self._waiting) + len(lines) - _MOST_WAITING)
        self._waiting.extend(lines)
        return self.tick()

    def tick(self) -> str:
        """What waited for a program that had the screen."""
        if not self._waiting or self._screen.alternate:
            return ""
        begin = "\r\n" if self._line else ""
        rest = self._line if len(self._line) <= _MOST_LINE else ""
        return f"{begin}{PLAIN}{self._shown()}{rest}"

    def finish(self) -> str:
        """Takes back what programs have set, and shows what still waits."""
        end = super().finish()
        self._line = ""
        return end + self._shown()

    def _shown(self) -> str:
        width = max(self._screen.columns - 1, 1)
        rows = [styled(line, set_cell_size(f"* {line.text}", width).rstrip()) for line in self._waiting]
        if self._missed:
            rows.insert(0, f"* {self._missed} earlier observations are only in the report")
        self._waiting.clear()
        self._missed = 0
        return "".join(f"{row}\r\n" for row in rows)
