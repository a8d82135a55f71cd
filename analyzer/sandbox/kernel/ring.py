"""A ring buffer of the kernel whose records go to a file without passing through Python.

libbpf calls a function of C with a context, the record and its size, and stops when the answer is negative. `write(2)` has just
that form, with the file's descriptor as the context: one call per record, no copy, and no lock of the interpreter held.
"""

from __future__ import annotations

import ctypes
import os
from ctypes import c_void_p
from typing import Final

from analyzer.errors import SandboxError
from analyzer.sandbox.kernel.libbpf import RINGBUF, library

_WRITE: Final = ctypes.cast(ctypes.CDLL(None).write, c_void_p)


class Ring:
    """One ring buffer of `size` bytes, a power of two and a multiple of the page size, written to the file `descriptor`."""

    def __init__(self, size: int, descriptor: int) -> None:
        what = f"have a ring buffer of {size} bytes"
        self.descriptor = library().checked(what, "bpf_map_create", RINGBUF, b"fumehood", 0, 0, size, None)
        try:
            what = "read its ring buffer"
            self._ring: int | None = library().checked(
                what, "ring_buffer__new", self.descriptor, _WRITE, descriptor, None
            )
        except SandboxError:
            os.close(self.descriptor)
            raise

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
        """Give the memory back."""
        ring, self._ring = self._ring, None
        if ring is not None:
            library().call("ring_buffer__free", ring)
            os.close(self.descriptor)
