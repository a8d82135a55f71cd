"""A pane where the terminal has room for one, else lines."""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.explore.lines import Lines
from analyzer.explore.pane import HEIGHT, Pane, fits
from analyzer.explore.screen import Screen
from analyzer.explore.wording import Line


class Adaptive:
    """One of the two, as long as the terminal has its size."""

    def __init__(self, screen: Screen, name: str, about: str) -> None:
        self._screen = screen
        self._pane = Pane(screen, name, about)
        self._lines = Lines(screen)
        self._with_pane = fits(screen.rows, screen.columns)
        if self._with_pane:
            screen.resize(screen.rows - HEIGHT, screen.columns)

    def start(self) -> str:
        """See `View`."""
        return self._view.start()

    def resize(self, rows: int, columns: int) -> str:
        """Changes between the two where the size asks for it."""
        before, self._with_pane = self._with_pane, fits(rows, columns)
        left = self._pane.leave() if before and not self._with_pane else ""
        return left + self._view.resize(rows, columns)

    def passing(self, text: str) -> str:
        """See `View`."""
        return self._view.passing(text)

    def show(self, lines: Sequence[Line]) -> str:
        """See `View`."""
        return self._view.show(lines)

    def tick(self) -> str:
        """See `View`."""
        return self._view.tick()

    def finish(self) -> str:
        """See `View`."""
        return self._view.finish()

    @property
    def _view(self) -> Pane | Lines:
        return self._pane if self._with_pane else self._lines
