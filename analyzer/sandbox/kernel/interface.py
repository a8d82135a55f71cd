"""What records in the kernel, whether it is loaded by this process or by one with more rights."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from analyzer.sandbox.kernel.logfile import open_log, unwritable

if TYPE_CHECKING:
    from pathlib import Path

RING_BYTES: Final = 16 * 1024 * 1024
"""A second of 100,000 records of 160 bytes, twenty times what comes between two looks of the reader."""
MOST_BYTES: Final = 2 * 1024**3


class Namespaces(NamedTuple):
    """The inodes of a process's namespaces, as `/proc/PID/ns` tells them."""

    pid: int
    network: int


@dataclass(frozen=True, slots=True)
class Scope:
    """What is recorded, and how much of it; all as `Recorder.watch` says."""

    pid_namespace: int
    network_namespace: int | None = None
    quiet: bool = False
    ring_bytes: int = RING_BYTES
    most_bytes: int = MOST_BYTES


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of a log at its end."""

    records: int
    """Records in the log, without those that tell of lost ones."""
    lost: int
    """Records that the kernel could not deliver."""
    failure: str
    """Why the log is incomplete, apart from lost records, in one line; empty for one that is whole."""


class Recorder(ABC):
    """The tracer in the kernel, as a context manager: at its end, or that of the process, nothing stays attached.

    Any thread may call it.
    """

    missing: dict[str, str]
    """Optional programs that do not run on this host, each with the reason in one line; `watch_clock` may add to it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def namespaces(self, pid: int) -> Namespaces:
        """The namespaces that a process is in, which are kept from being reused until a recording of them ends.

        Args:
            pid: the process's number on the host.

        Raises:
            SandboxError: there is no such process (any more), or its namespaces may not be read.
        """

    def watch(
        self,
        pid_namespace: int,
        log: Path,
        network_namespace: int | None = None,
        *,
        quiet: bool = False,
        ring_bytes: int = RING_BYTES,
        most_bytes: int = MOST_BYTES,
    ) -> int:
        """Record the tasks of a pid namespace and of those made below it, from now on; gives the recording's number.

        Args:
            pid_namespace: the inode of the namespace.
            log: the file for the records, made new; it belongs to the owner of its folder.
            network_namespace: the sandbox's own, whose TCP connections are then recorded whole; None where it shares another's.
            quiet: only a trusted installer runs: record the smaller set of calls, and no reads of the clock.
            ring_bytes: room for records that wait to be written: a power of two, at least a page.
            most_bytes: size at which the log is cut.

        Raises:
            SandboxError: no slot or no memory is left, or the log cannot be written.
        """
        scope = Scope(pid_namespace, network_namespace, quiet, ring_bytes, most_bytes)
        try:
            return self.watch_into(open_log(log), scope)
        except OSError as error:
            raise unwritable(log, error) from error

    @abstractmethod
    def watch_into(self, descriptor: int, scope: Scope) -> int:
        """Begin a recording into a file that is open for appending, and is closed from here, whatever happens.

        Raises:
            SandboxError: no slot or no memory is left, or the namespace is this process's own.
            OSError: the file cannot be written.
        """

    @abstractmethod
    def unwatch(self, recording: int) -> Account:
        """End a recording: when this returns, its log is written. Raises SandboxError for a number that was given before."""

    @abstractmethod
    def watch_clock(self, libc: Path) -> list[str]:
        """Record reads of the system time through a libc, and give the names of the functions that can be watched there.

        Every process of the host that maps the file pays about a microsecond for each such call, while this tracer lives.
        The GNU library answers `time` and `gettimeofday` on x86-64 by functions that it chooses at start: those cannot. Where the
        kernel refuses altogether, no function is given, and `missing` says why.

        Args:
            libc: the file as the host sees it: `/proc/PID/root/…` for one in a sandbox.

        Raises:
            SandboxError: the file is no library.
        """

    @abstractmethod
    def close(self) -> None:
        """End all recordings, and detach and unload everything. May be called again."""
