"""What the import driver says: JSON lines from inside the package's process, so hearsay, and bounded."""

from __future__ import annotations

import json
from typing import Any

_MAX_LINE_BYTES = 8192
_MAX_MESSAGES = 20_000


class Messages:
    """Collects the driver's messages. Anyone in the sandbox may write some; what is malformed or out of order does not count.

    The driver begins and ends the modules in the order in which they were named to it, so a message about another
    module than the next one is a forgery, and changes nothing.
    """

    def __init__(self, subjects: list[str]) -> None:
        self._subjects = subjects
        self._rest = b""
        self._count = 0
        self.reached = 0
        """How many of the subjects were begun."""
        self.current: str | None = None
        """The subject that was begun and did not end yet."""
        self.done = False
        """Whether the driver came to its end, after the last subject."""

    def feed(self, data: bytes) -> None:
        """Takes the next bytes from the driver's pipe."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-_MAX_LINE_BYTES:]
        for line in lines:
            if len(line) <= _MAX_LINE_BYTES and self._count < _MAX_MESSAGES:
                self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return
        if isinstance(message, dict):
            self._count += 1
            self._advance(message)

    def _advance(self, message: dict[str, Any]) -> None:
        if self.current is not None:
            if message.get("end") == self.current:
                self.current = None
        elif self.reached < len(self._subjects):
            if message.get("begin") == self._subjects[self.reached]:
                self.current = self._subjects[self.reached]
                self.reached += 1
        elif message.get("done") is True:
            self.done = True
