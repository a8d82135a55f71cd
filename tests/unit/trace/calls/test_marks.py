"""Who wrote a line of the interpreter probe."""

from __future__ import annotations

import pytest

from analyzer.trace.calls.marks import Marks
from analyzer.trace.calls.processes import Process
from analyzer.trace.logs.strace import Syscall
from tests.unit.trace.making import probe_call, probe_line

PROCESS = Process(pid=10, parent=None, started=1000, ours=False)


def write(time: float, thread: int = 11) -> Syscall:
    return Syscall(thread, time, "write", (), 1, "", False, 1)


def test_a_line_is_known_by_its_beginning() -> None:
    marks = Marks()
    marks.add(probe_line(0.25, "open", "a")[:64], PROCESS, write(1000.3))
    mark = marks.of(probe_call(0.25, "open", "a"))
    assert mark is not None
    assert (mark.time, mark.process, mark.thread) == (1000.3, PROCESS, 11)
    assert marks.of(probe_call(0.26, "open", "a")) is None
    assert marks.of(probe_call(0.25, "open", "a", pid=8)) is None


def test_a_line_that_is_told_again_is_the_first_writers() -> None:
    marks = Marks()
    for thread in (11, 12):
        marks.add(probe_line(0.25, "open", "a")[:64], PROCESS, write(1000.3, thread))
    mark = marks.of(probe_call(0.25, "open", "a"))
    assert mark is not None
    assert mark.thread == 11


@pytest.mark.parametrize(
    "head",
    ["", "{}", '{"t":1.0,"p":7', '{"p":7,"t":1000.25,"n":1,', '{"t":1e3,"p":7,"n":1,', '{"t":1000.25,"p":-7,"n":1,'],
)
def test_other_text_is_none(head: str) -> None:
    marks = Marks()
    marks.add(head, PROCESS, write(1000.3))
    assert marks.of(probe_call(0.25, "open", "a")) is None
