"""Reads of the clock: the package's own programs', and nobody else's."""

from __future__ import annotations

import pytest

from analyzer.model.event import Detail, FileOpen, ProcessClock, ProcessCreate, ProcessExec, SocketCreate
from analyzer.trace.authors.clocks import settled
from analyzer.trace.calls.kernel import Act
from analyzer.trace.calls.processes import Process

CLOCK = ProcessClock("CLOCK_REALTIME")
HELPER = "/home/u/.venv/lib/python3.11/site-packages/a/helper"


def run(*steps: tuple[Process, Detail]) -> list[Detail]:
    """The details that are left of acts in this order."""
    acts = [Act(1000.0 + at, process, detail, "completed", at) for at, (process, detail) in enumerate(steps)]
    return [act.detail for act in settled(acts)]


def started(path: str, error: str = "") -> ProcessExec:
    return ProcessExec(path, path.rpartition("/")[2], (), "", "", "", error)


def opened(path: str, access: str = "read", error: str = "") -> FileOpen:
    return FileOpen(path, access, (), error)  # type: ignore[arg-type] # one of its three words


def process(pid: int = 10, parent: Process | None = None) -> Process:
    return Process(pid, parent, 1000.0, ours=False)


def clocks(*details: Detail) -> list[str]:
    one = process()
    return [found.path for found in run(*((one, detail) for detail in details)) if isinstance(found, ProcessClock)]


@pytest.mark.parametrize(
    "details",
    [
        (CLOCK,),
        (opened("/etc/localtime"), CLOCK, opened("/etc/passwd")),
        (opened(HELPER, error="ENOENT"), CLOCK),
        (opened(HELPER, "write"), CLOCK),
        (SocketCreate("AF_INET", "SOCK_STREAM", "IPPROTO_TCP", ""), CLOCK),
        (SocketCreate("AF_UNIX", "SOCK_DGRAM", "0", ""), CLOCK),
        (CLOCK, SocketCreate("AF_INET", "SOCK_DGRAM", "IPPROTO_IP", "")),
        (started("/nowhere", "ENOENT"), CLOCK),
    ],
)
def test_a_program_reads_the_clock(details: tuple[Detail, ...]) -> None:
    assert clocks(started(HELPER), *details) == [HELPER]


@pytest.mark.parametrize(
    "details",
    [
        (CLOCK, opened(HELPER)),
        (opened("/usr/lib/python3.11/encodings/__pycache__/__init__.cpython-311.pyc"), CLOCK),
        (CLOCK, opened("/usr/lib/python3.11/encodings/__init__.py")),
        (opened("/usr/lib/python311.zip"), CLOCK),
        (SocketCreate("AF_INET", "SOCK_DGRAM", "IPPROTO_IP", ""), CLOCK),
    ],
    ids=["script", "Python", "Python without caches", "Python in one file", "resolver"],
)
def test_what_interpreters_and_the_resolver_read_is_left_out(details: tuple[Detail, ...]) -> None:
    assert clocks(started(HELPER), *details) == []


def test_each_program_of_a_process_stands_for_itself() -> None:
    found = clocks(
        started("/usr/bin/bash"),
        CLOCK,
        started(HELPER),
        CLOCK,
        started("/home/u/script"),
        CLOCK,
        opened("/home/u/script"),
    )
    assert found == ["/usr/bin/bash", HELPER]


def test_a_child_runs_what_its_maker_ran_when_it_was_made() -> None:
    parent = process()
    early, late = process(11, parent), process(12, parent)
    made = ProcessCreate(11, thread=False, flags=())
    found = run(
        (parent, started("/usr/bin/bash")), (parent, made), (parent, started(HELPER)), (early, CLOCK), (late, CLOCK)
    )
    assert [one.path for one in found if isinstance(one, ProcessClock)] == ["/usr/bin/bash", HELPER]


def test_a_process_whose_program_is_not_known_tells_nothing() -> None:
    assert clocks(CLOCK) == []


def test_without_clocks_nothing_changes() -> None:
    assert clocks() == []
    assert run((process(), opened("/a"))) == [opened("/a")]
