"""System calls about how a process runs: its signals, sleep, limits and memory, decoded to event details."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

from analyzer.model.event import Detail, MemoryProtect, ProcessHandler, ProcessLimit, ProcessSleep
from analyzer.trace.calls.files import reading
from analyzer.trace.calls.processes import Process
from analyzer.trace.logs.literals import Struct, Value, as_int
from analyzer.trace.logs.strace import Syscall

Decoder = Callable[[Syscall, Process], Iterator[Detail]]

_PROTECTIONS = ("PROT_READ", "PROT_WRITE", "PROT_EXEC")
CUT = ", which the end of the process cut"
BY_CLOCK = ", by a clock that ran ahead"
"""Notes of a `process.sleep`."""
_INTERRUPTED = "ERESTART"
"""How the errors begin that no program sees: a signal came, which may have been the process's end (include/linux/errno.h)."""
_TOLD_CLOCK = "CLOCK_THREAD_CPUTIME_ID"
_TOLD = {0x46480000: "sleep", 0x46480001: "wait"}
_MOST_SECONDS = 1e10
"""Three centuries: what a program asks for may be any number."""
_NAMED: dict[str, Literal["default", "ignore", "handle"]] = {"SIG_DFL": "default", "SIG_IGN": "ignore"}


def _handler(call: Syscall, process: Process) -> Iterator[Detail]:
    """A new action for a signal; not a question (NULL), and not the default where it was the default."""
    del process
    new, old = call.argument(1), call.argument(2)
    if not isinstance(new, Struct):
        return
    action = _NAMED.get(str(new.get("sa_handler")), "handle")
    if action == "default" and isinstance(old, Struct) and old.get("sa_handler") == "SIG_DFL":
        return
    yield ProcessHandler(str(call.argument(0)), action)


def _sleep(call: Syscall, process: Process) -> Iterator[Detail]:
    if call.name == "clock_nanosleep" and call.argument(0) == _TOLD_CLOCK:
        # What a clock that runs ahead tells of a sleep that it shortens (`probes/clock/wait.c`); the kernel refuses it as it is.
        told = _TOLD.get(as_int(call.argument(1), 0) or 0)
        if told is not None:
            yield ProcessSleep(told, _seconds(call.argument(2)), BY_CLOCK)
        return
    is_over = call.result is not None and not call.error.startswith(_INTERRUPTED)
    yield ProcessSleep(call.name, call.duration or 0.0, wanted=0.0 if is_over else _asked(call, process.epoch))


def cut_sleep(sleep: ProcessSleep) -> ProcessSleep:
    """A sleep that did not come to its end, because its process did before."""
    return replace(sleep, seconds=max(sleep.wanted, sleep.seconds), note=CUT)


def _asked(call: Syscall, epoch: float) -> float:
    """For how long a call was to sleep, in seconds. Until when, where that is what it asked, goes by a clock whose zero is `epoch`."""
    if call.name != "clock_nanosleep":
        return _seconds(call.argument(4 if call.name.endswith("select6") or call.name == "select" else 0))
    seconds = _seconds(call.argument(2))
    if "TIMER_ABSTIME" not in str(call.argument(1)):
        return seconds
    realtime = call.argument(0) == "CLOCK_REALTIME"
    if not realtime and not epoch:
        return 0.0
    return max(seconds + (0.0 if realtime else epoch) - call.time, 0.0)


def _seconds(value: Value) -> float:
    """Of a timespec or timeval; 0 for what is none."""
    if not isinstance(value, Struct):
        return 0.0
    whole = as_int(value.get("tv_sec"), 0) or 0
    part = (as_int(value.get("tv_nsec"), 0) or 0) / 1e9 + (as_int(value.get("tv_usec"), 0) or 0) / 1e6
    return min(whole + part, _MOST_SECONDS)


def _select(call: Syscall, process: Process) -> Iterator[Detail]:
    if as_int(call.argument(0), -1) == 0:
        yield from _sleep(call, process)


def _limit(resource: int, new: int, target: int | None) -> Decoder:
    def decode(call: Syscall, process: Process) -> Iterator[Detail]:
        if isinstance(call.argument(new), Struct):
            pid = as_int(call.argument(target)) if target is not None else 0
            yield ProcessLimit(str(call.argument(resource)), 0 if pid == process.inner else pid, call.error)

    return decode


def _map(call: Syscall, process: Process) -> Iterator[Detail]:
    """Memory that can be written and run, or run without being a file's; program files are mapped to be read and run.

    A file that is mapped to be read is read, whenever its bytes then come. One that may be written to in place may be
    mapped for that alone.
    """
    protection = _protection(call.argument(2))
    how = str(call.argument(3)).split("|")
    anonymous = "MAP_ANONYMOUS" in how
    mapped = protection == ("PROT_READ",) or (protection == ("PROT_READ", "PROT_WRITE") and "MAP_PRIVATE" in how)
    if mapped and not anonymous and not call.error and call.result is not None:
        yield from reading(call, process, 4, as_int(call.argument(1)))
    if "PROT_EXEC" in protection and (anonymous or "PROT_WRITE" in protection):
        yield MemoryProtect(call.name, protection, as_int(call.argument(1)), call.error)


def _protect(call: Syscall, process: Process) -> Iterator[Detail]:
    del process
    protection = _protection(call.argument(2))
    if "PROT_EXEC" in protection:
        yield MemoryProtect(call.name, protection, as_int(call.argument(1)), call.error)


def _protection(flags: Value) -> tuple[str, ...]:
    words = str(flags).split("|")
    return tuple(name for name in _PROTECTIONS if name in words)


DECODERS: dict[str, Decoder] = {
    "rt_sigaction": _handler,
    **dict.fromkeys(("nanosleep", "clock_nanosleep"), _sleep),
    **dict.fromkeys(("select", "pselect6"), _select),
    "setrlimit": _limit(0, 1, None),
    "prlimit64": _limit(1, 2, 0),
    "mmap": _map,
    **dict.fromkeys(("mprotect", "pkey_mprotect"), _protect),
}
"""By call name. Argument places as in man 2 of each call."""
