"""Whether the interpreter probe was there, whole and heard: its signs, held against what the kernel saw.

The package shares the interpreter with the probe, so it can change the probe, take it away, start an interpreter without it, or write
lines of its own. None of that goes unseen where all of these hold: the lines of each interpreter are numbered without a gap; each
interpreter that loaded a standard library said that it starts; each that ended in order said so, which CPython shows by setting SIGINT back
to its default as the last thing that it does (`startup.py`); each question of the driver was answered; and each line was written by the
process whose number it bears. A process that was ended by a signal, by `os._exit` or by another program in its place owes no end.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from analyzer.model.event import (
    Event,
    FileOpen,
    InterpreterSilence,
    Phase,
    ProcessExec,
    ProcessExit,
    ProcessHandler,
    SilenceName,
    Source,
)
from analyzer.trace.calls.kernel import KernelTrace
from analyzer.trace.calls.processes import DRIVER, Process
from analyzer.trace.logs.probe import ProbeCall

_CLOCK_SECONDS = 0.05
_PYTHON = re.compile(r"python[0-9.]*[a-z]?")
_SYSTEM = ("/usr/", "/bin/", "/sbin/")
_LIBRARY = re.compile(r"/encodings/__(?:init__\.py|pycache__/__init__\.[^/]*)$|/python[0-9.]*\.zip$")
_MOST_LOST = 1_000_000
"""Lines of one interpreter that are counted as lost; a number that the package made up may be any."""


class Silence(NamedTuple):
    """What is wrong with the probe in a process, when, by which line of the probe's log (0: by none), and why lines are missing."""

    time: float
    process: Process | None
    detail: InterpreterSilence
    line: int
    reason: str = ""


@dataclass(slots=True)
class _Interpreter:
    """The lines of one interpreter, or of a forked process, by their numbers: (line in the log, call)."""

    pid: int
    since: int
    lines: dict[int, tuple[int, ProbeCall]] = field(default_factory=dict)
    again: list[tuple[int, ProbeCall]] = field(default_factory=list)

    def add(self, line: int, call: ProbeCall) -> None:
        if self.lines.setdefault(call.number, (line, call))[0] != line:
            self.again.append((line, call))

    @property
    def lost(self) -> int:
        return min(max(self.lines) - len(self.lines), _MOST_LOST)

    @property
    def started(self) -> ProbeCall | None:
        """Its first line, where that is an interpreter's; None for a forked process."""
        call = self.lines[1][1] if 1 in self.lines else None
        return call if call is not None and call.name == "start" and call.arguments != ("fork",) else None

    @property
    def ended(self) -> bool:
        return any(call.name == "end" for _, call in self.lines.values())


@dataclass(slots=True)
class _Life:
    """What a process did that tells of interpreters: when it began programs, and when each loaded a standard library."""

    programs: list[tuple[float, str]] = field(default_factory=list)
    loaded: list[float] = field(default_factory=list)
    orderly: bool = False


def events(told: Iterable[Silence], phase: Phase, step: int, file: str) -> Iterator[Event]:
    """What is wrong as events, which nobody but the package has a reason for. `file` is the probe's log in the record."""
    for one in told:
        process = one.process
        yield Event(
            time=one.time,
            phase=phase,
            layer="interpreter",
            pid=process.pid if process else 0,
            process=process.program if process else "",
            outcome="completed",
            attribution="package",
            detail=one.detail,
            source=Source(file, one.line),
            step=step,
        )


def silences(
    kernel: KernelTrace, calls: Iterable[tuple[int, ProbeCall]], ends: Sequence[str] = ()
) -> tuple[list[Silence], int]:
    """What is wrong, in the order of time, and how many lines are lost.

    `calls` are all lines of one command's probes that could be read, with their places in the log; `ends` are the driver's subjects
    that came to an end, in order. Says nothing of a log without the lines' origin, which is of an earlier version.
    """
    found: dict[tuple[int, int], _Interpreter] = {}
    for line, call in calls:
        found.setdefault((call.pid, call.since), _Interpreter(call.pid, call.since)).add(line, call)
    if any(since == 0 for _, since in found) and not any(since for _, since in found):
        return [], 0
    judge = _Judge(kernel, list(found.values()))
    told = [*judge.forged(), *judge.changed(), *judge.unstarted(), *judge.unended(), *judge.unanswered(ends)]
    return sorted(told, key=lambda silence: silence.time), sum(one.lost for one in found.values())


class _Judge:
    """Holds the lines of one command against its log of system calls."""

    def __init__(self, kernel: KernelTrace, interpreters: list[_Interpreter]) -> None:
        self._kernel = kernel
        self._interpreters = interpreters
        self._processes: dict[int, list[Process]] = {}
        for process in kernel.processes:
            self._processes.setdefault(process.inner, []).append(process)
        self._whole = not (kernel.orphans or kernel.dropped or kernel.unreadable or 0 in self._processes)
        self._lives = _lives(kernel)

    def forged(self) -> Iterator[Silence]:
        """Lines that the process whose number they bear did not write."""
        for one in self._interpreters:
            for line, call in one.again:
                yield self._told(call.time, self._process(call), "forged", f"number {call.number} again", line)
            for line, call in one.lines.values():
                mark = self._kernel.marks.of(call)
                if mark is not None and mark.process.inner and mark.process.inner != call.pid:
                    yield self._told(call.time, mark.process, "forged", f"in the name of process {call.pid}", line)
                elif self._whole and call.pid not in self._processes:
                    yield self._told(call.time, None, "forged", f"in the name of process {call.pid}", line)

    def changed(self) -> Iterator[Silence]:
        """What probes found changed of themselves, each once."""
        for one in self._interpreters:
            known: set[str] = set()
            for line, call in one.lines.values():
                news = (
                    [word for word in call.arguments[1:] if word not in known] if call.name in {"beat", "end"} else []
                )
                if news:
                    known.update(news)
                    why = "code of the package changed the interpreter probe"
                    yield self._told(call.time, self._process(call), "changed", ", ".join(news), line, why)

    def unstarted(self) -> Iterator[Silence]:
        """Interpreters that loaded a standard library, and never said that they start."""
        for process, life in self._lives.items():
            for place, (begun, path) in enumerate(life.programs):
                until = life.programs[place + 1][0] if place + 1 < len(life.programs) else process.ended
                loaded = [time for time in life.loaded if begun <= time <= until]
                named = _PYTHON.fullmatch(posixpath.basename(path)) or not path.startswith(_SYSTEM)
                cut = place + 1 == len(life.programs) and not process.exit.startswith("status")
                if loaded and named and not cut and not self._starts(process, begun, until):
                    why = f"{path[-200:]} ran as an interpreter without the probe"
                    yield self._told(loaded[0], process, "absent", path, 0, why)

    def unended(self) -> Iterator[Silence]:
        """Interpreters that ended in order without having said so."""
        for process, life in self._lives.items():
            if not life.orderly or not process.exit.startswith("status"):
                continue
            begun = life.programs[-1][0] if life.programs else process.born
            own = [
                one
                for one in self._interpreters
                if one.pid == process.inner and one.since / 1e6 >= begun - _CLOCK_SECONDS
            ]
            first = min(own, key=lambda one: one.since, default=None)
            if first is not None and not first.ended:
                line, call = first.lines[max(first.lines)]
                why = f"the interpreter probe fell silent in {process.program or 'an interpreter'}"
                yield self._told(call.time, process, "ended", call.name, line, why)

    def unanswered(self, ends: Sequence[str]) -> Iterator[Silence]:
        """The first of the driver's subjects after which nothing was answered."""
        drivers = [one for one in self._interpreters if one.started is not None and DRIVER in one.started.arguments]
        driver = min(drivers, key=lambda one: one.since, default=None)
        if driver is None or driver.lost:
            return
        beats = Counter(
            call.arguments[0] for _, call in driver.lines.values() if call.name == "beat" and call.arguments
        )
        for number, subject in enumerate(ends, 1):
            if not beats[str(number)]:
                line, call = driver.lines[max(driver.lines)]
                why = f"the interpreter probe fell silent in {subject[:200]}"
                yield self._told(call.time, self._process(call), "unanswered", subject, line, why)
                return

    def _starts(self, process: Process, begun: float, until: float) -> bool:
        """Whether an interpreter said in that time that it starts. A process without a number cannot be told from others."""
        return process.inner == 0 or any(
            one.pid == process.inner and begun - _CLOCK_SECONDS <= one.since / 1e6 <= until + _CLOCK_SECONDS
            for one in self._interpreters
            if one.started is not None
        )

    def _process(self, call: ProbeCall) -> Process | None:
        some = self._processes.get(call.pid, [])
        return next((one for one in reversed(some) if one.started <= call.time + _CLOCK_SECONDS), None)

    def _told(
        self, time: float, process: Process | None, how: SilenceName, what: str, line: int, reason: str = ""
    ) -> Silence:
        return Silence(time, process, InterpreterSilence(how, what), line, reason)


def _lives(kernel: KernelTrace) -> dict[Process, _Life]:
    lives: dict[Process, _Life] = {process: _Life() for process in kernel.processes}
    for act in kernel.acts:
        life, detail = lives.get(act.process), act.detail
        if life is None:
            continue
        if isinstance(detail, ProcessExec):
            if not detail.error:
                life.programs.append((act.time, detail.path))
        elif isinstance(detail, FileOpen) and not detail.error and _LIBRARY.search(detail.path):
            life.loaded.append(act.time)
        if not isinstance(detail, ProcessExit):
            life.orderly = (
                isinstance(detail, ProcessHandler)
                and detail.action == "default"
                and (detail.signal == "SIGINT" or life.orderly)
            )
    return lives
