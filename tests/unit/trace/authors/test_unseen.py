"""The kernel's states of TCP sockets stand for calls that were not seen, and for no others."""

from __future__ import annotations

from typing import Any

import pytest

from analyzer.model.event import Detail, SocketConnect, SocketListen, SocketState
from analyzer.trace.authors.unseen import with_unseen
from analyzer.trace.calls.kernel import Act
from analyzer.trace.calls.processes import Process

MAIN = Process(10, None, 1000.0, ours=False)
OTHER = Process(11, MAIN, 1000.0, ours=False)
STANDING = SocketConnect("AF_INET", "SOCK_STREAM", "192.0.2.7", 443, pending=True, error="")


def act(detail: Detail, time: float = 1000.0, process: Process = MAIN) -> Act:
    return Act(time, process, detail, "completed", 1)


def connecting(address: str = "192.0.2.7", port: int = 443, time: float = 1000.1) -> Act:
    return act(SocketState("AF_INET", "connecting", address, port, "127.0.0.1", 40000), time)


def listening(port: int = 8000, time: float = 1000.1) -> Act:
    return act(SocketState("AF_INET", "listening", "", 0, "0.0.0.0", port), time)


def called(address: str = "192.0.2.7", port: int = 443, kind: str = "SOCK_STREAM", **more: Any) -> Act:
    return act(SocketConnect("AF_INET", kind, address, port, pending=False, error="ECONNREFUSED"), **more)


def listened(port: int, kind: str = "SOCK_STREAM", **more: Any) -> Act:
    return act(SocketListen("AF_INET", kind, "0.0.0.0", port, ""), **more)


@pytest.mark.parametrize(
    ("state", "call"),
    [
        (connecting(), called()),
        (connecting(time=1004.9), called()),
        (connecting("127.0.0.1"), called("0.0.0.0")),
        (connecting("::1"), called("::")),
        (listening(), listened(8000)),
        (listening(), listened(0)),
    ],
)
def test_a_state_that_a_call_explains_adds_nothing(state: Act, call: Act) -> None:
    # A call stands in the log where it ended.
    assert with_unseen([state, call]) == [state, call]
    assert with_unseen([call, state]) == [call, state]


@pytest.mark.parametrize(
    "call",
    [
        called("198.51.100.1"),
        called(port=80),
        called(kind="SOCK_DGRAM"),
        called(process=OTHER),
        called(time=1001.0),
        called(time=990.0),
        listened(443),
    ],
)
def test_a_connection_that_no_call_explains(call: Act) -> None:
    assert [one.detail for one in with_unseen([call, connecting()])] == [call.detail, connecting().detail, STANDING]


@pytest.mark.parametrize("call", [listened(80), listened(8000, process=OTHER), listened(8000, time=990.0), called()])
def test_listening_that_no_call_explains(call: Act) -> None:
    found = with_unseen([call, listening()])
    assert [one.detail for one in found[2:]] == [SocketListen("AF_INET", "SOCK_STREAM", "0.0.0.0", 8000, "")]
    assert (found[2].time, found[2].process, found[2].outcome) == (1000.1, MAIN, "completed")


@pytest.mark.parametrize("state", ["connected", "refused", "accepted"])
def test_what_the_other_side_brought_about_stands_for_no_call(state: Any) -> None:
    only = act(SocketState("AF_INET", state, "192.0.2.7", 443, "127.0.0.1", 8000))
    assert with_unseen([only]) == [only]
