"""Entries and exits of calls joined per thread, with what the kernel told between them; births and ends of tasks.

The order of items is that of strace's log: a call stands where it ended. A call that ended a thread, or whose exit is not
in the log, has no result. A birth stands where the kernel told it, which is before anything of the new task.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from analyzer.trace.kernellog import differences, facts, places, tasks
from analyzer.trace.kernellog.arguments import Signature, signatures, unwrapped
from analyzer.trace.kernellog.items import Changed, KernelItem, TcpState
from analyzer.trace.kernellog.raw import Raw
from analyzer.trace.kernellog.records import (
    AT_EXIT,
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
    Chunk,
    Record,
    chunks,
)
from analyzer.trace.kernellog.tables import FOREIGN, error_name, signal_name
from analyzer.trace.logs.births import CREATING
from analyzer.trace.logs.strace import Ended, Foreign, Syscall, Unreadable

_ENTER = struct.Struct("<II6Q")
_EXIT = struct.Struct("<IIq")
_TASK_EXIT = struct.Struct("<IIQQ")
_NANOSECONDS = 1_000_000_000
_MICROSECONDS = 1_000_000
_ERRORS = 4095
_RESTARTS = 512
_MAX_PENDING = 65536
_EXECUTING = frozenset({"execve", "execveat"})

_Items = Sequence[KernelItem]


@dataclass(slots=True)
class _Pending:
    """A call under way: its record's place, and what the kernel told of it since."""

    number: int
    signature: Signature
    raw: Raw
    record: Record
    child: tasks.Child | None = None
    program: Sequence[Chunk] = ()
    states: Sequence[TcpState] = ()


class Join:
    """Makes items of records that come some at a time.

    It knows the calls under way by thread, and the first threads that ended before their process.
    """

    def __init__(self) -> None:
        self._pending: dict[int, _Pending] = {}
        self._threads: dict[int, dict[int, None]] = {}  # those of each process with a call under way
        self._leaders: dict[int, tuple[int, int]] = {}
        # Threads that end at one moment may each be told as the last one of their process.
        self._gone: set[int] = set()
        self._last = 0
        self._kinds: dict[int, tuple[int, Callable[[Record], _Items]]] = {
            ENTER: (_ENTER.size, self._enter),
            EXIT: (_EXIT.size, self._exit),
            FORK: (tasks.FORK.size, self._fork),
            EXEC: (0, self._exec),
            TASK_EXIT: (_TASK_EXIT.size, self._task_exit),
            SOCKET_STATE: (facts.STATE.size, self._state),
            CLOCK_READ: (facts.CLOCK.size, facts.clock),
            LOST: (facts.LOST.size, facts.lost),
            IO_URING: (facts.URING.size, facts.submission),
        }

    def take(self, records: Iterable[Record]) -> Iterator[KernelItem]:
        """The items that the next records complete."""
        kinds = self._kinds
        for record in records:
            if record.kind not in kinds:
                yield Unreadable(record.line)
                continue
            self._last = record.time
            size, handle = kinds[record.kind]
            if len(record.payload) < size:
                yield Unreadable(record.line)
            elif found := handle(record):
                yield from found

    def end(self) -> Iterator[KernelItem]:
        """The calls that never returned, once the log is over."""
        for tid in list(self._pending):
            yield from self._cut_short(tid, self._last)

    def _begin(self, tid: int, pending: _Pending) -> None:
        self._pending[tid] = pending
        self._threads.setdefault(pending.record.pid, {})[tid] = None

    def _over(self, tid: int) -> _Pending | None:
        """The call that was under way in a thread, which is so no longer."""
        pending = self._pending.pop(tid, None)
        if pending is not None:
            threads = self._threads[pending.record.pid]
            del threads[tid]
            if not threads:
                del self._threads[pending.record.pid]
        return pending

    def _cut_short(self, tid: int, time: int) -> list[KernelItem]:
        """The call under way in a thread, which will not return."""
        pending = self._over(tid)
        return _call(pending, None, time) if pending is not None else []

    def _enter(self, record: Record) -> _Items:
        head = _ENTER.unpack_from(record.payload)
        number, arch = head[:2]
        signature = signatures(arch).get(number)
        if signature is None:
            return ()
        before, whole = chunks(record.payload, _ENTER.size)
        items: _Items = self._cut_short(record.tid, record.time)
        if not whole:
            items, before = [*items, Unreadable(record.line)], []
        if len(self._pending) >= _MAX_PENDING:
            return [*items, Unreadable(record.line)]
        arguments = head[2:]
        if signature.name == "socketcall":
            signature, arguments, before = unwrapped(signature, arguments, before)
        raw = Raw(signature.name, arch, signature.wide, arguments, record.flags, before)
        self._begin(record.tid, _Pending(number, signature, raw, record))
        return items

    def _exit(self, record: Record) -> _Items:
        number, arch, result = _EXIT.unpack_from(record.payload)
        pending = self._over(record.tid)
        if pending is None or (number != pending.number and not pending.program):
            return self._unexplained(record, number, arch, result, pending)
        pending.raw.flags |= record.flags
        if len(record.payload) > _EXIT.size:
            pending.raw.after, whole = chunks(record.payload, _EXIT.size)
            if not whole:
                return [Unreadable(record.line), *_call(pending, result, record.time)]
        return _call(pending, result, record.time)

    def _unexplained(self, record: Record, number: int, arch: int, result: int, pending: _Pending | None) -> _Items:
        """An exit of another call than the one under way; `pending` is out of the table already."""
        items = _call(pending, None, record.time) if pending is not None else ()
        signature = signatures(arch).get(number)
        # A task returns from the call that made it; any other exit without an entry is one whose entry was lost.
        if signature is None or (pending is None and signature.name in CREATING and result == 0):
            return items
        return [*items, Unreadable(record.line)]

    def _fork(self, record: Record) -> _Items:
        child = tasks.child(record)
        self._gone.discard(child.pid)
        pending = self._pending.get(record.tid)
        if pending is not None and pending.raw.name in CREATING and pending.child is None:
            pending.child = child
            return [tasks.born(pending.record, child, tasks.flags_of(pending.raw))]
        # A task that no call of its maker explains: a worker of the kernel's, or the call's entry was lost.
        return tasks.unexplained(record, child)

    def _exec(self, record: Record) -> _Items:
        """The new program is loaded: the process's other threads are gone, and who made the call is its first one now."""
        program, whole = chunks(record.payload, 0)
        items: list[KernelItem] = [] if whole else [Unreadable(record.line)]
        caller = record.tid
        if not self._executes(caller):
            caller = next(filter(self._executes, self._threads.get(record.pid, ())), 0)
        pending = self._over(caller)
        if pending is None:
            return [*items, Unreadable(record.line)]
        if caller != record.tid:
            items += self._cut_short(record.tid, record.time)
            # The first thread ended before, which takes with it what it used.
            used = self._leaders.get(record.pid, (0, 0))[1]
            items.append(Ended(caller, record.time / _NANOSECONDS, 0, "", record.line, used / _NANOSECONDS))
            pending.record = pending.record._replace(tid=record.tid)
        self._leaders.pop(record.pid, None)
        pending.program = program or [(0, STRINGS, b"")]
        self._begin(record.tid, pending)
        return items

    def _executes(self, tid: int) -> bool:
        pending = self._pending.get(tid)
        return pending is not None and pending.raw.name in _EXECUTING

    def _task_exit(self, record: Record) -> _Items:
        code, last, used, memory = _TASK_EXIT.unpack_from(record.payload)
        items = self._cut_short(record.tid, record.time)
        if record.tid != record.pid:
            items.append(_ended(record, record.tid, code, used))
        elif not last and record.pid not in self._gone and len(self._leaders) < _MAX_PENDING:
            # The first thread may end long before the process; strace tells its end with that of the process.
            self._leaders[record.pid] = code, used
            return items
        if last and record.pid not in self._gone:
            if len(self._gone) < _MAX_PENDING:
                self._gone.add(record.pid)
            for tid in list(self._threads.get(record.pid, ())):
                items += self._cut_short(
                    tid, record.time
                )  # told before its own end, since the process's number is free then
            first, used = self._leaders.pop(record.pid, (0, used if record.tid == record.pid else 0))
            items.append(_ended(record, record.pid, first or code, used, memory))
        return items

    def _state(self, record: Record) -> _Items:
        item = facts.state(record)
        pending = self._pending.get(record.tid)
        if pending is not None and pending.raw.name == "connect":
            pending.states = [*pending.states[:1], item]
        return [item]


def _call(pending: _Pending, result: int | None, end: int) -> list[KernelItem]:
    """The call, and what of it changed while it was under way. `end` is when it ended, in nanoseconds."""
    raw, record, child = pending.raw, pending.record, pending.child
    if result is None:
        if pending.program:
            result = 0
        elif child is not None:
            result = child.inner
    elif result >= 0 and (record.flags & AT_EXIT or (raw.name in _EXECUTING and not pending.program)):
        # The kernel did not carry it out: a filter or a tracer of the package's own made the answer up.
        result = None
    raw.result = result
    told, error = result, ""
    if result is not None and -_ERRORS <= result < 0:
        # A call that a signal interrupted, to be made again, has no result.
        told, error = None if result <= -_RESTARTS else -1, error_name(-result)
    changes: list[tuple[str, str]] = []
    if raw.after or pending.program or pending.states:
        changes = list(differences.of(raw, pending.program, pending.states))
    call = Syscall(
        record.tid,
        record.time / _NANOSECONDS,
        raw.name,
        pending.signature.values(raw),
        told,
        error,
        False,  # this tracer injects nothing
        record.line,
        child.tid if child is not None and child.tid != told else None,
        (end - record.time) // 1000 / _MICROSECONDS if end > record.time else 0.0,
        record.inner_pid,
        _found(pending),
    )
    items: list[KernelItem] = [call]
    if raw.arch in FOREIGN:
        answer = "SIGSYS" if told is None and record.flags & AT_EXIT else error
        items.append(Foreign(call.pid, call.time, raw.name, FOREIGN[raw.arch], answer, call.line))
    items += (Changed(call.pid, call.time, call.name, asked, found, call.line) for asked, found in changes)
    if raw.unread:
        items.append(Unreadable(record.line))
    return items


def _found(pending: _Pending) -> str:
    """Where what was opened, run or moved into is, as the kernel has it."""
    if pending.program:
        return places.program(pending.program)
    return places.found(pending.raw.after) if pending.raw.after else ""


def _ended(record: Record, pid: int, code: int, used: int, memory: int = 0) -> Ended:
    signal = code & 0x7F
    return Ended(
        pid=pid,
        time=record.time / _NANOSECONDS,
        status=0 if signal else code >> 8 & 0xFF,
        signal=signal_name(signal) if signal else "",
        line=record.line,
        seconds=used / _NANOSECONDS,
        memory=memory,
    )


def join(records: Iterable[Record]) -> Iterator[KernelItem]:
    """The items of a log's records."""
    joined = Join()
    yield from joined.take(records)
    yield from joined.end()
