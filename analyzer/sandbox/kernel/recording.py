"""The recording of one sandbox: a thread that moves records from the kernel's ring buffer to a log file."""

from __future__ import annotations

import os
import platform
import struct
import threading
import time
from typing import TYPE_CHECKING, Final

from analyzer.errors import SandboxError
from analyzer.sandbox.kernel.interface import Account

if TYPE_CHECKING:
    from collections.abc import Callable

    from analyzer.sandbox.kernel.ring import Ring

MAGIC: Final = b"FHK1"
LOST: Final = 8
"""The kind of record that tells how many are missing."""

_MACHINES: Final = {"x86_64": 1, "aarch64": 2}
_HEADER: Final = struct.Struct("<4sIQ")
_RECORD: Final = struct.Struct("<IHHQIIII")
_HEAVY_BYTES: Final = 256 * 1024 * 1024
"""Of a log whose writer gives way to other work from then on: hardly a package asks for so much, and one without end holds others up."""

_NICENESS: Final = 10
_TICK: Final = 0.05
"""Seconds between two looks at the ring buffer: 5,000 records at a rate of 100,000 a second, a twentieth of what it holds."""


class Recording:
    """What one sandbox does, on its way into a log.

    Args:
        descriptor: the log, empty; it is closed at the end, also where this fails.
        ring: the ring buffer, empty; it is the caller's again at the end.
        most_bytes: size at which the log ends, as a sandbox may ask without end.
        lost: gives the number of records that the kernel could not deliver so far; at the end (True) it looks more closely.
        end: makes the kernel record nothing more for this sandbox.

    The log's format: header, then records as the kernel makes them, with one of kind 8 whenever the number of lost ones grew.
    """

    def __init__(
        self, descriptor: int, ring: Ring, *, most_bytes: int, lost: Callable[[bool], int], end: Callable[[], object]
    ) -> None:
        self._lost, self._end, self._most = lost, end, most_bytes
        self._descriptor, self._ring = descriptor, ring
        try:
            os.write(descriptor, _header())
            ring.write_to(descriptor)
        except OSError:
            os.close(descriptor)
            raise
        self.records = 0
        """Records in the log so far."""
        self.lost = 0
        """Records that the kernel could not deliver, as far as known."""
        self.failure = ""
        """Why the log is incomplete, apart from lost records; empty while it is whole."""
        self._stopping = threading.Event()
        self._closing = threading.Lock()
        self._ended = False
        # It works in C, without the interpreter's lock; a daemon, so that a crash of ours cannot hang on it.
        self._thread = threading.Thread(target=self._collect, name="kernel-log", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Record nothing more, write what is still in the buffer, and close the log. May be called again."""
        if self._stopping.is_set():
            return
        self._end()
        self._stopping.set()
        self._thread.join()
        self._tell_lost(final=True)
        self._ring.write_nowhere()
        with self._closing:
            self._ended = True
            os.close(self._descriptor)

    def account(self) -> Account:
        """What is known of the log; final once it is stopped."""
        return Account(self.records, self.lost, self.failure)

    def check_size(self) -> None:
        """End the recording if its log is too large. For another thread: the own one may be busy for as long as a sandbox floods it."""
        with self._closing:
            if self._ended:
                return
            size = os.fstat(self._descriptor).st_size
            if size > self._most:
                self._cut_short(f"the log reached its limit of {self._most} bytes")
            elif size > _HEAVY_BYTES and self._thread.native_id is not None:
                # Linux counts niceness by thread (setpriority(2), "C library/kernel differences").
                os.setpriority(os.PRIO_PROCESS, self._thread.native_id, _NICENESS)

    def _collect(self) -> None:
        try:
            while not self._stopping.wait(_TICK):
                self.records += self._ring.copy()
                self._tell_lost()
            self.records += self._ring.copy()
        except SandboxError as error:
            self._cut_short(str(error))

    def _cut_short(self, reason: str) -> None:
        self.failure = self.failure or reason
        self._end()

    def _tell_lost(self, *, final: bool = False) -> None:
        lost = self._lost(final)
        if lost <= self.lost:
            return
        self.lost = lost
        record = _RECORD.pack(_RECORD.size + 8, LOST, 0, time.clock_gettime_ns(time.CLOCK_BOOTTIME), 0, 0, 0, 0)
        try:
            os.write(self._descriptor, record + struct.pack("<Q", lost))
        except OSError as error:
            self._cut_short(f"the kernel tracer cannot write its log: {error.strerror}")


def _header() -> bytes:
    offset = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    return _HEADER.pack(MAGIC, _MACHINES[platform.machine()], offset)
