"""A terminal emulator, as the judge of what a terminal shows."""

from __future__ import annotations

import re
from pathlib import Path

import pyte

CAPTURES = Path(__file__).parents[2] / "data" / "terminal"
"""What real programs wrote to a terminal of 24 rows and 80 columns: vim, less, top, bash and Python's prompt."""

_MISREAD = re.compile(rb"\x1b\[[>?][0-9;]*m|\x1bP[^\x1b]*\x1b\\")
"""Sequences that the emulator shows as text or takes for colors; terminals do neither."""


class Emulator:
    """Shows what was fed, as rows of text."""

    def __init__(self, rows: int = 24, columns: int = 80) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)

    def feed(self, data: bytes | str) -> Emulator:
        self._stream.feed(data.encode() if isinstance(data, str) else _MISREAD.sub(b"", data))
        return self

    @property
    def rows(self) -> list[str]:
        return [row.rstrip() for row in self.screen.display]

    @property
    def cursor(self) -> tuple[int, int]:
        return self.screen.cursor.y, self.screen.cursor.x
