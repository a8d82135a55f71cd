"""What the driver tells the supervisor, through a pipe: JSON lines, none of which is believed without other evidence."""

from __future__ import annotations

from contextlib import suppress
from json.encoder import encode_basestring_ascii as _quoted
from os import _exit, fstat, getpid, write
from sys import audit
from time import clock_gettime, monotonic

from exercise.kept import keep

keep(globals())

_MAX_ERROR = 1000
"""Characters of what was raised."""
_BEAT = "encodings.beat"
"""What the interpreter probe answers, where it still is what it was (`probes/interpreter/checks.py`)."""

_REAL_CLOCK = 0x46480001
"""What asks for the real monotonic clock where the package's runs ahead (`probes/clock/read.c`); no clock has this number elsewhere."""


def _real_now() -> float:
    return clock_gettime(_REAL_CLOCK)


try:
    _real_now()
except OSError:
    _now = monotonic
else:
    _now = _real_now


class Progress:
    """The pipe to the supervisor. Code of the package closes and reuses descriptors, so it is looked at before each message.

    `epoch` is what makes seconds since the epoch of those of the monotonic clock: reading the real clock would be an act of its own.
    """

    def __init__(self, descriptor: int, epoch: float) -> None:
        self._descriptor = descriptor
        self._epoch = epoch
        self._process = getpid()
        self._ended = 0
        self._identity = self._look()

    def begin(self, subject: str) -> None:
        """A module or a callable is next."""
        self._say(f'{{"begin": {_quoted(subject)}, "t": {self._epoch + _now():.6f}}}\n')

    def end(self, subject: str, error: str, found: int | None = None) -> None:
        """It has ended, with an error or without; `found` is how many callables a module defines."""
        self._ended += 1
        with suppress(BaseException):  # of an audit hook of the package's
            audit(_BEAT, self._ended)
        count = "" if found is None else f', "found": {found}'
        self._say(f'{{"end": {_quoted(subject)}, "t": {self._epoch + _now():.6f}, "error": {_quoted(error)}{count}}}\n')

    def found(self, count: int) -> None:
        """How many callables there are in all."""
        self._say(f'{{"found": {count}}}\n')

    def skip(self, subject: str, why: str) -> None:
        """A callable cannot be called."""
        self._say(f'{{"skip": {_quoted(subject)}, "why": {_quoted(why)}}}\n')

    def done(self) -> None:
        """Nothing is left to do."""
        self._say('{"done": true}\n')

    def _say(self, line: str) -> None:
        """Sends a line. Ends the interpreter when the pipe is gone, since the rest would be in vain."""
        if getpid() != self._process:
            _exit(0)  # a copy that the package made of this process, and that came back from there: its work is done
        if self._look() != self._identity:
            raise SystemExit("the module closed a descriptor that is not its own")
        write(self._descriptor, line.encode("ascii"))

    def _look(self) -> tuple[int, int]:
        try:
            status = fstat(self._descriptor)
        except OSError:
            return (0, 0)
        return (status.st_dev, status.st_ino)


def describe(error: BaseException) -> str:
    """The type and the text of an error, bounded; the text is made by the package's own code."""
    try:
        return f"{type(error).__name__}: {error}"[:_MAX_ERROR]
    except BaseException:  # noqa: BLE001 whatever that code does
        return "an error that cannot be told"
