"""The namespaces of a process, held open so that their numbers stay theirs."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Final

from analyzer.errors import SandboxError
from analyzer.sandbox.kernel.interface import Namespaces

_MOST: Final = 512
"""Namespaces held at once: two for each of twice as many sandboxes as can be watched."""


class HeldNamespaces:
    """Descriptors of namespaces by inode.

    The kernel gives the inode of a namespace that is gone to the next one at once, which would then be recorded in the place of the first.
    An open descriptor keeps the namespace, though not its processes.
    """

    def __init__(self) -> None:
        self._descriptors: dict[int, int] = {}
        self._lock = threading.Lock()

    def look(self, pid: int) -> Namespaces:
        """The namespaces of a process, held from now on. Raises SandboxError where they cannot be read."""
        opened = [_opened(pid, "pid")]
        try:
            opened.append(_opened(pid, "net"))
        except SandboxError:
            os.close(opened[0])
            raise
        inodes = [os.fstat(descriptor).st_ino for descriptor in opened]
        with self._lock:
            for inode, descriptor in zip(inodes, opened, strict=True):
                self._put(inode, descriptor)
        return Namespaces(*inodes)

    def take(self, inode: int | None) -> list[int]:
        """The descriptor of a held namespace, which the caller closes from now on; none of one that is not held."""
        with self._lock:
            descriptor = self._descriptors.pop(inode, None) if inode is not None else None
        return [] if descriptor is None else [descriptor]

    def close(self) -> None:
        """Let go of all."""
        with self._lock:
            while self._descriptors:
                os.close(self._descriptors.popitem()[1])

    def _put(self, inode: int, descriptor: int) -> None:
        if inode in self._descriptors:
            os.close(self._descriptors.pop(inode))
        elif len(self._descriptors) >= _MOST:
            os.close(self._descriptors.pop(next(iter(self._descriptors))))
        self._descriptors[inode] = descriptor


def refuse_own(pid_namespace: int) -> None:
    """Raises SandboxError where this is the pid namespace of this process: what it writes would be recorded, and so be written."""
    if pid_namespace == Path("/proc/self/ns/pid").stat().st_ino:
        raise SandboxError(
            "the kernel tracer cannot watch the pid namespace that it runs in itself: use --tracer strace"
        )


def _opened(pid: int, kind: str) -> int:
    try:
        return os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        refused = isinstance(error, PermissionError)
        remedy = (
            "run as root, or with CAP_SYS_PTRACE, or use --tracer strace" if refused else "it has ended, or never was"
        )
        raise SandboxError(
            f"the kernel tracer cannot read the namespaces of process {pid}: {error.strerror}; {remedy}"
        ) from error
