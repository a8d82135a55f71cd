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
    NetworkSecret,
    NetworkStream,
    NetworkTls,
    SocketAccept,
    SocketConnect,
    SocketListen,
    SocketReceive,
    SocketSend,
    SocketState,
    Source,
)
from analyzer.trace.packets.connections import SocketUse, Uses
from analyzer.trace.packets.network import Seen
from analyzer.trace.packets.peers import Peers

WHERE = ("192.0.2.1", 80)
CONNECT = SocketConnect("AF_INET", "SOCK_STREAM", *WHERE, pending=False, error="")
ACCEPT = SocketAccept("AF_INET", "SOCK_STREAM", *WHERE, error="")
SEND = SocketSend("AF_INET", "SOCK_STREAM", *WHERE, size=1, head="x", error="")
RECEIVE = SocketReceive("AF_INET", "SOCK_STREAM", *WHERE, size=1, error="")
HTTP = NetworkHttp(
    "GET", "http://a.example/", "a.example", *WHERE, "/", 200, 0, 0, False, True, (), "", "", "", "", 40000
)
FLOW = NetworkFlow("tcp", *WHERE, sent=1, received=1, established=True, incoming=False, own_port=40000, duration=1.0)
STREAM = NetworkStream("tcp", *WHERE, protocol="http", sent=1, head="x", tls=False, acts=0, own_port=40000)
TLS = NetworkTls(
    "a.example",
    *WHERE,
    alpn=(),
    trusted=True,
    pinned=False,
    version="",
    chosen="",
    ja4="",
    hidden=False,
    own_port=40000,
)
DNS = NetworkDns("a.example", "A", *WHERE, answers=(), transport="udp")
OWN = "192.168.1.23"


def calls(*acts: Any, seen: list[Seen] | None = None, uses: Uses | None = None) -> Peers:
    """Time and detail of each, and its step where it is not 3."""
    events = [
        Event(time, "import", "syscall", 1, "python", "completed", "package", detail, Source("x", line), step=step)
        for line, (time, detail, step) in enumerate(((*act, 3)[:3] for act in acts), 1)
    ]
    return Peers(events, uses or {}, seen or [])


def told(time: float, detail: Detail, port: int = 40000) -> Seen:
    where = (getattr(detail, "address", "") or getattr(detail, "server", ""), getattr(detail, "port", 0))
    return Seen(time, detail, 1, exchange=True, ends=((OWN, port), where))


def line(peers: Peers, time: float, detail: Detail, port: int = 40000) -> int:
    event = peers.caller(told(time, detail, port), "import", 3)
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
    other = replace(FLOW, address="192.0.2.2")
    assert line(peers, 1.0, other) == 0
    assert peers.caller(told(1.0, FLOW), "execute", 4) is None


@pytest.mark.parametrize(("detail", "head"), [(HTTP, "GET / HTTP/1.1"), (TLS, "\x16\x03\x01")])
def test_what_was_sent_is_of_who_sent_its_beginning(detail: Detail, head: str) -> None:
    """The rest of it may be sent before the beginning was read."""
    peers = calls((1.0, CONNECT), (2.0, replace(SEND, head=head)), (2.1, SEND), (2.2, SEND))
    assert line(peers, 2.15, detail) == 2


def test_a_question_is_of_who_asked_it() -> None:
    def asked(name: bytes) -> SocketSend:
        return replace(SEND, type="SOCK_DGRAM", head="\x12\x34\x01" + name.decode("latin-1"))

    peers = calls((1.0, asked(b"\x01a\x07example")), (1.0005, asked(b"\x05other\x07example")))
    assert line(peers, 1.001, DNS) == 1
    assert line(peers, 1.001, replace(DNS, name="Other.example")) == 2


def test_a_datagram_is_of_who_sent_these_bytes() -> None:
    first, second = (replace(SEND, type="SOCK_DGRAM", head=head) for head in ("one", "two"))
    peers = calls((1.0, first), (1.0005, second))
    datagram = replace(STREAM, transport="udp")
    assert [line(peers, 1.001, replace(datagram, head=head)) for head in ("one", "two")] == [1, 2]


def two_at_once(ports: tuple[int, int] | None = None) -> tuple[list[Any], Uses]:
    """Two threads that connect to the same peer, and send the other way round."""
    acts: list[Any] = [
        (1.0, CONNECT),
        (1.0001, CONNECT),
        (1.01, replace(SEND, head="GET / b")),
        (1.02, replace(SEND, head="GET / a")),
    ]
    uses = {(3, 1): SocketUse(1, 10), (3, 2): SocketUse(2, 11), (3, 3): SocketUse(2, 11), (3, 4): SocketUse(1, 10)}
    for thread, port in zip((10, 11), ports or (), strict=False):
        state = SocketState("AF_INET", "connected", *WHERE, local_address=OWN, local_port=port)
        uses[3, len(acts) + 1] = SocketUse(0, thread)
        acts.append((1.005, state))
    return acts, uses


@pytest.mark.parametrize(("ports", "first"), [(None, 1), ((40000, 40001), 1), ((40001, 40000), 2)])
def test_connections_at_the_same_time_are_told_apart(ports: tuple[int, int] | None, first: int) -> None:
    """By their own port where the log tells it, else by the order in which they were made."""
    acts, uses = two_at_once(ports)
    flows = [told(1.0002, FLOW, 40000), told(1.0003, FLOW, 40001)]
    peers = calls(*acts, uses=uses, seen=flows)
    second = 3 - first
    assert [line(peers, 1.0002, FLOW, port) for port in (40000, 40001)] == [first, second]
    sends = {1: 4, 2: 3}
    for detail in (HTTP, STREAM, replace(HTTP, tls=True)):
        found = [line(peers, 1.03, detail, port) for port in (40000, 40001)]
        assert found == [sends[first], sends[second]]


def test_a_connection_that_is_not_in_the_packets_shifts_no_other() -> None:
    uses = {(3, number): SocketUse(number, 10) for number in (1, 2)}
    peers = calls((1.0, CONNECT), (5.0, CONNECT), uses=uses, seen=[told(5.0005, FLOW)])
    assert line(peers, 5.0005, FLOW) == 2


def test_requests_of_one_connection_are_of_who_sent_each() -> None:
    acts = [(1.0, CONNECT), (1.1, replace(SEND, head="GET /")), (1.2, replace(SEND, head="GET / again"))]
    uses = {(3, number): SocketUse(1, 10) for number in (1, 2, 3)}
    peers = calls(*acts, uses=uses, seen=[told(1.0001, FLOW)])
    assert [line(peers, time, HTTP) for time in (1.15, 1.25)] == [2, 3]
    assert line(peers, 1.05, replace(HTTP, tls=True)) == 1  # nothing was sent yet
    assert line(peers, 1.1995, replace(HTTP, tls=True)) == 2  # what is sent so soon after is an answer to an answer


def test_a_part_of_what_a_connection_carried_is_of_who_sent_it() -> None:
    acts = [(1.0, CONNECT), (1.1, SEND), (1.2, SEND), (1.3, SEND)]
    uses = {(3, number): SocketUse(1, 10) for number in (1, 2, 3, 4)}
    peers = calls(*acts, uses=uses, seen=[told(1.0001, FLOW)])
    secret = NetworkSecret("a token", "/h", "", (), "stream", 100, "data", "tcp://192.0.2.1:80", "tcp", *WHERE)
    found = peers.sender(told(1.25, secret))
    assert found is not None
    assert found.source.line == 3
    assert peers.sender(told(1.25, secret, 40001)) is None
    assert peers.sender(told(1.25, replace(secret, transport="udp"))) is None


def test_a_port_that_is_used_again_is_another_connection() -> None:
    uses = {(3, number): SocketUse(number, 10) for number in (1, 2)}
    peers = calls((1.0, CONNECT), (9.0, CONNECT), uses=uses, seen=[told(1.0001, FLOW), told(9.0001, FLOW)])
    assert [line(peers, time, FLOW) for time in (1.0001, 9.0001)] == [1, 2]


@pytest.mark.parametrize(("port", "expected"), [(8000, 1), (0, 1), (8001, 0)])
def test_a_call_that_nothing_accepted_is_of_what_listened(port: int, expected: int) -> None:
    peers = calls((1.0, SocketListen("AF_INET", "SOCK_STREAM", "", port, error="")))
    assert line(peers, 1.5, replace(FLOW, incoming=True), 8000) == expected
    assert line(peers, 1.5, FLOW, 8000) == 0
