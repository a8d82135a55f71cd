"""Holding signals back while something is made that only the maker's return value can remove."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def deferred_signals() -> Iterator[None]:
    """Delivers the signals that stop a program only after the block. Other threads than the main one never get any."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        del frame
        came.append(number)

    previous = {number: signal.getsignal(number) for number in _STOPPING}
    # Python cannot put a handler back that it did not set, and an ignored signal stays ignored.
    held = {number: old for number, old in previous.items() if old not in {None, signal.SIG_IGN}}
    for number in held:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number, old in held.items():
            signal.signal(number, old)
        if came:
            signal.raise_signal(came[0])
