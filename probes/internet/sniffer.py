"""Starts and ends the capture process from the server's side."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final

from internet.capture import READY
from internet.wire import Capture

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS: Final = 10


class SnifferError(Exception):
    """The packets cannot be captured; without them a run is not worth starting."""


class Sniffer:
    """A running capture process."""

    def __init__(self, path: Path, limit: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-B", "-P", "-m", "internet", "capture", str(path), "--bytes", str(limit)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def wait_ready(self) -> None:
        """Wait until packets are captured; raises SnifferError when that fails."""
        if self._process.stdout is None or self._process.stdout.readline() != READY:
            raise SnifferError("the packet capture did not start; the line before this one says why")

    async def finish(self) -> Capture:
        """End the capture, and tell what it has. A process that died on the way counts as cut."""
        import asyncio  # not before: the capture is to start at once

        try:
            output, _ = await asyncio.to_thread(self._process.communicate, None, _SECONDS)
            told = json.loads(output)
            return Capture(time.time(), int(told["packets"]), int(told["dropped"]), bool(told["cut"]))
        except (subprocess.TimeoutExpired, ValueError, KeyError, OSError):
            self._process.kill()
            self._process.wait()
            return Capture(time.time(), 0, 0, cut=True)
