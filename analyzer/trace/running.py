"""System calls about how a process runs: its signals, sleep, limits and memory, decoded to event details."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from analyzer.model.event import Detail, MemoryProtect, ProcessHandler, ProcessLimit, ProcessSleep
from analyzer.trace.files import reading
from analyzer.trace.literals import Struct, Value
from analyzer.trace.processes import Process, as_int
from analyzer.trace.strace import Syscall

Decoder = Callable[[Syscall, Process], Iterator[Detail]]

_PROTECTIONS = ("PROT_READ", "PROT_WRITE", "PROT_EXEC")
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
    del process
    yield ProcessSleep(call.name, call.duration or 0.0)


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
