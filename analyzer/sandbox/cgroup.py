"""Limits by control groups, where this user may make them (root on most machines): memory, processes and CPU of a whole sandbox."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analyzer.sandbox.interface import Limits

_ROOT = Path("/sys/fs/cgroup")
_PERIOD_MICROSECONDS = 100_000


@contextmanager
def limited(run: str, limits: Limits) -> Iterator[list[Path]]:
    """Makes the groups of a run and gives the files that a process joins them by; none where groups cannot be made."""
    groups = [group for group in _make(f"fumehood-{run}", limits) if group is not None]
    try:
        yield [group / "cgroup.procs" for group in groups]
    finally:
        for group in groups:
            _remove(group)


def joining(files: list[Path], command: list[str]) -> list[str]:
    """The command, preceded by a shell that joins the groups before it becomes the command: no process escapes in between."""
    if not files:
        return command
    joins = "; ".join(f"echo $$ > {file}" for file in files)
    return ["/bin/sh", "-c", f'{joins}; exec "$@"', "sh", *command]


def _make(name: str, limits: Limits) -> Iterator[Path | None]:
    quota = str(int(limits.cpus * _PERIOD_MICROSECONDS))
    if (_ROOT / "cgroup.controllers").is_file():
        yield _group(
            _ROOT / name,
            {
                "memory.max": str(limits.memory_bytes),
                "memory.swap.max": "0",
                "pids.max": str(limits.processes),
                "cpu.max": f"{quota} {_PERIOD_MICROSECONDS}",
            },
        )
        return
    yield _group(_ROOT / "memory" / name, {"memory.limit_in_bytes": str(limits.memory_bytes)})
    yield _group(_ROOT / "pids" / name, {"pids.max": str(limits.processes)})
    yield _group(_ROOT / "cpu" / name, {"cpu.cfs_quota_us": quota})


def _group(path: Path, settings: dict[str, str]) -> Path | None:
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        return None
    try:
        path.mkdir()
    except OSError:
        return None
    for name, value in settings.items():
        try:
            (path / name).write_text(value, encoding="ascii")
        except OSError:
            continue  # a controller that is not delegated here; the supervisor's own limits stand
    return path


def _remove(path: Path) -> None:
    """A group can go only when its last process is gone, which the kernel may report a moment later."""
    for _ in range(100):
        try:
            path.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.02)
        else:
            return
