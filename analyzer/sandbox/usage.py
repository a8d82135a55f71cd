"""What the host sees of a running sandbox: memory, CPU time and number of processes, sampled with psutil.

A sample sums over the sandbox's processes; short-lived processes between samples are missed, so the figures are lower bounds.
"""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from analyzer.model.report import Usage
from analyzer.sandbox.cgroup import oom_kills, processor_seconds, refused_processes
from analyzer.sandbox.interface import MIB

_INTERVAL_SECONDS = 0.1
_PAUSES = 4
"""A pause lasts at least so many times what the look before it took, which a package with many processes can make long."""

IsPackage = Callable[[psutil.Process], bool]
"""Whether a process of the tree is the package's, not the sandbox's own. May raise psutil.Error or OSError."""


Processes = Callable[[], list[psutil.Process]]
"""The processes of a sandbox at this moment. May raise psutil.Error or OSError."""


def below(pid: int) -> Processes:
    """A process and all below it."""

    def processes() -> list[psutil.Process]:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]

    return processes


def numbers_beside(pid: int) -> Callable[[], list[int]]:
    """The numbers of all processes of a container, by its first one: those that the engine starts in it later are not below that one.

    A container that is started again has the same control group; of one that has ended, there are none. Raises OSError where
    its group cannot be read.
    """
    file = _group_of(pid) / "cgroup.procs"
    file.read_bytes()

    def numbers() -> list[int]:
        try:
            return [int(word) for word in file.read_text(encoding="ascii").split()]
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ENODEV}:
                return []  # it has ended
            raise

    return numbers


def beside(pid: int) -> Processes:
    """The same as `numbers_beside`, as processes: those that are still there when they are looked at."""
    numbers = numbers_beside(pid)

    def processes() -> list[psutil.Process]:
        found = []
        for number in numbers():
            with suppress(psutil.NoSuchProcess):
                found.append(psutil.Process(number))
        return found

    return processes


def ended_for_memory(pid: int) -> Callable[[], int]:
    """How many processes of a container the kernel ended for their memory, by its first one; 0 when the container has ended."""
    group = _group_of(pid)
    return lambda: oom_kills(group)


def used_beside(pid: int) -> Callable[[], float]:
    """Seconds of processor time of a container, by its first process; 0 when it has ended."""
    groups = _groups_of(pid)
    return lambda: max(map(processor_seconds, groups), default=0.0)


def refused_beside(pid: int) -> Callable[[], int]:
    """How many processes a container was not given, by its first one; 0 when it has ended."""
    groups = _groups_of(pid)
    return lambda: max(map(refused_processes, groups), default=0)


class UsageSampler:
    """Samples a sandbox's processes until it is left, and ends processes of the package that take too much memory.

    The kernel's own limit, where there is one, is wider (`Limits.hard_memory_bytes`): it counts files as memory, cannot tell the
    package's processes from the supervisor's, and does not exist for every user.
    `looks` are called as often, in a thread of their own.
    """

    def __init__(
        self, processes: Processes, limit_bytes: int, is_package: IsPackage, looks: Sequence[Callable[[], None]] = ()
    ) -> None:
        self._processes = processes
        self._limit = limit_bytes
        self._is_package = is_package
        self._looks = looks
        self._stop = threading.Event()
        # Of their own, since a sample of many processes takes long.
        self._threads = [
            threading.Thread(target=target, daemon=True)
            for target in (self._sample_until_stopped, self._look_until_stopped)
        ]
        self._peak = 0
        self._most = 0
        self._cpu: dict[tuple[int, float], float] = {}
        self._ended = 0

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def usage(self) -> Usage:
        """The figures so far."""
        return Usage(
            peak_memory_bytes=self._peak, cpu_seconds=round(sum(self._cpu.values()), 3), max_processes=self._most
        )

    def reasons(self, ended_by_kernel: int) -> list[str]:
        """Why not everything was seen, with the count of processes that the kernel ended for their memory."""
        ended = self._ended + ended_by_kernel
        limit = f"{self._limit // MIB} MiB"
        return [f"the memory limit of {limit} was passed, and {ended} processes were ended"] if ended else []

    def _sample_until_stopped(self) -> None:
        while not self._stop.is_set():
            begin = time.monotonic()
            self._sample()
            self._stop.wait(max(_INTERVAL_SECONDS, (time.monotonic() - begin) * _PAUSES))

    def _look_until_stopped(self) -> None:
        while not self._stop.wait(_INTERVAL_SECONDS):
            for look in self._looks:
                look()

    def _sample(self) -> None:
        try:
            present = self._processes()
        except (psutil.Error, OSError):
            return
        memory: dict[psutil.Process, int] = {}
        for process in present:
            try:
                with process.oneshot():
                    memory[process] = process.memory_info().rss
                    times = process.cpu_times()
                    self._cpu[process.pid, process.create_time()] = times.user + times.system
            except psutil.Error:
                continue
        self._peak = max(self._peak, sum(memory.values()))
        self._most = max(self._most, len(memory))
        if sum(memory.values()) > self._limit:
            self._enforce(memory)

    def _enforce(self, resident: dict[psutil.Process, int]) -> None:
        """Ends the biggest processes of the package until the others are within the limit."""
        shares = [(_share(process, size), process) for process, size in resident.items() if self._belongs(process)]
        total = sum(share for share, _ in shares)
        for share, process in sorted(shares, key=lambda pair: pair[0], reverse=True):
            if total <= self._limit:
                return
            try:
                process.kill()
            except psutil.Error:
                continue  # gone by itself, or not ours to end: the kernel's own limit stands
            total -= share
            self._ended += 1

    def _belongs(self, process: psutil.Process) -> bool:
        try:
            return self._is_package(process)
        except (psutil.Error, OSError):
            return False


def namespace_depth(pid: int) -> int:
    """In how many nested pid namespaces a process has a number (proc(5), `status`, NSpid). Raises OSError for one that is gone."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("NSpid:"):
            return len(line.split()) - 1
    return 0


def _group_of(pid: int) -> Path:
    """The folder of a process's control group: of the memory controller, or of the one hierarchy (proc(5), cgroups(7))."""
    groups = _groups_of(pid)
    return next((folder for folder in groups if folder.is_relative_to("/sys/fs/cgroup/memory")), groups[-1])


def _groups_of(pid: int) -> list[Path]:
    """The folders of a process's control groups; the last one is that of the one hierarchy."""
    groups = {}
    for line in Path(f"/proc/{pid}/cgroup").read_text(encoding="ascii", errors="replace").splitlines():
        _, controllers, path = line.split(":", 2)
        groups[controllers] = path.lstrip("/")
    own = [Path("/sys/fs/cgroup", controllers, path) for controllers, path in groups.items() if controllers]
    return [*own, Path("/sys/fs/cgroup", groups.get("", ""))]


def _share(process: psutil.Process, resident: int) -> int:
    """The process's share of memory: pages that several processes use are divided among them, where the kernel tells."""
    try:
        share: int = process.memory_full_info().pss
    except (psutil.Error, OSError):
        return resident
    return share
