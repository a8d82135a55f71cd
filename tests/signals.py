"""The signals that stop a program, in programs that tests start."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def heard() -> Iterator[None]:
    """What is started in the block hears these signals, even where this process ignores some, as in a shell's background or under nohup.

    An ignored signal stays so in a program that is executed, and a handled one gets its default there (signal(7)). The
    handler does nothing: this process goes on ignoring them.
    """
    ignored = [number for number in _STOPPING if signal.getsignal(number) == signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, lambda *_: None)
    try:
        yield
    finally:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)
