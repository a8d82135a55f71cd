"""Signals while a session lasts: it ends in an orderly way, and what it showed is not lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, Final, Self

_STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_CHANGES: Final = (signal.SIGWINCH, signal.SIGCONT)

_Handler = Callable[[int, FrameType | None], Any] | int | None


class Interrupts:
    """Is entered by the main thread before the run. Until `begin`, and after a second signal of its kind, signals do what they did before.

    From `begin` on, the first SIGINT, SIGTERM and SIGHUP of each kind only end the session, and the report is made; a terminal that goes
    away often sends its SIGHUP when the session is over already, and that never stops what is left to be done. `descriptor` can be read
    when a signal has come: each byte is a signal's number, and 0 is somebody who called `wake`.
    """

    def __init__(self) -> None:
        self.descriptor, self._writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.came: list[int] = []
        self._begun = False
        self._before: dict[int, _Handler] = {}
        self._woken = -1

    def __enter__(self) -> Self:
        for number in _STOPPING:
            before = signal.getsignal(number)
            if before not in {signal.SIG_IGN, None}:  # as nohup and background jobs of scripts have it
                self._before[number] = before
                signal.signal(number, self._stop)
        for number in _CHANGES:
            self._before[number] = signal.getsignal(number)
            signal.signal(number, _ignore)
        self._woken = signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._woken)
        for number, before in self._before.items():
            signal.signal(number, before)

    def begin(self) -> None:
        """The session begins."""
        self._begun = True

    def wake(self) -> None:
        """Makes `descriptor` readable."""
        try:
            os.write(self._writing, b"\0")
        except BlockingIOError:
            return  # it is so already

    def read(self) -> bytes:
        """The numbers of what has come since it was asked last."""
        try:
            return os.read(self.descriptor, 4096)
        except BlockingIOError:
            return b""

    @staticmethod
    def stops(numbers: bytes) -> bool:
        """Whether one of them asks to end."""
        return any(number in numbers for number in _STOPPING)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self._begun and (number == signal.SIGHUP or number not in self.came):
            self.came.append(number)
            return
        before = self._before[number]
        if callable(before):
            before(number, frame)
            return
        signal.signal(number, before)
        signal.raise_signal(number)


def _ignore(number: int, frame: FrameType | None) -> None:
    """Python tells `descriptor` of it."""
