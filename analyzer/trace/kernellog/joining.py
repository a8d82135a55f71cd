"""Entries and exits of calls joined per thread, with what the kernel told between them; births and ends of tasks.

The order of items is that of strace's log: a call stands where it ended. A call that ended a thread, or whose exit is not
in the log, has no result.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from analyzer.trace.kernellog import differences, facts
from analyzer.trace.kernellog.arguments import Signature, signatures, unwrapped
from analyzer.trace.kernellog.items import Changed, KernelItem, TcpState
from analyzer.trace.kernellog.raw import Raw
from analyzer.trace.kernellog.records import (
    CLOCK_READ,
    ENTER,
    EXEC,
    EXIT,
    FORK,
    IO_URING,
    LOST,
    SOCKET_STATE,
    STRINGS,
    TASK_EXIT,
    Record,
    chunks,
)
from analyzer.trace.kernellog.special import clone_flags
from analyzer.trace.kernellog.tables import error_name, signal_name
from analyzer.trace.literals import Struct, Value
from analyzer.trace.strace import Ended, Syscall, Unreadable

_ENTER = struct.Struct("<II6Q")
_EXIT = struct.Struct("<IIq")
_FORK = struct.Struct("<IIIIQ")
_TASK_EXIT = struct.Struct("<II")
_NANOSECONDS = 1_000_000_000
_ERRORS = 4095
_RESTARTS = 512
_MAX_PENDING = 65536
_CREATING = frozenset({"clone", "clone3", "fork", "vfork"})
_THREAD = 0x10000


@dataclass(slots=True)
class _Pending:
    """A call under way: its record's place, and what the kernel told of it since."""

    number: int
    signature: Signature
    raw: Raw
    record: Record
    child: tuple[int, int, int] = (0, 0, 0)
    program: list[tuple[int, int, bytes]] = field(default_factory=list)
    states: list[TcpState] = field(default_factory=list)


class _Join:
    """The calls under way by thread, and the first threads that ended before their process."""

    def __init__(self) -> None:
        self._pending: dict[int, _Pending] = {}
        self._leaders: dict[int, int] = {}
        self._last = 0
        self._kinds: dict[int, Callable[[Record], Iterator[KernelItem]]] = {
            ENTER: self._enter,
            EXIT: self._exit,
            FORK: self._fork,
            EXEC: self._exec,
            TASK_EXIT: self._task_exit,
            SOCKET_STATE: self._state,
            CLOCK_READ: facts.clock,
            LOST: facts.lost,
            IO_URING: facts.submission,
        }

    def items(self, records: Iterable[Record]) -> Iterator[KernelItem]:
        for record in records:
            handle = self._kinds.get(record.kind)
            if handle is None:
                yield Unreadable(record.line)
                continue
            self._last = record.time
            yield from handle(record)
        for pending in list(self._pending.values()):
            yield from self._call(pending, None, self._last)
        self._pending.clear()

    def _enter(self, record: Record) -> Iterator[KernelItem]:
        if len(record.payload) < _ENTER.size:
            yield Unreadable(record.line)
            return
        number, arch, *registers = _ENTER.unpack_from(record.payload)
        signature = signatures(arch).get(number)
        if signature is None:
            return
        before, whole = chunks(record.payload, _ENTER.size)
        left = self._pending.pop(record.tid, None)
        if left is not None:
            yield from self._call(left, None, record.time)
        if not whole or len(self._pending) >= _MAX_PENDING:
            yield Unreadable(record.line)
            if not whole:
                before = before[:0]
            else:
                return
        signature, arguments, before = unwrapped(signature, tuple(registers), before)
        raw = Raw(signature.name, arch, arguments, record.flags, before)
        self._pending[record.tid] = _Pending(number, signature, raw, record)

    def _exit(self, record: Record) -> Iterator[KernelItem]:
        if len(record.payload) < _EXIT.size:
            yield Unreadable(record.line)
            return
        number, arch, result = _EXIT.unpack_from(record.payload)
        pending = self._pending.pop(record.tid, None)
        signature = signatures(arch).get(number)
        name = signature.name if signature is not None else ""
        if pending is None:
            # A task returns from the call that made it; any other exit without an entry is one whose entry was lost.
            if name and not (name in _CREATING and result == 0):
                yield Unreadable(record.line)
            return
        if number != pending.number and not pending.program:
            yield from self._call(pending, None, record.time)
            if name:
                yield Unreadable(record.line)
            return
        pending.raw.after, whole = chunks(record.payload, _EXIT.size)
        pending.raw.flags |= record.flags
        if not whole:
            yield Unreadable(record.line)
        yield from self._call(pending, result, record.time)

    def _call(self, pending: _Pending, result: int | None, end: int) -> Iterator[KernelItem]:
        raw, record = pending.raw, pending.record
        child, inner, flags = pending.child
        if result is None and pending.program:
            result = 0
        if result is None and child:
            result = inner
        raw.result = result
        told, error = _told(result)
        values = pending.signature.values(raw)
        if raw.name == "clone3" and child and not isinstance(values[0], Struct):
            values = (_flags3(flags), *values[1:])
        call = Syscall(
            pid=record.tid,
            time=record.time / _NANOSECONDS,
            name=raw.name,
            arguments=values,
            result=told,
            error=error,
            injected=False,
            line=record.line,
            tracer_result=child if child and child != told else None,
            duration=round(max(end - record.time, 0) / _NANOSECONDS, 6),
            inner=record.inner_pid,
        )
        yield call
        for asked, found in differences.of(raw, pending.program, pending.states):
            yield Changed(call.pid, call.time, call.name, asked, found, call.line)

    def _fork(self, record: Record) -> Iterator[KernelItem]:
        if len(record.payload) < _FORK.size:
            yield Unreadable(record.line)
            return
        _, child, _, inner, flags = _FORK.unpack_from(record.payload)
        pending = self._pending.get(record.tid)
        if pending is not None and pending.raw.name in _CREATING and not pending.child[0]:
            pending.child = (child, inner, flags)
            return
        # A task that no call of its maker explains: a worker of the kernel's, or the call's entry was lost.
        yield Syscall(
            pid=record.tid,
            time=record.time / _NANOSECONDS,
            name="clone",
            arguments=(f"flags={clone_flags(flags)}",),
            result=inner,
            error="",
            injected=False,
            line=record.line,
            tracer_result=child if child != inner else None,
            duration=0.0,
            inner=record.inner_pid,
        )

    def _exec(self, record: Record) -> Iterator[KernelItem]:
        """The new program is loaded: the process's other threads are gone, and who made the call is its first one now."""
        program, whole = chunks(record.payload, 0)
        if not whole:
            yield Unreadable(record.line)
        caller = record.tid
        own = self._pending.get(caller)
        if own is None or not own.raw.name.startswith("exec"):
            caller = next((tid for tid, one in self._pending.items() if _executes(one, record.pid)), caller)
        pending = self._pending.pop(caller, None)
        if pending is None or not pending.raw.name.startswith("exec"):
            if pending is not None:
                self._pending[caller] = pending
            yield Unreadable(record.line)
            return
        if caller != record.tid:
            left = self._pending.pop(record.tid, None)
            if left is not None:
                yield from self._call(left, None, record.time)
            yield Ended(caller, record.time / _NANOSECONDS, 0, "", record.line)
            pending.record = pending.record._replace(tid=record.tid)
        self._leaders.pop(record.pid, None)
        pending.program = program or [(0, STRINGS, b"")]
        self._pending[record.tid] = pending

    def _task_exit(self, record: Record) -> Iterator[KernelItem]:
        if len(record.payload) < _TASK_EXIT.size:
            yield Unreadable(record.line)
            return
        code, last = _TASK_EXIT.unpack_from(record.payload)
        left = self._pending.pop(record.tid, None)
        if left is not None:
            yield from self._call(left, None, record.time)
        if record.tid != record.pid:
            yield _ended(record, record.tid, code)
        elif not last and len(self._leaders) < _MAX_PENDING:
            # The first thread may end long before the process; strace tells its end with that of the process.
            self._leaders[record.pid] = code
            return
        if last:
            first = self._leaders.pop(record.pid, 0)
            yield _ended(record, record.pid, first or code)

    def _state(self, record: Record) -> Iterator[KernelItem]:
        for item in facts.state(record):
            pending = self._pending.get(record.tid)
            if pending is not None and pending.raw.name == "connect" and isinstance(item, TcpState):
                pending.states = [*pending.states[:1], item]
            yield item


def _executes(pending: _Pending, pid: int) -> bool:
    return pending.record.pid == pid and pending.raw.name.startswith("exec")


def _told(result: int | None) -> tuple[int | None, str]:
    """A register as result and error. A call that a signal interrupted, to be made again, has no result."""
    if result is None or not -_ERRORS <= result < 0:
        return result, ""
    return None if -result >= _RESTARTS else -1, error_name(-result)


def _flags3(flags: int) -> Value:
    return Struct((("flags", clone_flags(flags & ~0xFF)),))


def _ended(record: Record, pid: int, code: int) -> Ended:
    signal = code & 0x7F
    status = 0 if signal else code >> 8 & 0xFF
    return Ended(pid, record.time / _NANOSECONDS, status, signal_name(signal) if signal else "", record.line)


def join(records: Iterable[Record]) -> Iterator[KernelItem]:
    """The items of a log's records."""
    return _Join().items(records)
