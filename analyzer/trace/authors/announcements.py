"""The join of what the kernel saw with what the interpreter announced just before it.

Two lines belong together by process, thread, kind of call, a telling argument and order. By which thread an announcement was
written, and when, the tracer saw itself (`marks.py`); where it did not, the announcement's own time has to do.
"""

from __future__ import annotations

import posixpath
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from analyzer.trace.authors.announced import FOREIGN, LASTING, NATIVE_IMPORT, STARTING_FUNCTIONS, STARTS
from analyzer.trace.authors.subjects import ANY, NONE, Subject, plain, subject
from analyzer.trace.calls.kernel import Act
from analyzer.trace.calls.marks import Marks
from analyzer.trace.calls.processes import Process
from analyzer.trace.logs.probe import ProbeCall

_WINDOW_SECONDS = 5.0
_CONTEXT_SECONDS = 1.0
"""How long after an extension module began to load something that nobody announced is taken for its work."""
_CLOCK_SECONDS = 0.002
_ABOUT_ANYTHING = frozenset({"socket.getaddrinfo", "http.client.connect"})
"""Announcements whose arguments are names, of which the kernel sees only addresses."""
_ANY_CALL = "syscall"
"""The function of C that makes any system call."""

_UNKNOWN = 0
"""Stands for the thread of what no thread is known to have announced."""


class _Told(NamedTuple):
    """An announcement by the tracer's clock; by the probe's own, and early enough, where the tracer did not see it."""

    time: float
    call: ProbeCall


def _put(calls: list[_Told], told: _Told) -> None:
    """Adds one to some that are in order of time, as what comes later nearly always is."""
    if calls and told.time < calls[-1].time:
        insort(calls, told, key=attrgetter("time"))
    else:
        calls.append(told)


def _cut(calls: list[_Told], before: float) -> None:
    """Takes out those from before a time."""
    del calls[: bisect_left(calls, before, key=attrgetter("time"))]


def _before(calls: list[_Told], time: float) -> _Told | None:
    """The last of some, in order of time, that was told by then."""
    place = bisect_right(calls, time, key=attrgetter("time"))
    return calls[place - 1] if place else None


@dataclass(slots=True)
class _Thread:
    """What one thread announced: all of it, and by name and key."""

    all: list[_Told] = field(default_factory=list)
    by_name: dict[str, dict[str, list[_Told]]] = field(default_factory=dict)
    starts: list[_Told] = field(default_factory=list)

    def add(self, told: _Told) -> None:
        call = told.call
        _put(self.all, told)
        keyed = self.by_name.setdefault(call.name, {})
        for key in _keys_of(call):
            _put(keyed.setdefault(key, []), told)
        if call.name in STARTS:
            _put(self.starts, told)

    def forget(self, before: float) -> None:
        """Lets go of what was told before a time and does not last."""
        _cut(self.all, before)
        _cut(self.starts, before)
        for name, keyed in self.by_name.items():
            if name in LASTING:
                continue
            for calls in keyed.values():
                _cut(calls, before)
            for key in [key for key, calls in keyed.items() if not calls]:
                del keyed[key]

    def last(self, names: Iterable[str], keys: tuple[str, ...], time: float, since: float) -> _Told | None:
        """The last of these before a time that was not told before `since` and is not out of date."""
        found: _Told | None = None
        for name in names:
            keyed = self.by_name.get(name)
            for key in keys if keyed else ():
                calls = keyed.get(key) if keyed else None
                told = _before(calls, time) if calls else None
                if told is not None and _is_recent(told, time, since) and (found is None or told.time > found.time):
                    found = told
        return found


_Process = dict[int, _Thread]


class Announcements:
    """The probe's calls of one step, found by what they must be about."""

    def __init__(self, calls: Iterable[ProbeCall], marks: Marks | None = None) -> None:
        self._processes: dict[int, _Process] = {}
        self._marks = marks or Marks()
        self.add(calls)

    def add(self, calls: Iterable[ProbeCall]) -> None:
        """Takes calls in any order."""
        for inner, thread, told in sorted(map(self._placed, calls), key=lambda one: one[2].time):
            self._processes.setdefault(inner, {}).setdefault(thread, _Thread()).add(told)

    def forget(self, before: float) -> None:
        """Lets go of what was told before a time, as far as it is not about all that comes later. What began before then has no author."""
        for threads in self._processes.values():
            for thread in threads.values():
                thread.forget(before)

    def _placed(self, call: ProbeCall) -> tuple[int, int, _Told]:
        """Process and thread of an announcement: who wrote it, whatever it says of that itself."""
        mark = self._marks.of(call)
        if mark is None:
            return call.pid, _UNKNOWN, _Told(call.time - _CLOCK_SECONDS, call)
        return mark.process.inner or call.pid, mark.thread, _Told(mark.time, call)

    def of(self, act: Act, since: float = 0.0) -> ProbeCall | None:
        """The announcement of an act: the last fitting one of its thread before it, if that is not too long ago.

        What was announced before `since` was by another program of the same process.
        """
        process = self._processes.get(act.process.inner)
        about = subject(act.detail) if process is not None else None
        if process is None or about is None:
            return None
        own = list(_threads(process, act.thread))
        ways: tuple[tuple[Iterable[_Thread], tuple[str, ...], tuple[str, ...]], ...] = (
            (own, about.names, about.keys),
            (own, FOREIGN, about.functions),
            (own, about.rest, (ANY,)),
            (process.values(), about.names, _telling(about)),
        )
        for threads, names, keys in ways:
            told = _latest(one.last(names, keys, act.time, since) for one in threads)
            if told is not None:
                return told.call
        told = _latest(_loosely(one, about, act, since) for one in own)
        return told.call if told is not None else None

    def start(self, process: Process) -> ProbeCall | None:
        """The announcement of a process by the one that made it. It is used up: each explains one process only."""
        makers = self._processes.get(process.parent.inner) if process.parent is not None else None
        if makers is None:
            return None
        for thread in _threads(makers, process.maker):
            starts = thread.starts
            place = bisect_right(starts, process.born, key=lambda told: told.time) - 1
            if place < 0 or process.born - starts[place].time > _WINDOW_SECONDS:
                continue
            found = starts.pop(place)
            before = starts[place - 1] if place else None
            if before is not None and _announces_twice(before.call, found.call):
                del starts[place - 1]
            return found.call
        return self._native_start(makers, process)

    def _native_start(self, makers: _Process, process: Process) -> ProbeCall | None:
        """The look-up of a function of C that makes a process, which may be called more than once."""
        threads = _threads(makers, process.maker)
        told = _latest(one.last(FOREIGN, STARTING_FUNCTIONS, process.born, 0.0) for one in threads)
        return told.call if told is not None else None


def _is_recent(told: _Told, time: float, since: float) -> bool:
    return told.time >= since and (told.call.name in LASTING or time - told.time <= _WINDOW_SECONDS)


def _latest(found: Iterable[_Told | None]) -> _Told | None:
    return max((one for one in found if one is not None), key=lambda one: one.time, default=None)


def _threads(process: _Process, thread: int) -> Iterator[_Thread]:
    """What a thread announced, and what nobody knows the thread of; everything, where the act's own is not known."""
    if thread == _UNKNOWN:
        yield from process.values()
        return
    for number in (thread, _UNKNOWN):
        if number in process:
            yield process[number]


def _loosely(thread: _Thread, about: Subject, act: Act, since: float) -> _Told | None:
    """The thread's last announcement, if it may be of this act though it names something else."""
    told = _before(thread.all, act.time)
    if told is None or not _is_recent(told, act.time, since):
        return None
    call = told.call
    if call.name == NATIVE_IMPORT:
        return told if about.by_native_code and act.time - told.time <= _CONTEXT_SECONDS else None
    if call.name in FOREIGN:
        return told if _ANY_CALL in call.arguments else None
    by_number = about.by_number and call.arguments and call.arguments[0].lstrip("-").isdigit()
    return told if by_number and call.name in about.names else None


def _telling(about: Subject) -> tuple[str, ...]:
    """Keys that are enough for an announcement by another thread, which native code may have handed the work to."""
    return tuple(key for key in about.keys if key not in {ANY, NONE})


def _announces_twice(first: ProbeCall, second: ProbeCall) -> bool:
    """Whether subprocess announced itself, and then the call that it makes."""
    same = (first.file, first.line) == (second.file, second.line)
    return same and (first.name, second.name) == ("subprocess.Popen", "os.posix_spawn")


def _keys_of(call: ProbeCall) -> set[str]:
    if not call.arguments or call.name in _ABOUT_ANYTHING:
        return {NONE, ANY}
    keys = {ANY}
    for argument in call.arguments:
        text = plain(argument).strip("\0")
        keys.add(posixpath.basename(text.rstrip("/")) or text)
        if call.name.startswith("socket."):
            keys.update([text, *text.split(" ")])
    return keys - {NONE}
