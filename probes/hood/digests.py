"""What programs consist of: the SHA-256 of each that a package may have left, so that the same one is known elsewhere."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import Final

MAX_BYTES: Final = 64 * 1024 * 1024
"""Of new and changed programs in one look at the tree: about a tenth of a second's work."""

_BEGINNINGS: Final = (b"\x7fELF", b"MZ", b"#!")
_PIECE: Final = 1024 * 1024
_MAX_KNOWN: Final = 100_000

_State = tuple[int, int, int, int]


class Digests:
    """Digests of files that have an x bit or begin as a program does; what did not change since the last look is not read again."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._left = max_bytes
        self._known: dict[_State, str] = {}

    def begin(self) -> None:
        """Another look at the tree."""
        self._left = self._max_bytes

    def of(self, path: str, status: os.stat_result, head: bytes) -> str:
        """The digest in hexadecimal; "" for what is no program, cannot be read, or is more than a look may read."""
        if not (status.st_mode & 0o111 or head.startswith(_BEGINNINGS)):
            return ""
        # The time of a change of the inode is the kernel's alone.
        state = status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        if state not in self._known:
            if status.st_size > self._left or len(self._known) >= _MAX_KNOWN:
                return ""
            self._left -= status.st_size
            self._known[state] = _digest(path, status.st_size)
        return self._known[state]


def _digest(path: str, size: int) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    digest = hashlib.sha256()
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        while size > 0 and (piece := os.read(descriptor, min(size, _PIECE))):
            digest.update(piece)
            size -= len(piece)
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    return "" if size else digest.hexdigest()
