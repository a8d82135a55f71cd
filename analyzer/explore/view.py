"""How what the session says and what is observed share the user's terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from analyzer.explore.screen import PLAIN, Screen
from analyzer.explore.wording import Line

_STYLES = {"critical": "\x1b[1;31m", "high": "\x1b[1;31m", "medium": "\x1b[33m"}


class View(Protocol):
    """One way to share it. Each method gives what is to be written to the terminal: text that is safe already."""

    def start(self) -> str:
        """The session begins. The terminal shows what it showed before."""

    def resize(self, rows: int, columns: int) -> str:
        """The user's terminal has another size; `screen` has the session's part of it afterwards."""

    def passing(self, text: str) -> str:
        """The session said this, which went through the filter."""

    def show(self, lines: Sequence[Line]) -> str:
        """These were observed."""

    def tick(self) -> str:
        """Some tenths of a second have passed."""

    def finish(self) -> str:
        """The session is over, and the terminal is as before, with the cursor in the first column of a line."""


class Unshared:
    """Nothing is shown beside the session."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._at_begin = True

    def start(self) -> str:
        """Nothing has to be prepared."""
        return ""

    def resize(self, rows: int, columns: int) -> str:
        """The session has all of it."""
        self._screen.resize(rows, columns)
        return ""

    def passing(self, text: str) -> str:
        """As it is."""
        if text:
            self._at_begin = text.endswith("\n")
        return text

    def show(self, lines: Sequence[Line]) -> str:
        """Not here."""
        del lines
        return ""

    def tick(self) -> str:
        """Nothing waits."""
        return ""

    def finish(self) -> str:
        """Takes back what programs have set."""
        return cleared(self._screen) + ("" if self._at_begin else "\r\n")


def cleared(screen: Screen) -> str:
    """Everything that programs have set is taken back; the cursor stays where it is."""
    return f"{screen.usual()}\x1b7\x1b[r\x1b8"


def styled(line: Line, text: str) -> str:
    """Its text in the color of its severity."""
    style = _STYLES.get(line.severity, "")
    return f"{style}{text}{PLAIN}" if style else text
