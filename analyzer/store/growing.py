"""Files of a record that are read while they are still written.

They may be absent at first, end in the middle of a line, and grow by much more than one wants to read at once.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_BLOCK: Final = 64 * 1024

MAX_LINE: Final = 2 * 1024 * 1024
"""Bytes of a line; a longer one is given in pieces."""


class Growing:
    """The bytes of a file from its beginning on. A file that is no regular one, cannot be opened or becomes shorter has none (more)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._is_over = False
        self.taken = 0
        """Bytes that were read so far."""

    @property
    def left(self) -> int:
        """Bytes that are there and were not read."""
        return max(self._size() - self.taken, 0)

    def read(self, most: int = _BLOCK) -> bytes:
        """The next bytes; none where there are none now."""
        if self._size() <= self.taken or self._file is None:
            return b""
        try:
            data = os.pread(self._file, most, self.taken)
        except OSError:
            self._is_over = True
            return b""
        self.taken += len(data)
        return data

    def close(self) -> None:
        """Lets go of the file; nothing more is read. May be called again."""
        self._is_over = True
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _size(self) -> int:
        if self._file is None and not self._is_over:
            self._open()
        if self._file is None or self._is_over:
            return 0
        size = os.fstat(self._file).st_size
        self._is_over = size < self.taken
        return size

    def _open(self) -> None:
        try:
            file = os.open(self._path, _FLAGS)
        except OSError:
            return  # not there yet, or never: the report tells what is missing
        if stat.S_ISREG(os.fstat(file).st_mode):
            self._file = file
        else:
            os.close(file)
            self._is_over = True


class GrowingLines:
    """The lines of such a file, without their ends."""

    def __init__(self, path: Path) -> None:
        self.file = Growing(path)
        self._begun = b""

    def read(self, most: int = _BLOCK) -> list[str]:
        """The lines that are whole now, of the next so many bytes."""
        data = self.file.read(most)
        if not data:
            return []
        *lines, self._begun = (self._begun + data).split(b"\n")
        if len(self._begun) >= MAX_LINE:
            lines.append(self._begun)
            self._begun = b""
        return [_text(piece) for line in lines for piece in _pieces(line)]

    def rest(self) -> list[str]:
        """The last line, which has no end, once nothing more is written."""
        begun, self._begun = self._begun, b""
        return [_text(begun)] if begun else []


def _pieces(line: bytes) -> list[bytes]:
    if len(line) <= MAX_LINE:
        return [line]
    return [line[at : at + MAX_LINE] for at in range(0, len(line), MAX_LINE)]


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape")
