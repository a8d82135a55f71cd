"""What comes out of the sandbox while a command runs: bounded copies into files, never blocking the package for long."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

_CHUNK = 65536
_PAUSE_SECONDS = 0.001
"""Before each chunk that is only counted: whoever writes without end waits for that, and leaves the processor to others."""


class Channel:
    """One readable descriptor whose bytes are kept in a file up to a limit (none below 0) and counted beyond it.

    Where whoever hears it sets the pace, nobody is `slowed` who writes more than that.
    """

    def __init__(self, descriptor: int, path: Path, limit: int, *, slowed: bool = True) -> None:
        os.set_blocking(descriptor, False)
        self.descriptor = descriptor
        self.total = 0
        self.open = True
        self._slowed = slowed
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
        if self.cut and self._slowed:
            time.sleep(_PAUSE_SECONDS)
        try:
            data = os.read(self.descriptor, _CHUNK)
        except BlockingIOError:
            return b""
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""  # a terminal that nobody has any more
        if not data:
            self.open = False
            return b""
        room = self._limit - self.total
        if room > 0:
            self._file.write(data[:room])
            self._file.flush()  # whoever follows the record reads it meanwhile
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
