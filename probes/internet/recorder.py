"""Writes records as JSON lines, within a budget, each line at once."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from internet.wire import Capture, End, Limit, Record, encode

if TYPE_CHECKING:
    from pathlib import Path

LIMIT_LINES: Final = 1000
RESERVE: Final = 65_536
"""Bytes kept back for the lines of the end and for what says that the budget is spent."""


class Recorder:
    """The log of one run. `written` counts lines, so that a caller can tell whether anything still happens.

    Raises OSError when the file cannot be made or written: a log that lost lines must not look whole.
    """

    def __init__(self, path: Path, budget: int) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        self._left = budget - RESERVE
        self._said: set[str] = set()
        self.written = 0
        self.unwritten = 0

    def write(self, record: Record) -> None:
        """Write the line, or count it once the budget is spent."""
        line = encode(record)
        if len(line) > self._left and not isinstance(record, Capture | End):
            if not self.unwritten:
                self._put(
                    encode(Limit(time.time(), "the log has reached its size limit: later exchanges are not in it"))
                )
            self.unwritten += 1
            return
        self._left -= len(line)
        self._put(line)

    def limit(self, detail: str) -> None:
        """Say once that something was cut or refused, so that the log does not have all that was sent."""
        self._say(detail, lost=True)

    def note(self, detail: str) -> None:
        """Say once that something was malformed, or given up after a wait, of which nothing is missing in the log."""
        self._say(detail, lost=False)

    def _say(self, detail: str, *, lost: bool) -> None:
        if detail not in self._said and len(self._said) < LIMIT_LINES:
            self._said.add(detail)
            self.write(Limit(time.time(), detail, lost))

    def close(self) -> None:
        """Write the last line and close the file."""
        if self.unwritten:
            self._put(encode(Limit(time.time(), f"{self.unwritten} exchanges are not in the log")))
        self.write(End(time.time()))
        os.close(self._descriptor)

    def _put(self, line: bytes) -> None:
        self.written += 1
        while line:
            line = line[os.write(self._descriptor, line) :]
