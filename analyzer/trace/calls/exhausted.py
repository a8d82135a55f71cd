"""Calls that failed because something that the sandbox has little of was used up."""

from __future__ import annotations

from typing import Final

from analyzer.trace.calls.processes import Process
from analyzer.trace.logs.strace import Syscall

_BY_ERROR: Final = {
    "EMFILE": "open files",
    "ENFILE": "open files",
    "ETOOMANYREFS": "open files in messages",
    "EFBIG": "the size of a file",
    "EDQUOT": "room for files",
    "ENOSPC": "room for files",
}
"""What is used up by the kernel's error (errno(3))."""

_ALWAYS_FULL: Final = "/dev/full"
_OTHERWISE: Final = frozenset(["inotify_add_watch", "shmget", "bpf", "perf_event_open", "unshare", "clone", "clone3"])
"""Calls that say ENOSPC of something else than files, as their manual pages tell."""


def exhausted(call: Syscall, process: Process) -> str:
    """What was used up when a call failed; "" where it did not fail, or for another reason."""
    what = _BY_ERROR.get(call.error, "")
    if not what or call.error != "ENOSPC":
        return what
    full = process.descriptor(call.argument(0)).path == _ALWAYS_FULL
    return "" if full or call.name in _OTHERWISE else what
