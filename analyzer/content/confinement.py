"""What the reading process takes from itself before it reads anything: it meets hostile bytes, and needs very little."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from typing import Final

MEMORY_BYTES: Final = 2 * 1024**3
PROCESSOR_SECONDS: Final = 90
WALL_SECONDS: Final = 300
ANSWER_BYTES: Final = 64 * 1024**2
"""As large as a record's document may be."""

_OPEN_FILES: Final = 64
_NICENESS: Final = 5
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38
"""prctl(2), from linux/prctl.h."""


def confine(parent: int) -> None:
    """Limits this process for good: memory, time, files, privileges; it ends with its parent, the process of that number."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)  # it ended before it could be told to end this one
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_FSIZE, ANSWER_BYTES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
    # An interrupt from the terminal comes to all of its processes; the one that started this one says what becomes of it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.alarm(WALL_SECONDS)
    os.nice(_NICENESS)
