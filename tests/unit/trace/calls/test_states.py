"""What the kernel tells beyond calls, and how often it is told."""

from __future__ import annotations

import pytest

from analyzer.model.event import Detail, ProcessAbi, ProcessClock, ProcessSubmit, Race, SocketState
from analyzer.trace.calls.processes import Process
from analyzer.trace.calls.states import States
from analyzer.trace.kernellog.items import Changed, ClockRead, Submission, TcpState
from analyzer.trace.logs.strace import Foreign

CLOCK, SUBMIT = ProcessClock("CLOCK_REALTIME"), ProcessSubmit("IORING_OP_CONNECT")


def process(pid: int = 10) -> Process:
    return Process(pid, None, 1000.0, ours=False, path="/a", argv=("a",))


def test_facts_become_details_of_their_threads() -> None:
    states = States()
    facts = [
        ClockRead(10, 1.0, "CLOCK_REALTIME", 1),
        Submission(11, 1.0, "IORING_OP_CONNECT", 2),
        Changed(12, 1.0, "openat", "a", "b", 3),
        Foreign(13, 1.0, "connect", "i386", "ENOSYS", 4),
    ]
    assert [told for fact in facts for told in states.details(fact)] == [
        (10, CLOCK),
        (11, SUBMIT),
        (12, Race("openat", "a", "b")),
        (13, ProcessAbi("i386", "connect", "ENOSYS")),
    ]


@pytest.mark.parametrize("detail", [CLOCK, SUBMIT, ProcessAbi("x32", "read", "SIGSYS")])
def test_a_program_tells_the_same_once(detail: Detail) -> None:
    states, one = States(), process()
    assert [states.is_news(one, detail) for _ in range(3)] == [True, False, False]
    assert states.is_news(process(), detail)
    one.replace_program("/b", ("b",))
    assert [states.is_news(one, detail) for _ in range(2)] == [True, False]


def test_other_clocks_and_operations_are_news() -> None:
    states, one = States(), process()
    details = [CLOCK, ProcessClock("CLOCK_TAI"), SUBMIT, ProcessSubmit("IORING_OP_READ")]
    assert all(states.is_news(one, detail) for detail in details)


def test_every_race_is_told() -> None:
    states, one = States(), process()
    assert all(states.is_news(one, Race("openat", "a", "b")) for _ in range(3))


def state(pid: int, old: str, new: str, local_port: int = 0, line: int = 1) -> TcpState:
    return TcpState(pid, 1.0, "AF_INET", old, new, "192.0.2.2", local_port, "192.0.2.1", 443, line)


def test_each_state_belongs_to_the_one_that_the_kernel_names() -> None:
    # Two connect to one peer, and the first one's answer comes last.
    states = States()
    facts = [
        state(10, "CLOSE", "SYN_SENT"),
        state(11, "CLOSE", "SYN_SENT"),
        state(11, "SYN_SENT", "ESTABLISHED"),
        state(10, "SYN_SENT", "CLOSE"),
    ]
    told = [
        (pid, detail.state) for fact in facts for pid, detail in states.details(fact) if isinstance(detail, SocketState)
    ]
    assert told == [(10, "connecting"), (11, "connecting"), (11, "connected"), (10, "refused")]


def test_an_accepted_connection_belongs_to_who_listens_on_its_port() -> None:
    states = States()
    facts = [
        state(10, "CLOSE", "LISTEN", 80),
        state(11, "CLOSE", "LISTEN", 81),
        state(0, "SYN_RECV", "ESTABLISHED", 80),
        state(0, "SYN_RECV", "ESTABLISHED", 82),
    ]
    assert [pid for fact in facts for pid, _ in states.details(fact)] == [10, 11, 10]
