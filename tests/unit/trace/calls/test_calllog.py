"""Both logs tell the same run in the same way, and neither has to be held as a whole."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.trace.calls.calllog import CallLog, KernelLog
from analyzer.trace.calls.kernel import trace
from analyzer.trace.calls.processes import births
from analyzer.trace.logs import strace
from tests.unit.trace.kernel_logs import SOMEWHERE, Log, text
from tests.unit.trace.making import COMMAND, lines, text_log

EAGAIN = -11


def kernel_log(log: Log) -> KernelLog:
    return KernelLog("steps/01-step.kernel", lambda: [log.data])


def test_texts_are_the_lines_or_the_records() -> None:
    assert text_log(["a\n", "b\n", "c\n"]).texts({2, 9}) == {2: "b\n"}
    assert kernel_log(Log().call("setsid")).texts({1, 2}) == {1: "10 1000.000000 setsid() = 0 <0.100000>"}


REFUSED_KERNEL = Log().started(COMMAND.encode())
REFUSED_KERNEL.call("clone", 17, 0, result=EAGAIN).call("vfork", result=EAGAIN).call("clone", 17, 0, result=-12)
REFUSED_KERNEL.call("setuid", 5, result=EAGAIN)
REFUSED_STRACE = lines(
    "clone(flags=SIGCHLD) = -1 EAGAIN (x)",
    "vfork( <unfinished ...>",
    "<... vfork resumed>) = -1 EAGAIN (x)",
    "clone(flags=SIGCHLD) = -1 ENOMEM (x)",
    'write(1, "clone(flags=0) = -1 EAGAIN", 26) = 26',
    "setuid(5) = -1 EAGAIN (x)",
)


@pytest.mark.parametrize("log", [kernel_log(REFUSED_KERNEL), text_log(REFUSED_STRACE)], ids=["kernel", "strace"])
def test_processes_that_were_refused_are_counted(log: CallLog) -> None:
    assert trace(log, COMMAND, "/home/u").refused == 2


CREATING = st.sampled_from(
    [
        "clone(flags=SIGCHLD) = {}", "clone(flags=CLONE_FILES|SIGCHLD <unfinished ...>", "<... clone resumed>) = {}",
        "vfork() = {}", 'openat(AT_FDCWD, "clone", O_RDONLY <unfinished ...>', "<... openat resumed>) = 3",
        "clone3({{flags=CLONE_THREAD}}, 88 <unfinished ...>", "<... clone3 resumed>) = {} /* 77 in strace's PID NS */",
        "+++ exited with 0 +++", "+++ superseded by execve in pid 12 +++", 'execve("/x", ["fork"], 0x1) = 0', "garbage",
    ]
)  # fmt: skip


@given(st.lists(st.tuples(CREATING, st.integers(10, 13), st.integers(11, 14)), max_size=20))
def test_the_births_of_a_text_are_those_of_all_its_lines(log: list[tuple[str, int, int]]) -> None:
    told = [f"{pid} 1000.0 {line.format(child)}\n" for line, pid, child in log]
    assert list(text_log(told).births()) == list(births(strace.read(told)))


def test_a_child_that_is_faster_than_its_makers_return_is_known() -> None:
    log = Log().started(COMMAND.encode()).enter("vfork").fork(20, 8)
    log.call("chdir", SOMEWHERE, chunks=(text(0, b"/tmp"),), pid=20, inner=8).end(pid=20, inner=8).exit("vfork", 8)
    found = trace(kernel_log(log), COMMAND, "/home/u")
    assert [(one.pid, one.parent is found.processes[0], one.exit) for one in found.processes[1:]] == [
        (20, True, "status 0")
    ]
    assert found.orphans == 0


def test_a_maker_that_was_only_seen_making_is_the_parent() -> None:
    log = Log().enter("vfork").fork(20, 8).started_in(20, COMMAND.encode()).exit("vfork", 8)
    found = trace(kernel_log(log), COMMAND, "/home/u")
    assert (found.orphans, found.processes[0].parent is not None) == (0, True)


def test_a_number_that_is_used_again_is_another_process_even_if_an_end_was_lost() -> None:
    log = Log().started(COMMAND.encode()).call("setsid")
    for _ in range(2):
        log.enter("vfork").fork(20, 8).exit("vfork", 8).call("setsid", pid=20, inner=8)
    found = trace(kernel_log(log), COMMAND, "/home/u")
    assert [process.pid for process in found.processes] == [10, 20, 20]


def flood(calls: int) -> Iterator[bytes]:
    """A log with this many calls that come to nothing."""
    yield Log().started(COMMAND.encode()).data
    some = Log()
    some.blocks.clear()
    for _ in range(100):
        some.call("dup", 1, result=5)
    yield from [some.data] * (calls // 100)


def most_memory(calls: int) -> int:
    tracemalloc.start()
    try:
        trace(KernelLog("", lambda: flood(calls)), COMMAND, "/")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_calls_that_come_to_nothing() -> None:
    most_memory(1000)  # tables that are read once
    assert most_memory(20_000) < most_memory(2000) + 100_000
