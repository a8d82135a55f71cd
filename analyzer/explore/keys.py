"""The user's keyboard: every key goes to the session as it is, also those that would stop a program of ours."""

from __future__ import annotations

import contextlib
import os
import termios
import tty
from typing import Any, Final, Self

_READ: Final = 4096
_LEAVE: Final = b"\x1d"
_TIMES: Final = 3
END: Final = b"\x04"


class Lost(Exception):  # noqa: N818 it is no error: whoever has the terminal may take it away
    """The user's terminal is gone."""


class Keyboard:
    """Standard input while a session lasts. As a context manager, it is raw within, and afterwards as it was.

    What was typed and not read when the session ends is dropped: it was meant for the session, or is an answer of the terminal's.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._before: list[Any] | None = None
        self._leaving = 0

    def __enter__(self) -> Self:
        if os.isatty(self.descriptor):
            with contextlib.suppress(termios.error):
                self._before = termios.tcgetattr(self.descriptor)
                self.take()
        return self

    def __exit__(self, *_: object) -> None:
        self.give_back()

    def take(self) -> None:
        """Makes it raw, once more where something else has changed it."""
        if self._before is not None:
            with contextlib.suppress(termios.error):
                tty.setraw(self.descriptor, termios.TCSANOW)

    def give_back(self) -> None:
        """Puts it back; may be called again, and from another thread."""
        before, self._before = self._before, None
        if before is not None:
            with contextlib.suppress(termios.error):
                # At once: a terminal that is stopped would have us wait for its output.
                termios.tcsetattr(self.descriptor, termios.TCSANOW, before)
                termios.tcflush(self.descriptor, termios.TCIFLUSH)

    def read(self) -> bytes:
        """What was typed; nothing at the end of a file or pipe. Raises Lost."""
        try:
            data = os.read(self.descriptor, _READ)
        except OSError as error:
            raise Lost from error
        if not data and self._before is not None:
            raise Lost
        return data

    def leaves(self, data: bytes) -> bool:
        """Whether the user wants to leave whatever the session does: Ctrl-] three times, with no other key between."""
        for index in range(len(data)):
            self._leaving = self._leaving + 1 if data[index : index + 1] == _LEAVE else 0
            if self._leaving == _TIMES:
                return True
        return False
