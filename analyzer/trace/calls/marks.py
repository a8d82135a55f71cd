"""Which thread wrote a line of the interpreter probe, and when: the kernel's own account of what is hearsay otherwise.

The probe writes each line with one call, which the tracer records like any other, with the line's first bytes. In one
thread, that write and the act that it announces follow each other in the log, whatever else goes on.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from analyzer.trace.calls.processes import Process
from analyzer.trace.logs.probe import ProbeCall
from analyzer.trace.logs.strace import Syscall

_BEGINNING = re.compile(r'\{"t":([0-9]{1,11}\.[0-9]{1,9}),"p":([0-9]{1,10}),"n":([0-9]{1,10}),')
_MOST = 1_000_000
"""Lines; far more than a run can write in its time."""


class Mark(NamedTuple):
    """Who wrote a line, and when that began by the tracer's clock. `thread` is in the tracer's numbering."""

    time: float
    process: Process
    thread: int


class Marks:
    """The marks of one command's log, by what each line begins with."""

    def __init__(self) -> None:
        self._marks: dict[tuple[float, int, int], Mark] = {}

    def add(self, head: str, process: Process, call: Syscall) -> None:
        """Takes a write into the probe's pipe, by its first bytes as text. The first one counts, if a line is told again."""
        match = _BEGINNING.match(head)
        if match and len(self._marks) < _MOST:
            key = float(match[1]), int(match[2]), int(match[3])
            self._marks.setdefault(key, Mark(call.time, process, call.pid))

    def of(self, call: ProbeCall) -> Mark | None:
        """The mark of a line; None where the log does not show who wrote it."""
        return self._marks.get((call.time, call.pid, call.number))
