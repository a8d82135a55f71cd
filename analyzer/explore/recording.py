"""The recording of a session: asciicast, version 2, as asciinema and its players read it.

The file is JSON lines. The first is an object with `version`, `width`, `height` and `timestamp`; each other one is an array of the
seconds since the begin, a code, and text: "o" for what was shown, "i" for what was typed, "r" for another size ("80x24"), "m" for a marker
(https://docs.asciinema.org/manual/asciicast/v2/). Shown is what went through the filter, without our own pane; observations are markers.
"""

from __future__ import annotations

import codecs
import json
import time
from collections.abc import Callable
from typing import BinaryIO, Final

MOST_BYTES: Final = 64 * 1024 * 1024


class Recording:
    """Writes one. `keys` is whether what was typed is kept too: it may be a secret of the user's.

    Nothing is written behind `MOST_BYTES` but a marker that says so. When it cannot be written any more, `problem` tells why, and the
    session goes on.
    """

    def __init__(
        self,
        stream: BinaryIO,
        *,
        keys: bool = False,
        clock: Callable[[], float] = time.monotonic,
        most: int = MOST_BYTES,
    ) -> None:
        self._stream = stream
        self._keys = codecs.getincrementaldecoder("utf-8")(errors="replace") if keys else None
        self._clock = clock
        self._began = clock()
        self._left = most
        self.problem = ""

    def begin(self, rows: int, columns: int, title: str) -> None:
        """The session begins, in a terminal of this size."""
        self._began = self._clock()
        header = {"version": 2, "width": columns, "height": rows, "timestamp": int(time.time()), "title": title}
        self._write(header)

    def shown(self, text: str) -> None:
        """This was shown."""
        self._event("o", text)

    def typed(self, data: bytes) -> None:
        """This was typed; kept only where that is wanted."""
        if self._keys is not None:
            self._event("i", self._keys.decode(data))

    def resized(self, rows: int, columns: int) -> None:
        """The terminal has another size."""
        self._event("r", f"{columns}x{rows}")

    def marked(self, text: str) -> None:
        """Something was observed."""
        self._event("m", text)

    def _event(self, code: str, text: str) -> None:
        if text:
            self._write([round(max(self._clock() - self._began, 0.0), 6), code, text])

    def _write(self, row: object) -> None:
        if self._left <= 0:
            return
        line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
        self._left -= len(line)
        if self._left <= 0:
            cut = [round(self._clock() - self._began, 6), "m", "the recording ends here: it is as large as one may be"]
            line = json.dumps(cut).encode() + b"\n"
        try:
            self._stream.write(line)
        except OSError as error:
            self.problem = error.strerror or type(error).__name__
            self._left = 0
