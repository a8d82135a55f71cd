"""The supervisor's line to the analyzer, where the kernel traces: what the analyzer alone may do is asked of it.

Two pipes in a folder that the package never sees, JSON lines both ways. Requests, each with an answer:

```
{"watch": STEM, "namespace": INODE, "quiet": BOOL}     record a pid namespace into steps/STEM.kernel
{"run": STEM, "argv": [...], "quiet": BOOL}            record, and start a command in the package's container
                                                       with "terminal": true, on a terminal of the engine's
{"left": true}                                         how many processes are left there: {"left": N}
{"kill": true}                                         end all of them
{"finish": STEM}                                       record no more
```

An answer with `error` is a failure of ours. A line with `ended` comes by itself: the exit status of a command that was run.
"""

from __future__ import annotations

import json
import os
import select
from pathlib import Path
from typing import Any

REQUESTS, ANSWERS = "requests", "answers"

LOG_SUFFIX, EMPTY_LOG_BYTES = ".kernel", 16
"""The kernel tracer's log of a command, whose header comes first (`docs/kernel-log.md`)."""


class Control:
    """The inner end of the line. The analyzer has made the pipes, and holds them open while it lives."""

    def __init__(self, folder: Path) -> None:
        self._requests = os.open(folder / REQUESTS, os.O_WRONLY | os.O_CLOEXEC)
        self.descriptor = os.open(folder / ANSWERS, os.O_RDONLY | os.O_CLOEXEC)
        """Ready to be read when something came by itself."""
        self._rest = b""
        self._ended: int | None = None

    def ask(self, **request: Any) -> dict[str, Any]:
        """Asks and waits for the answer. Raises OSError with what the analyzer said where it could not do it."""
        os.write(self._requests, json.dumps(request).encode() + b"\n")
        while True:
            for answer in self._read():
                if "error" in answer:
                    raise OSError(answer["error"])
                return answer

    def ended(self) -> int | None:
        """The exit status that came by itself, once. To be called when the descriptor is ready."""
        if self._ended is None and select.select([self.descriptor], [], [], 0)[0]:
            self._read()
        ended, self._ended = self._ended, None
        return ended

    def _read(self) -> list[dict[str, Any]]:
        """The answers among the lines that come next; what comes by itself is kept."""
        piece = os.read(self.descriptor, 65536)
        if not piece:
            raise OSError("the analyzer is gone")
        *lines, self._rest = (self._rest + piece).split(b"\n")
        answers = []
        for line in lines:
            message: dict[str, Any] = json.loads(line)
            if "ended" in message:
                self._ended = message["ended"]
            else:
                answers.append(message)
        return answers
