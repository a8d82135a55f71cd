"""A ring buffer of the kernel whose records go to a file without passing through Python.

libbpf calls a function of C with a context, the record and its size, and stops when the answer is negative. `write(2)` has just
that form, with a descriptor as the context: one call per record, no copy, and no lock of the interpreter held.
"""

from __future__ import annotations

import ctypes
import os
from ctypes import c_void_p
from functools import cache
from typing import Final

from analyzer.errors import SandboxError
from analyzer.sandbox.kernel.libbpf import RINGBUF, library

_WRITE: Final = ctypes.cast(ctypes.CDLL(None).write, c_void_p)


@cache
def _nowhere() -> int:
    """A descriptor that takes everything and keeps nothing, open for good: letting go of a log may not fail for want of one."""
    return os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)


class Ring:
    """One ring buffer of `size` bytes, a power of two and a multiple of the page size. At first, its records go nowhere.

    Raises:
        SandboxError: no memory is left, or the size is none.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._file = os.dup(_nowhere())
        """Where records go. The number stays, as libbpf keeps it; what is open under it changes."""
        try:
            what = f"have a ring buffer of {size} bytes"
            self.descriptor = library().checked(what, "bpf_map_create", RINGBUF, b"fumehood", 0, 0, size, None)
        except SandboxError:
            os.close(self._file)
            raise
        try:
            what = "read its ring buffer"
            self._ring: int | None = library().checked(
                what, "ring_buffer__new", self.descriptor, _WRITE, self._file, None
            )
        except SandboxError:
            os.close(self._file)
            os.close(self.descriptor)
            raise

    def write_to(self, descriptor: int) -> None:
        """Write records to this file from now on; the descriptor stays the caller's."""
        os.dup2(descriptor, self._file, inheritable=False)

    def write_nowhere(self) -> None:
        """Let go of the file."""
        self.write_to(_nowhere())

    def copy(self) -> int:
        """Write what waits in the buffer to the file; gives the number of records. While more comes as fast, it does not return.

        Raises:
            SandboxError: the file cannot be written.
        """
        count: int = library().call("ring_buffer__consume", self._ring)
        if count < 0:
            # libbpf hands on the answer of `write` and loses its reason.
            reason = "is the disk full?" if count == -1 else os.strerror(-count)
            raise SandboxError(f"the kernel tracer cannot write its log: {reason}")
        return count

    def close(self) -> None:
        """Give the memory back. May be called again."""
        ring, self._ring = self._ring, None
        if ring is not None:
            library().call("ring_buffer__free", ring)
            os.close(self.descriptor)
            os.close(self._file)
