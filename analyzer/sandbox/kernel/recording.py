"""The recording of one sandbox: a thread that moves records from the kernel's ring buffer to a log file."""

from __future__ import annotations

import os
import platform
import struct
import threading
import time
from typing import TYPE_CHECKING, Final

from analyzer.errors import SandboxError
from analyzer.sandbox.kernel.ring import Ring

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAGIC: Final = b"FHK1"
LOST: Final = 8
"""The kind of record that tells how many are missing."""

_MACHINES: Final = {"x86_64": 1, "aarch64": 2}
_HEADER: Final = struct.Struct("<4sIQ")
_RECORD: Final = struct.Struct("<IHHQIIII")
_WAIT: Final = 0.05
"""Seconds between two looks at the ring buffer, unless the kernel says earlier that much is waiting."""


class Recording:
    """What one sandbox does, on its way into a log.

    Args:
        path: the log; it is made new.
        ring_bytes: size of the ring buffer.
        most_bytes: size at which the log ends, as a sandbox may ask without end.
        lost: gives the number of records that the kernel could not deliver so far.
        end: makes the kernel record nothing more for this sandbox.

    The log's format: header, then records as the kernel makes them, with one of kind 8 whenever the number of lost ones grew.
    """

    def __init__(
        self, path: Path, *, ring_bytes: int, most_bytes: int, lost: Callable[[], int], end: Callable[[], None]
    ) -> None:
        self._lost, self._end, self._most = lost, end, most_bytes
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            os.write(self._descriptor, _header())
            self.ring = Ring(ring_bytes, self._descriptor)
        except (OSError, SandboxError):
            os.close(self._descriptor)
            raise
        self.records = 0
        """Records in the log so far."""
        self.lost = 0
        """Records that the kernel could not deliver, as far as known."""
        self.failure = ""
        """Why the log is incomplete, apart from lost records; empty while it is whole."""
        self._stopping = threading.Event()
        self._ended = False
        # The thread sleeps in C without the interpreter's lock; a daemon, so that a crash of ours cannot hang on it.
        self._thread = threading.Thread(target=self._collect, name="kernel-log", daemon=True)
        self._guard = threading.Thread(target=self._watch_size, name="kernel-log-size", daemon=True)
        self._thread.start()
        self._guard.start()

    def stop(self) -> None:
        """Record nothing more, write what is still in the buffer, and close the log. May be called again."""
        if self._ended:
            return
        self._ended = True
        self._end()
        self._stopping.set()
        self._thread.join()
        self._guard.join()
        self._tell_lost()
        self.ring.close()
        os.close(self._descriptor)

    def _collect(self) -> None:
        try:
            while not self._stopping.is_set():
                self.records += self.ring.wait(_WAIT)
                self._tell_lost()
            while count := self.ring.wait(0):
                self.records += count
        except SandboxError as error:
            self._cut_short(str(error))

    def _watch_size(self) -> None:
        # Beside the collector, because that does not return from C while a sandbox fills the buffer faster than it empties it.
        while not self._stopping.wait(_WAIT):
            if os.fstat(self._descriptor).st_size > self._most:
                self._cut_short(f"the log reached its limit of {self._most} bytes")
                return

    def _cut_short(self, reason: str) -> None:
        self.failure = self.failure or reason
        self._end()

    def _tell_lost(self) -> None:
        lost = self._lost()
        if lost <= self.lost:
            return
        self.lost = lost
        record = _RECORD.pack(_RECORD.size + 8, LOST, 0, time.clock_gettime_ns(time.CLOCK_BOOTTIME), 0, 0, 0, 0)
        os.write(self._descriptor, record + struct.pack("<Q", lost))


def _header() -> bytes:
    offset = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    return _HEADER.pack(MAGIC, _MACHINES[platform.machine()], offset)
