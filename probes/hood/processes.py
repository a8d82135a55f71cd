"""The processes of the sandbox, as /proc shows them to the supervisor."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_WRAPPERS = frozenset({"choom", "prlimit", "strace"})
"""Programs of ours that come before the launched command in its process's life."""


def tracee(tracer: int) -> int | None:
    """A descriptor (pidfd) of the tracer's first child that runs another program than the tracer, or None.

    Linux tells a process's children only by their parent's number, where /proc/PID/task/TID/children is not configured.
    """
    for pid, parent in _parents():
        if parent == tracer and _program(pid) not in _WRAPPERS:
            try:
                return os.pidfd_open(pid)
            except OSError:
                continue  # it ended while it was looked at
    return None


def descendants(ancestor: int) -> list[int]:
    """The numbers of all processes below one, children before grandchildren."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    found = [ancestor]
    for pid in found:
        found += children.get(pid, [])
    return found[1:]


def is_first_of_namespace(pid: int) -> bool:
    """Whether a process is the first one of a pid namespace inside ours (proc(5), `status`, NSpid)."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(errors="replace").splitlines()
    except OSError:
        return False
    numbers = next((line.split()[1:] for line in lines if line.startswith("NSpid:")), [])
    return len(numbers) > 1 and numbers[-1] == "1"


def kill(pid: int) -> None:
    """Ends a process, if it is still there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def adopt_orphans() -> None:
    """Makes this process the parent of descendants whose own parent ended (prctl(2), PR_SET_CHILD_SUBREAPER).

    The launcher ends before the first process of the package's namespace, and who does not wait for that one never learns
    what it used.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "this process cannot become the parent of orphans")


def children() -> set[int]:
    """The numbers of this process's children, ended ones among them."""
    return {pid for pid, parent in _parents() if parent == os.getpid()}


def take_leave_of_orphans(known: set[int]) -> int:
    """Waits for the ended children that are not `known`. The peak of the largest process among them in bytes, or 0."""
    peak = 0
    for pid in children() - known:
        try:
            _, _, usage = os.wait4(pid, os.WNOHANG)
        except ChildProcessError:
            continue
        peak = max(peak, usage.ru_maxrss * 1024)
    return peak


def used_by_children() -> float:
    """Seconds of processor time of all processes that this one and its descendants have waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def used_by(pid: int) -> float:
    """Seconds of processor time of a process alone, which may have ended but not been waited for (proc(5), `stat`)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return 0.0


def reap() -> None:
    """Takes leave of ended orphans, which come to the first process of a pid namespace and still count as processes.

    To be called only while no command runs, whose end it would take from its waiter.
    """
    if os.getpid() != 1:
        return
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _parents() -> list[tuple[int, int]]:
    """Each process's number and its parent's."""
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208 names are all that is needed
        if name.isdigit():
            try:
                fields = Path("/proc", name, "stat").read_text(errors="replace").rpartition(")")[2].split()
                found.append((int(name), int(fields[1])))
            except (OSError, IndexError):
                continue  # it ended while it was looked at
    return found


def _program(pid: int) -> str:
    """Base name of the file that a process runs, since the name in its `stat` is the process's to choose."""
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe"))  # noqa: PTH115, PTH119 a name, not a file
    except OSError:
        return "strace"  # not readable yet, or gone
