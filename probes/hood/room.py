"""The places that the package can write to: how many files each may hold, and whether one of them became full."""

from __future__ import annotations

import ctypes
import os

from hood.plan import Plan

_MIB = 1024 * 1024
_MS_NOSUID, _MS_NODEV, _MS_REMOUNT = 2, 4, 32
"""mount(2); in a user namespace, flags that were set have to be set again."""


def places(plan: Plan) -> dict[str, int]:
    """Each place with the most files that it may hold, shared like the bytes (`Limits` in `analyzer/sandbox/interface.py`)."""
    files = plan.limits.files
    return {plan.home: files * 3 // 4, "/tmp": files // 4, "/dev/shm": files // 4}  # noqa: S108 the sandbox's own


def limit_files(plan: Plan) -> None:
    """Limits the files of places that bubblewrap made, which it has no words for; only whoever mounted them may. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    for place, files in places(plan).items():
        flags, options = _MS_REMOUNT | _MS_NOSUID | _MS_NODEV, f"nr_inodes={files}".encode()
        if libc.mount(None, place.encode(), None, ctypes.c_ulong(flags), options) != 0:
            raise OSError(ctypes.get_errno(), f"the number of files in {place} cannot be limited")


class Room:
    """Looks whether a place is full, and remembers what it saw: a package may tidy up behind itself."""

    def __init__(self, plan: Plan) -> None:
        self._places = [place for place in places(plan) if os.path.ismount(place)]
        self.reasons: list[str] = []
        """What was full, in words for the report."""

    def look(self) -> None:
        """Looks at each place now."""
        for place in self._places:
            room = os.statvfs(place)
            if room.f_blocks and not room.f_bavail:
                self._tell(f"the limit of {room.f_blocks * room.f_frsize // _MIB} MiB in {place} was reached")
            if room.f_files and not room.f_favail:
                self._tell(f"the limit of {room.f_files} files in {place} was reached")

    def _tell(self, reason: str) -> None:
        if reason not in self.reasons:
            self.reasons.append(reason)
