"""strace's log, line by line, to system calls with their results.

The format is that of `strace -f -ttt -o FILE` (strace(1)): `pid time name(arguments) = result`, where a call that another process's line
interrupted stands in two parts, `<unfinished ...>` and `<... name resumed>`; and `+++ exited with N +++`, `+++ killed by SIGNAL +++`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analyzer.trace.literals import Value, arguments

_LINE = re.compile(r"(\d+)\s+(\d+\.\d+) (.*)", re.DOTALL)
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>")
_UNFINISHED = "<unfinished ...>"
_CALL = re.compile(r"(\w+)\(")
_RESULT = re.compile(r"\)\s+= (-?\d+|0x[0-9a-f]+|\?)(?:<[^>]*>)?(?: ([A-Z][A-Z0-9_]+))?(?: \(.*\))?(.*)$", re.DOTALL)
_EXIT = re.compile(r"\+\+\+ exited with (\d+) \+\+\+")
_KILLED = re.compile(r"\+\+\+ killed by (\w+)")
_OUTSIDE = re.compile(r"/\* (\d+) in strace's PID NS \*/")
_MAX_LINE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Syscall:
    """One call. `result` is None while it never returned; `error` is the errno's name, or empty.

    `line` is the log's line on which the call began, counted from 1; `time` that of its beginning. Where a process number is returned,
    `tracer_result` is that process in the tracer's numbering, should it differ from the caller's.
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

    def argument(self, place: int) -> Value:
        """The argument at a place, or empty text where the log has fewer."""
        return self.arguments[place] if place < len(self.arguments) else ""


@dataclass(frozen=True, slots=True)
class Ended:
    """A process or thread ended, with a status or by a signal."""

    pid: int
    time: float
    status: int
    signal: str
    line: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is none of these: it is counted, and makes the run incomplete."""

    line: int


@dataclass(slots=True)
class _Pending:
    time: float
    text: str
    line: int


Item = Syscall | Ended | Unreadable


def read(lines: Iterable[str]) -> Iterator[Item]:
    """The calls of a log in the order in which they ended, and at the end those that never returned."""
    pending: dict[int, _Pending] = {}
    for number, raw in enumerate(lines, 1):
        match = _LINE.match(raw.rstrip("\n")[:_MAX_LINE])
        if match is None:
            if raw.strip():
                yield Unreadable(number)
            continue
        pid, time, text = int(match[1]), float(match[2]), match[3]
        item = _item(pid, time, text, number, pending)
        if item is not None:
            yield item
    for pid, left in pending.items():
        yield _call(pid, left.time, left.text + ") = ?", left.line)


def _item(pid: int, time: float, text: str, number: int, pending: dict[int, _Pending]) -> Item | None:
    if text.startswith("+++"):
        return _ended(pid, time, text, number)
    if text.startswith("---"):
        return None
    resumed = _RESUMED.match(text)
    if resumed:
        begun = pending.pop(pid, None)
        if begun is None:
            return Unreadable(number)
        return _call(pid, begun.time, begun.text + text[resumed.end() :], begun.line)
    if text.endswith(_UNFINISHED):
        pending[pid] = _Pending(time, text.removesuffix(_UNFINISHED), number)
        return None
    return _call(pid, time, text, number)


def _ended(pid: int, time: float, text: str, number: int) -> Item | None:
    if match := _EXIT.match(text):
        return Ended(pid, time, int(match[1]), "", number)
    if match := _KILLED.match(text):
        return Ended(pid, time, 0, match[1], number)
    return None if "superseded by execve" in text else Unreadable(number)


def _call(pid: int, time: float, text: str, number: int) -> Item:
    name = _CALL.match(text)
    result = _last_result(text)
    if name is None or result is None:
        return Unreadable(number)
    value = None if result[1] == "?" else int(result[1], 0)
    return Syscall(
        pid=pid,
        time=time,
        name=name[1],
        arguments=arguments(text[name.end() : result.start()]),
        result=value,
        error=result[2] or "",
        injected="(INJECTED)" in result[0],
        line=number,
        tracer_result=int(outside[1]) if (outside := _OUTSIDE.search(result[3])) else None,
    )


def _last_result(text: str) -> re.Match[str] | None:
    """The result behind the last closing parenthesis that has one: a string argument may contain text that looks like it."""
    place = len(text)
    for _ in range(20):
        place = text.rfind(")", 0, place)
        if place < 0:
            return None
        match = _RESULT.match(text, place)
        if match is not None and '"' not in match[3]:
            return match
    return None
