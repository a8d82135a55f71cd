"""strace's log, line by line, to system calls with their results.

The format is that of `strace -f -y -ttt -T -o FILE` (strace(1)): `pid time name(arguments) = result <seconds>`, where a
call that another process's line interrupted stands in two parts, `<unfinished ...>` and `<... name resumed>`; and `+++
exited with N +++`, `+++ killed by SIGNAL +++`. Logs without -y and -T are read as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from analyzer.trace.logs.literals import Value, arguments, call_arguments, described, ends_in_string

_LINE = re.compile(r"([0-9]{1,10}) +([0-9]{1,11}\.[0-9]{1,9}) (.*)", re.DOTALL)
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>")
_UNFINISHED = "<unfinished ...>"
_NEVER_BEGUN = ("???(", "<... ??? resumed>")
"""What strace prints where a thread was ended before its next call could be read: the call never happened."""

_IGNORED = ("---", "???(", "<... ??? resumed>")
"""Signals, and calls that strace could not look at because their thread was just ended: they were never made."""

_FORBIDDEN = re.compile(
    r"--- SIGSYS \{.*si_code=SYS_SECCOMP.* si_syscall=[0-9]{1,10} /\* (\w{1,64}) \*/, si_arch=(\w+)\} ---"
)
"""The sandbox's profile ends the calls of other architectures by this signal, where strace traces (`analyzer/sandbox/seccomp.py`)."""

_ABIS = {"AUDIT_ARCH_I386": "i386", "AUDIT_ARCH_ARM": "arm"}
_CALL = re.compile(r"(\w+)\(")
_RESULT = re.compile(
    r"\)\s+= (-?[0-9]{1,20}|0x[0-9a-f]{1,16}|\?)(?![0-9a-z])(?:<([^<>]*)>(?:\(deleted\))?)?(?: ([A-Z][A-Z0-9_]+))?(?: \(.*\))?(.*)$",
    re.DOTALL,
)
_DURATION = re.compile(r" <([0-9]{1,9}\.[0-9]{1,9})>\Z")
_EXIT = re.compile(r"\+\+\+ exited with ([0-9]{1,10}) \+\+\+")
_KILLED = re.compile(r"\+\+\+ killed by (\w+)")
_SUPERSEDED = re.compile(r"\+\+\+ superseded by execve in pid ([0-9]{1,10}) \+\+\+")
_OUTSIDE = re.compile(r"/\* ([0-9]{1,10}) in strace's PID NS \*/")
_MAX_LINE = 1024 * 1024
_MAX_RESULTS = 20
_LONGEST_DURATION = 24


class Syscall(NamedTuple):
    """One call. `result` is None while it never returned; `error` is the errno's name, or empty.

    `line` is the log's line on which the call began, counted from 1; `time` that of its beginning. Where a process
    number is returned, `tracer_result` is that process in the tracer's numbering, should it differ from the caller's.
    `duration` is in seconds, for a call that never returned up to its thread's or the log's end; None where the log does
    not tell it. `inner` is the caller's process number as it sees itself, 0 where the log does not tell it. `found` is where what
    the call opened, ran or moved into really is, as the kernel has it; "" where the log does not tell it.
    """

    pid: int
    time: float
    name: str
    arguments: tuple[Value, ...]
    result: int | None
    error: str
    injected: bool
    line: int
    tracer_result: int | None = None
    duration: float | None = None
    inner: int = 0
    found: str = ""

    def argument(self, place: int) -> Value:
        """The argument at a place, or empty text where the log has fewer."""
        return self.arguments[place] if place < len(self.arguments) else ""


@dataclass(frozen=True, slots=True)
class Ended:
    """A process or thread ended, with a status or by a signal.

    `seconds` of processor time that this thread used and `memory` bytes that its process had at most, where the log tells them.
    """

    pid: int
    time: float
    status: int
    signal: str
    line: int
    seconds: float = 0.0
    memory: int = 0


@dataclass(frozen=True, slots=True)
class Foreign:
    """A call by the interface of another architecture than the machine's own: "i386" or "x32", "arm" on aarch64.

    `error` is what it was answered with: an errno's name, or the signal SIGSYS.
    """

    pid: int
    time: float
    call: str
    abi: str
    error: str
    line: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is none of these: it is counted, and makes the run incomplete."""

    line: int


@dataclass(frozen=True, slots=True)
class _Pending:
    time: float
    text: str
    line: int
    replaces_threads: bool = False


Item = Syscall | Ended | Foreign | Unreadable


class Reader:
    """Reads a log whose lines come some at a time; it knows the calls that began and have not ended yet."""

    def __init__(self) -> None:
        self._pending: dict[int, _Pending] = {}
        self._number = 0
        self._last = 0.0

    def take(self, lines: Iterable[str]) -> Iterator[Item]:
        """What the next lines tell."""
        pending, number = self._pending, self._number
        for raw in lines:
            number += 1
            match = _LINE.match(raw.rstrip("\n")[:_MAX_LINE])
            if match is None:
                if raw.strip():
                    yield Unreadable(number)
                continue
            self._last = float(match[2])
            yield from _items(int(match[1]), self._last, match[3], number, pending)
        self._number = number

    def end(self) -> Iterator[Item]:
        """The calls that never returned, once the log is over."""
        for pid, left in self._pending.items():
            yield _never_returned(pid, left, self._last)

    def is_under_way(self, calls: tuple[str, ...]) -> bool:
        """Whether a call began whose text begins with one of these, and has not ended."""
        return any(one.text.startswith(calls) for one in self._pending.values())


def read(lines: Iterable[str]) -> Iterator[Item]:
    """The calls of a log in the order in which they ended, and at the end those that never returned."""
    reader = Reader()
    yield from reader.take(lines)
    yield from reader.end()


def _items(pid: int, time: float, text: str, number: int, pending: dict[int, _Pending]) -> Iterator[Item]:
    if text.startswith("+++"):
        yield from _ended(pid, time, text, number, pending)
    elif match := _FORBIDDEN.match(text):
        yield Foreign(pid, time, match[1], _ABIS.get(match[2], "x32"), "SIGSYS", number)
    elif text.startswith(_IGNORED):
        return
    elif resumed := _RESUMED.match(text):
        begun = pending.pop(pid, None)
        if begun is None or not begun.text.startswith(resumed[1] + "("):
            yield Unreadable(number)
        else:
            rest = ") = 0" if begun.replaces_threads else text[resumed.end() :].removeprefix(f" {_UNFINISHED}")
            yield _call(pid, begun.time, begun.text + rest, begun.line, over=time)
    elif text.endswith(_UNFINISHED):
        if pid in pending:
            yield Unreadable(pending[pid].line)
        pending[pid] = _Pending(time, text.removesuffix(_UNFINISHED), number)
    else:
        yield _call(pid, time, text, number)


def _ended(pid: int, time: float, text: str, number: int, pending: dict[int, _Pending]) -> Iterator[Item]:
    """An end. A call under way in that thread never returned; only an execve goes on, under the leader's number."""
    if match := _SUPERSEDED.match(text):
        thread = int(match[1])
        begun = pending.pop(thread, None)
        if begun is not None:
            # The kernel ends the other threads only once the new program is loaded: this execve has succeeded, whatever
            # strace then prints as its result (strace 6.1: `-1 (errno 18446744073709551359)`).
            pending[pid] = replace(begun, replaces_threads=True)
        yield Ended(thread, time, 0, "", number)
        return
    left = pending.pop(pid, None)
    if left is not None:
        yield _never_returned(pid, left, time)
    if match := _EXIT.match(text):
        yield Ended(pid, time, int(match[1]), "", number)
    elif match := _KILLED.match(text):
        yield Ended(pid, time, 0, match[1], number)
    else:
        yield Unreadable(number)


def _never_returned(pid: int, left: _Pending, end: float) -> Item:
    return _call(pid, left.time, left.text + ") = ?", left.line, over=end)


def _call(pid: int, time: float, text: str, number: int, over: float | None = None) -> Item:
    """The call in a line. `over` is when it ended, where another line tells that."""
    name = _CALL.match(text)
    if name is None:
        return Unreadable(number)
    values, end = call_arguments(text, name.end())
    result = _RESULT.match(text, end - 1)
    if result is None:
        result = None if ends_in_string(text) else _last_result(text)
        if result is None:
            return Unreadable(number)
        values = arguments(text[name.end() : result.start()])
    return Syscall(
        pid=pid,
        time=time,
        name=name[1],
        arguments=values,
        result=_number(result[1]),
        error=result[3] or "",
        injected="(INJECTED)" in text[result.end(2) if result[2] is not None else result.end(1) :],
        line=number,
        tracer_result=int(outside[1]) if (outside := _OUTSIDE.search(result[4])) else None,
        duration=_duration(text, time, over),
        found=described(result[2]) if result[2] else "",
    )


def _duration(text: str, begin: float, over: float | None) -> float | None:
    if match := _DURATION.search(text, max(len(text) - _LONGEST_DURATION, 0)):
        return float(match[1])
    return round(max(over - begin, 0.0), 6) if over is not None else None


def _number(text: str) -> int | None:
    if text == "?":
        return None
    return int(text, 16) if text.startswith("0x") else int(text)


def _last_result(text: str) -> re.Match[str] | None:
    """The result behind the last parenthesis that has one: for arguments whose shape the grammar does not know."""
    place = len(text)
    for _ in range(_MAX_RESULTS):
        place = text.rfind(")", 0, place)
        if place < 0:
            return None
        match = _RESULT.match(text, place)
        if match is not None and '"' not in match[4]:
            return match
    return None
