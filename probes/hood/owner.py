"""The supervisor's tie to the analyzer: a pipe that the analyzer holds open for as long as it lives.

In a container it is a named one, since what the engine gives as standard input stays open when the engine is killed.
"""

from __future__ import annotations

import fcntl
import os
import signal
from pathlib import Path
from types import FrameType

NAMED = Path("/srv/owner")
"""The named pipe, where there is one (`analyzer/sandbox/docker/containers.py`); else it is standard input."""

STATUS = 75
"""The exit status of a supervisor whose analyzer is gone (sysexits(3), EX_TEMPFAIL)."""


def end_with_owner() -> None:
    """Ends this process as soon as the pipe is closed, however that came about. It is standard input from then on.

    The kernel sends SIGIO when the pipe's last writer is gone, wherever this process is then. As the first process of a
    container, it takes everything in the container with it.
    """
    if NAMED.exists():
        named = os.open(NAMED, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.dup2(named, 0)
        os.close(named)
    signal.signal(signal.SIGIO, _end_if_closed)
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(0, fcntl.F_GETFL)
    fcntl.fcntl(0, fcntl.F_SETFL, flags | os.O_ASYNC | os.O_NONBLOCK)
    _end_if_closed(signal.SIGIO, None)  # it may have been closed before


def _end_if_closed(number: int, frame: FrameType | None) -> None:
    del number, frame
    try:
        while os.read(0, 4096):
            pass  # two signals may have become one, so everything that is there is read
    except BlockingIOError:
        return
    os._exit(STATUS)
