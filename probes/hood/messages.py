"""What the driver says: JSON lines from inside the package's process, so hearsay, and bounded."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Any

CALLABLE = ":"
"""In the name of a callable, between its module's and its own."""

_MAX_LINE_BYTES = 16384
_MAX_MESSAGES = 200_000
_MAX_SUBJECT = 2000


class Messages(ABC):
    """Collects the driver's messages. Anyone in the sandbox may write some; what is malformed or out of order does not count."""

    def __init__(self) -> None:
        self._rest = b""
        self._count = 0
        self.reached = 0
        """How many subjects were begun."""
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

    @abstractmethod
    def _advance(self, message: dict[str, Any]) -> None:
        """Takes one message."""

    def _begin(self, subject: str) -> None:
        self.current = subject
        self.reached += 1


class Nothing(Messages):
    """Of a command that is no driver."""

    def _advance(self, message: dict[str, Any]) -> None:
        del message


class Imports(Messages):
    """The driver begins and ends the modules in the order in which they were named to it.

    So a message about another module than the next one is a forgery, and changes nothing.
    """

    def __init__(self, modules: list[str]) -> None:
        super().__init__()
        self._modules = modules
        self.imported: dict[str, int] = {}
        """The modules that ended without an error, and how many callables each defines."""

    def _advance(self, message: dict[str, Any]) -> None:
        if self.current is not None:
            if message.get("end") == self.current:
                if message.get("error") == "":
                    self.imported[self.current] = _count(message.get("found"))
                self.current = None
        elif self.reached < len(self._modules):
            if message.get("begin") == self._modules[self.reached]:
                self._begin(self._modules[self.reached])
        elif message.get("done") is True:
            self.done = True


class Calls(Messages):
    """The driver takes module after module, and tells which callables it calls and which it leaves out.

    An interpreter that ends in one of them is followed by another, which goes on behind it: so messages of several come here.
    """

    def __init__(self, modules: list[str]) -> None:
        super().__init__()
        self._modules = modules
        self._places = {module: place for place, module in enumerate(modules)}
        self._place = 0
        self._passed: dict[str, None] = {}
        self._lost: dict[str, None] = {}
        self.dealt_with = 0
        """How many callables were begun or left out."""
        self.not_imported = 0
        """How many modules could not be imported for it."""

    @property
    def left(self) -> list[str]:
        """The modules that are not done with, from the one at which the last interpreter was."""
        return [] if self.done else self._modules[self._place :]

    @property
    def passed(self) -> list[str]:
        """The callables of the first of these that need not be called any more."""
        return list(self._passed)

    @property
    def lost(self) -> list[str]:
        """Those of them that never ended."""
        return list(self._lost)

    def ended(self) -> None:
        """Notes that the interpreter ended; what had begun in it goes no further."""
        self._rest = b""
        if self.current is not None:
            if CALLABLE in self.current:
                self._lost[self.current] = None
            else:
                self.not_imported += 1
                self._enter(self._place + 1)
        self.current = None

    def _advance(self, message: dict[str, Any]) -> None:
        if self.current is not None:
            if message.get("end") == self.current:
                self.not_imported += CALLABLE not in self.current and message.get("error") != ""
                self.current = None
            return
        begun, skipped = message.get("begin"), message.get("skip")
        if isinstance(begun, str) and len(begun) <= _MAX_SUBJECT and self._is_here(begun):
            self._begin(begun)
        elif (
            isinstance(skipped, str) and len(skipped) <= _MAX_SUBJECT and CALLABLE in skipped and self._is_here(skipped)
        ):
            self._pass(skipped)
        elif message.get("done") is True:
            self.done = True

    def _begin(self, subject: str) -> None:
        super()._begin(subject)
        if CALLABLE in subject:
            self._pass(subject)

    def _pass(self, subject: str) -> None:
        self.dealt_with += subject not in self._passed
        self._passed[subject] = None

    def _is_here(self, subject: str) -> bool:
        """Whether a subject is the next module, or a callable of the one at hand. A module's beginning leaves the one before."""
        module, separator, _ = subject.partition(CALLABLE)
        place = self._places.get(module, -1)
        if not separator and place >= self._place:
            self._enter(place)
        return place == self._place

    def _enter(self, place: int) -> None:
        if place != self._place:
            self._place = place
            self._passed, self._lost = {}, {}


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1_000_000 else 0
