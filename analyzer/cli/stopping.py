"""The signals that stop the program: each unwinds the stack, so that everything is removed, and becomes the exit code."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Final, NoReturn

_STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_came: list[int] = []


class Stopped(SystemExit):
    """A signal asked to stop; its number is in the exit code, as shells tell it."""


def heed_signals() -> None:
    """From now on, such a signal raises Stopped."""
    for number in _STOPPING:
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup and background jobs of scripts have it
            signal.signal(number, _stop)


def ignore_signals() -> None:
    """Nothing is left to be stopped: what was to be done is done, and the exit code tells how."""
    for number in _STOPPING:
        signal.signal(number, signal.SIG_IGN)


def came() -> int:
    """The signal that came; 0 where none did."""
    return _came[0] if _came else 0


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """Nothing interrupts the unwinding: an impatient second Ctrl-C would leave something behind."""
    del frame
    for other in _STOPPING:
        signal.signal(other, _ignore)
    _came.append(number)
    raise Stopped(128 + number)


def _ignore(number: int, frame: FrameType | None) -> None:
    """Does nothing. SIG_IGN would make Python complain about a signal that came at the same time."""
