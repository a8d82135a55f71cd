"""A record as a line in strace's form says what it says: strace's reader finds the same in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.trace.kernellog.text import lines, text, value
from analyzer.trace.logs import strace
from analyzer.trace.logs.literals import Quoted, arguments
from analyzer.trace.logs.strace import Ended, Syscall
from tests.unit.trace.kernel_logs import SOMEWHERE, Chunk, Log, again, inet, sockaddr, strings
from tests.unit.trace.kernel_logs import text as string
from tests.unit.trace.kernellog.test_conformance import CALLS


@pytest.mark.parametrize(
    ("name", "arguments", "result", "before", "after", "line"), CALLS, ids=lambda value: str(value)[:40]
)
def test_a_call_reads_back_as_itself(
    name: str, arguments: tuple[int, ...], result: int, before: tuple[Chunk, ...], after: tuple[Chunk, ...], line: str
) -> None:
    (call,) = Log().call(name, *arguments, result=result, chunks=before, after=after).items()
    assert isinstance(call, Syscall)
    assert list(strace.read([text(call)])) == [call._replace(inner=0)]


def test_the_text_of_a_call() -> None:
    log = Log().call("connect", 4, SOMEWHERE, 16, result=-115, chunks=(sockaddr(1, inet(443, "192.0.2.7")),))
    expected = (
        '10 1000.000000 connect(4, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.7")}, 16)'
        " = -1 EINPROGRESS <0.100000>"
    )
    assert lines([log.data], {1}) == {1: expected}


def test_the_text_of_what_is_no_call() -> None:
    log = Log().state(7, 2, ("10.0.0.1", 5000), ("192.0.2.1", 443)).clock(0).record(9, b"\x10" + bytes(11))
    log.end(3).end(signal=9, pid=11)
    assert lines([log.data], range(1, 6)) == {
        1: "10 1000.000000 <AF_INET TCP CLOSE to SYN_SENT, 10.0.0.1 port 5000, peer 192.0.2.1 port 443>",
        2: "10 1000.100000 <CLOCK_REALTIME was read>",
        3: "10 1000.200000 <IORING_OP_CONNECT was submitted to io_uring>",
        4: "10 1000.300000 +++ exited with 3 +++",
        5: "11 1000.400000 +++ killed by SIGKILL +++",
    }


def test_places_in_memory_and_numbers_of_processes() -> None:
    log = Log().call("mmap", 0, 4096, 7, 0x22, 0xFFFFFFFF, result=0x7F6657816000)
    log.enter("vfork").fork(20, 8).exit("vfork", 8)
    found = lines([log.data], {1, 3})
    assert found[1].endswith("-1, 0) = 0x7f6657816000 <0.100000>")
    assert found[3].endswith("vfork() = 8 /* 20 outside */ <0.200000>")


def test_a_race_tells_both() -> None:
    log = Log().call("openat", -100, SOMEWHERE, 0, result=3, chunks=(string(1, b"/a\n"),), after=(again(1, b"/b"),))
    assert lines([log.data], {1})[1].endswith('= 3 <0.100000> <openat asked for "/a\\n", found "/b">')


def test_a_call_that_other_threads_interrupt_or_that_never_ends() -> None:
    log = Log().enter("chdir", SOMEWHERE, chunks=(string(0, b"/a"),)).enter("fchdir", 3, tid=11)
    log.exit("chdir", 0).enter("accept", 3, 0, 0).exit("fchdir", -9, tid=11)
    assert {number: line.split(" ", 2)[2] for number, line in lines([log.data], {1, 2, 4}).items()} == {
        1: 'chdir("/a") = 0 <0.200000>',
        2: "fchdir(3) = -1 EBADF <0.300000>",
        4: "accept(3, NULL, NULL) = ? <0.100000>",
    }


def test_a_program_that_a_second_thread_started() -> None:
    argv = strings(1, b"sh")
    log = Log().enter("execve", SOMEWHERE, SOMEWHERE, 0, chunks=(string(0, b"/bin/sh"), argv), tid=11)
    log.program(string(0, b"/bin/sh"), argv).exit("execve", 0)
    assert lines([log.data], {1})[1].split(" ", 2)[2] == 'execve("/bin/sh", ["sh"], NULL) = 0 <0.200000>'


def test_how_a_process_ended_is_that_of_its_first_thread() -> None:
    log = Log().end(4, last=False).end(0, tid=11)
    assert lines([log.data], {2})[2].endswith("+++ exited with 4 +++")


def test_numbers_that_are_no_records_have_no_text() -> None:
    log = Log().call("setsid").lost(3).record(77, b"")
    assert set(lines([log.data], {1, 3, 4, 99})) == {1}
    assert lines([log.data], ()) == {}
    assert lines([b"no log"], {1}) == {}


def test_a_long_text_is_cut() -> None:
    log = Log().call("execve", 1, 1, 0, result=-2, chunks=(strings(1, *[b"a" * 200] * 200),))
    assert len(lines([log.data], {1})[1]) == 4096


@given(st.binary(max_size=60), st.booleans())
def test_any_bytes_are_printable_and_read_back(data: bytes, cut: bool) -> None:
    quoted = Quoted(data, cut)
    told = value(quoted)
    assert told.isascii()
    assert told.isprintable()
    assert arguments(told) == (quoted,)


@given(st.lists(st.binary(max_size=80), max_size=4), st.sets(st.integers(1, 9)))
def test_any_log_has_texts_in_one_line(blocks: list[bytes], numbers: set[int]) -> None:
    found = lines([Log().started().call("chdir", SOMEWHERE).data, *blocks], numbers)
    assert set(found) <= numbers
    assert all(line.isprintable() for line in found.values())


def test_ends_and_calls_read_back() -> None:
    log = Log().call("setsid").end(3)
    told = [text(item) for item in log.items()]
    assert [type(item) for item in strace.read(told)] == [Syscall, Ended]
