"""Limits by control groups, where this user may make them: memory, processes and CPU of a whole sandbox.

Root may on most machines. A controller that the machine has not enabled for groups like ours stays as it is, since that
would be a change to the machine; the supervisor's and the sampler's limits stand then.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from analyzer.sandbox.interface import Limits
from analyzer.sandbox.leftovers import abandoned_groups, group_name
from analyzer.sandbox.yielding import PERIOD, SHARES, WEIGHT, quota

_ROOT = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of a run: one where the machine has one hierarchy, else one for each controller, and none without the right to."""

    folders: tuple[Path, ...]

    @property
    def joined_by(self) -> list[Path]:
        """The files that a process writes its number into to join."""
        return [folder / "cgroup.procs" for folder in self.folders]

    @property
    def ended_for_memory(self) -> int:
        """How many processes the kernel ended because the memory limit was reached (its count is in the same words in both files)."""
        return sum(map(oom_kills, self.folders))

    def processor_seconds(self) -> float:
        """Processor time of all processes that were in the groups; 0 where no group counts it."""
        return max(map(processor_seconds, self.folders), default=0.0)

    def give_way(self) -> None:
        """Leaves the processors to others that want them (`analyzer.sandbox.yielding`)."""
        for folder in self.folders:
            for name, value in (("cpu.weight", WEIGHT), ("cpu.shares", SHARES)):
                with suppress(OSError):  # not a file of this group
                    if (folder / name).exists():
                        (folder / name).write_text(str(value), encoding="ascii")


def oom_kills(folder: Path) -> int:
    """How many processes of a group the kernel ended for their memory; 0 for a group that is not there."""
    return sum(_count(folder / name, "oom_kill") for name in ("memory.events", "memory.oom_control"))


def refused_processes(folder: Path) -> int:
    """How many processes a group was not given because it had as many as it may have; 0 for one that does not count them."""
    return _count(folder / "pids.events", "max")


def processor_seconds(folder: Path) -> float:
    """Processor time that a group's processes used, ended ones too; 0 where its files do not tell."""
    with suppress(OSError, ValueError):
        return int((folder / "cpuacct.usage").read_text(encoding="ascii")) / 1e9
    return _count(folder / "cpu.stat", "usage_usec") / 1e6


@contextmanager
def limited(token: str, limits: Limits) -> Iterator[Groups]:
    """Makes the groups of a run, which are gone afterwards with every process in them, and removes abandoned ones."""
    sweep()
    made: list[Path] = []
    try:
        for folder, settings in _places(token, limits).items():
            if _make(folder, settings):
                made.append(folder)
        yield Groups(tuple(made))
    finally:
        for folder in made:
            _remove(folder)


def sweep() -> None:
    """Removes abandoned groups, with every process in them."""
    for parent in {folder.parent for folder in _places("")}:
        for group in abandoned_groups(parent):
            _remove(group)


def joining(groups: Groups, command: list[str]) -> list[str]:
    """The command, preceded by a shell that joins the groups before it becomes the command: no process escapes in between."""
    if not groups.folders:
        return command
    joins = "; ".join(f"echo $$ > {file}" for file in groups.joined_by)
    return ["/bin/sh", "-c", f'{joins}; exec "$@"', "sh", *command]


def _places(token: str, limits: Limits | None = None) -> dict[Path, dict[str, str]]:
    """The groups' folders, and what is written into the files of each."""
    limits = limits or Limits()
    name = group_name(token)
    allowed = quota(limits.cpus)
    memory, processes = str(limits.hard_memory_bytes), str(limits.hard_processes)
    if (_ROOT / "cgroup.controllers").is_file():
        settings = {
            "memory.max": memory,
            "memory.swap.max": "0",
            "pids.max": processes,
            "cpu.max": f"{allowed} {PERIOD}",
        }
        return {_ROOT / name: settings}
    return {
        _ROOT / "memory" / name: {"memory.limit_in_bytes": memory, "memory.memsw.limit_in_bytes": memory},
        _ROOT / "pids" / name: {"pids.max": processes},
        _ROOT / "cpu" / name: {"cpu.cfs_quota_us": str(allowed)},
        _ROOT / "cpuacct" / name: {},  # on most machines the same folder
    }


def _make(folder: Path, settings: dict[str, str]) -> bool:
    if not folder.parent.is_dir() or not os.access(folder.parent, os.W_OK):
        return False
    try:
        folder.mkdir()
    except OSError:
        return False
    for name, value in settings.items():
        try:
            (folder / name).write_text(value, encoding="ascii")
        except OSError:
            continue  # a controller or a file that this kernel does not have here
    return True


def _count(file: Path, word: str) -> int:
    try:
        lines = file.read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(word + " "))


def _remove(folder: Path) -> None:
    """Ends what is in a group, and removes it. The last process is gone only a moment after it was ended."""
    for _ in range(100):
        try:
            for pid in map(int, (folder / "cgroup.procs").read_text(encoding="ascii").split()):
                if pid > 1:  # 0 stands for a process of another pid namespace, and would be our own process group
                    os.kill(pid, signal.SIGKILL)
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.02)
        else:
            return
