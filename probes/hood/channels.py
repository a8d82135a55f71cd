"""What comes out of the sandbox while a command runs: bounded copies into files, never blocking the package for long."""

from __future__ import annotations

import os
from pathlib import Path

_CHUNK = 65536


class Channel:
    """One readable descriptor whose bytes are kept in a file up to a limit (none below 0) and counted beyond it."""

    def __init__(self, descriptor: int, path: Path, limit: int) -> None:
        os.set_blocking(descriptor, False)
        self.descriptor = descriptor
        self.total = 0
        self.open = True
        self._limit = max(limit, 0)
        self._file = path.open("wb")

    @property
    def cut(self) -> bool:
        """Whether there was more than the limit allows to keep."""
        return self.total > self._limit

    @property
    def kept(self) -> int:
        """How many bytes were kept."""
        return min(self.total, self._limit)

    def read(self) -> bytes:
        """Takes what is there now, returns it, and notes the end of the stream."""
        try:
            data = os.read(self.descriptor, _CHUNK)
        except BlockingIOError:
            return b""
        if not data:
            self.open = False
            return b""
        room = self._limit - self.total
        if room > 0:
            self._file.write(data[:room])
        self.total += len(data)
        return data

    def drain(self) -> bytes:
        """Takes all that is left, at most 64 chunks: a package that never stops writing does not hold the run up."""
        pieces = []
        for _ in range(64):
            piece = self.read()
            if not piece:
                break
            pieces.append(piece)
        return b"".join(pieces)

    def close(self) -> None:
        """Closes file and descriptor."""
        self._file.close()
        os.close(self.descriptor)
