"""Keeps what the package sent, in the clear, so that it can be searched once the run is over (`probes/searcher`).

`sent.bin` is a row of pieces. Each begins with one line of JSON, `{"stream": N, "part": NAME, "size": BYTES, "time": SECONDS}`,
behind which that many bytes follow; the time, since the epoch, is when they had come. Pieces of one stream and part belong together
in the order in which they stand. Parts: `start` (a request line), `header`, `body`, `stream` (what has no inner shape), `payload` (a
message inside, such as a WebSocket's).
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_HEADER_BYTES: Final = 120
"""More than a piece's first line has."""


class Sent:
    """The file of one run. `budget` is what it may hold, `stream_bytes` what it holds of one stream, both in bytes.

    `cut` is told, once for each of the two, that something was not kept. Raises OSError when the file cannot be made or written.
    """

    def __init__(self, path: Path, budget: int, stream_bytes: int, cut: Callable[[str], None]) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        self._left = budget
        self._stream_bytes = stream_bytes
        self._kept: dict[int, int] = {}
        self._last = 0
        self._cut = cut

    def open(self) -> int:
        """The number of a new stream."""
        self._last += 1
        return self._last

    def add(self, stream: int, part: str, data: bytes) -> None:
        """Keep bytes of a stream as far as there is room."""
        kept = self._kept.get(stream, 0)
        room = min(self._stream_bytes - kept, self._left - _HEADER_BYTES)
        if len(data) > room:
            self._cut("what was sent is kept and searched in part only: it is more than the limit")
            data = data[: max(room, 0)]
        if not data:
            return
        header = _header(stream, part, len(data))
        self._kept[stream] = kept + len(data)
        self._left -= len(header) + len(data)
        piece = memoryview(header + data)
        while piece:
            piece = piece[os.write(self._descriptor, piece) :]

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


def _header(stream: int, part: str, size: int) -> bytes:
    shape = {"stream": stream, "part": part, "size": size, "time": round(time.time(), 6)}
    return json.dumps(shape).encode("ascii") + b"\n"
