"""Observations in the terminal's last rows, which the session cannot reach.

The session's programs are told of fewer rows, and only these scroll. What may come below them all the same is painted over at once:
erasing to the end of the screen, and a cursor below scrolling rows that a program has set. Painting keeps the cursor by the terminal's own
means, of which there is one, so that it waits while a program uses that itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from rich.cells import set_cell_size

from analyzer.explore.screen import PLAIN, RESTORE, SAVE, Screen
from analyzer.explore.view import cleared, styled
from analyzer.explore.wording import Line

HEIGHT: Final = 6
"""Rows of the pane: a heading and five observations."""

_LEAST_ROWS: Final = 16
_LEAST_COLUMNS: Final = 50
_PATIENCE: Final = 5
"""How many ticks painting waits for a program that has saved the cursor."""


def fits(rows: int, columns: int) -> bool:
    """Whether a terminal is large enough for a session and a pane."""
    return rows >= _LEAST_ROWS and columns >= _LEAST_COLUMNS


class Pane:
    """The pane. Its heading has the session's name, and then what that is about; both are safe text."""

    def __init__(self, screen: Screen, name: str, about: str) -> None:
        self._screen = screen
        self._name = name
        self._about = about
        self._lines: deque[Line] = deque(maxlen=HEIGHT - 1)
        self._count = 0
        self._waiting = 0

    def start(self) -> str:
        """Makes room: what is in the last rows moves up, and the cursor with it."""
        return self._place()

    def resize(self, rows: int, columns: int) -> str:
        """Moves to the new last rows. What is below the cursor is erased: the old pane, and what programs draw anew anyway."""
        self._screen.resize(rows - HEIGHT, columns)
        return f"{SAVE}\x1b[r{RESTORE}\x1b[J{self._place()}"

    def passing(self, text: str) -> str:
        """The text, and the pane once more where something of that may have come into it."""
        if not self._screen.dirty and not self._screen.astray:
            return text
        return text + self._paint()

    def show(self, lines: Sequence[Line]) -> str:
        """Adds observations below the others."""
        if not lines:
            return ""
        self._lines.extend(lines)
        self._count += len(lines)
        self._waiting = self._waiting or _PATIENCE
        return self._paint() if not self._screen.saved else ""

    def tick(self) -> str:
        """Paints what has waited long enough."""
        if not self._waiting:
            return ""
        self._waiting -= 1
        return self._paint() if not self._waiting or not self._screen.saved else ""

    def finish(self) -> str:
        """The pane is gone, and its rows are empty."""
        screen = self._screen
        return f"{cleared(screen)}{SAVE}\x1b[{screen.rows + 1};1H\x1b[J{RESTORE}\r\n"

    def leave(self) -> str:
        """The pane is gone, as the terminal has become too small for it."""
        return f"{SAVE}\x1b[r{RESTORE}\x1b[J"

    def _place(self) -> str:
        return "\n" * HEIGHT + f"\x1b[{HEIGHT}A" + self._paint()

    def _paint(self) -> str:
        screen = self._screen
        screen.dirty = False
        self._waiting = 0
        width = screen.columns - 1  # the last column would make some terminals wrap
        heading = f" {self._name} · {self._count} observed · {self._about}"
        rows = [f"\x1b[7m{set_cell_size(heading, width)}{PLAIN}"]
        rows += [styled(line, set_cell_size(f" {line.text}", width).rstrip()) for line in self._lines]
        rows += [""] * (HEIGHT - len(rows))
        painted = "".join(f"\x1b[{screen.rows + 1 + n};1H{row}\x1b[K" for n, row in enumerate(rows))
        insert = "\x1b[4h" if screen.insert else ""
        return f"{SAVE}{PLAIN}\x1b(B\x1b[4l{screen.margins}{painted}{RESTORE}{insert}"
