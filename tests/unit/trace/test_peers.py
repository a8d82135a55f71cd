"""Which socket call is behind what the network's record tells."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from analyzer.model.event import (
    Detail,
    Event,
    NetworkDns,
    NetworkFlow,
    NetworkHttp,
    NetworkStream,
    NetworkTls,
    SocketAccept,
    SocketConnect,
    SocketReceive,
    SocketSend,
    Source,
)
from analyzer.trace.network import Seen
from analyzer.trace.peers import Peers

WHERE = ("192.0.2.1", 80)
CONNECT = SocketConnect("AF_INET", "SOCK_STREAM", *WHERE, pending=False, error="")
ACCEPT = SocketAccept("AF_INET", "SOCK_STREAM", *WHERE, error="")
SEND = SocketSend("AF_INET", "SOCK_STREAM", *WHERE, size=1, head="x", error="")
RECEIVE = SocketReceive("AF_INET", "SOCK_STREAM", *WHERE, size=1, error="")
HTTP = NetworkHttp("GET", "http://a.example/", "a.example", *WHERE, "/", 200, 0, 0, False, True, (), "")
FLOW = NetworkFlow("tcp", *WHERE, sent=1, received=1, established=True, incoming=False)
STREAM = NetworkStream("tcp", *WHERE, protocol="http", sent=1, head="x", tls=False)
TLS = NetworkTls("a.example", *WHERE, alpn=(), trusted=True)
DNS = NetworkDns("a.example", "A", *WHERE, answers=())


def calls(*acts: Any) -> Peers:
    """Time and detail of each, and its step where it is not 3."""
    return Peers(
        Event(time, "import", "syscall", 1, "python", "completed", "package", detail, Source("x", line), step=step)
        for line, (time, detail, step) in enumerate(((*act, 3)[:3] for act in acts), 1)
    )


def line(peers: Peers, time: float, detail: Detail) -> int:
    event = peers.caller(Seen(time, detail, 1, exchange=True), "import", 3)
    return event.source.line if event is not None else 0


@pytest.mark.parametrize("detail", [HTTP, TLS, DNS])
def test_what_was_sent_is_of_the_last_that_sent_before(detail: Detail) -> None:
    peers = calls((1.0, CONNECT), (2.0, SEND), (2.1, RECEIVE), (3.0, SEND))
    assert line(peers, 2.1, detail) == 2
    assert line(peers, 3.1, detail) == 4


def test_what_a_connection_carried_is_of_the_first_that_sent_once_it_was_made() -> None:
    """The other side may come to it only after that."""
    peers = calls((1.0, CONNECT), (2.0, SEND), (5.0, CONNECT), (6.0, SEND))
    assert [line(peers, time, STREAM) for time in (1.001, 2.5, 5.001, 6.5)] == [2, 2, 4, 4]


def test_another_steps_calls_are_not_this_ones() -> None:
    peers = calls((1.0, CONNECT), (2.0, SEND), (2.1, CONNECT, 4), (2.2, SEND, 4))
    assert [line(peers, 2.15, detail) for detail in (STREAM, HTTP, FLOW)] == [2, 2, 1]
    assert line(calls((2.1, CONNECT, 4)), 2.2, FLOW) == 1  # as there is no other


def test_a_connection_is_of_who_made_it() -> None:
    peers = calls((1.0, CONNECT), (1.001, SEND), (5.0, CONNECT))
    assert line(peers, 1.0015, FLOW) == 1
    assert line(peers, 5.001, FLOW) == 3


def test_a_connection_that_came_in_is_of_who_accepted_it() -> None:
    peers = calls((0.5, ACCEPT), (1.0, SEND), (1.1, RECEIVE))
    assert line(peers, 1.05, replace(FLOW, incoming=True)) == 1


def test_a_datagram_is_of_who_sent_it() -> None:
    assert line(calls((1.0, CONNECT), (2.0, SEND), (2.1, RECEIVE)), 2.1, replace(FLOW, transport="udp")) == 2


@pytest.mark.parametrize("detail", [HTTP, STREAM, TLS])
def test_where_nothing_was_sent_the_nearest_counts(detail: Detail) -> None:
    assert line(calls((1.0, CONNECT)), 1.1, detail) == 1


def test_another_peer_or_phase_is_nobody() -> None:
    peers = calls((1.0, CONNECT))
    other = NetworkFlow("tcp", "192.0.2.2", 80, sent=1, received=1, established=True, incoming=False)
    assert line(peers, 1.0, other) == 0
    assert peers.caller(Seen(1.0, FLOW, 1, exchange=False), "execute", 4) is None


@pytest.mark.parametrize(("detail", "head"), [(HTTP, "GET / HTTP/1.1"), (TLS, "\x16\x03\x01")])
def test_what_was_sent_is_of_who_sent_its_beginning(detail: Detail, head: str) -> None:
    """The rest of it may be sent before the beginning was read."""
    peers = calls((1.0, CONNECT), (2.0, replace(SEND, head=head)), (2.1, SEND), (2.2, SEND))
    assert line(peers, 2.15, detail) == 2
