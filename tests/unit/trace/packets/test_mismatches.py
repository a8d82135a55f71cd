from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.event import Detail, Event, NetworkFlow, Race, SocketConnect, SocketSend, Source
from analyzer.trace.packets.connections import Connections, SocketUse
from analyzer.trace.packets.mismatches import mismatches
from analyzer.trace.packets.network import Seen

OWN = "192.168.1.23"
ASKED, REAL = ("192.0.2.1", 80), ("198.51.100.1", 4444)
End = tuple[str, int]


def event(time: float, detail: Detail, line: int) -> Event:
    return Event(time, "import", "syscall", 1, "python", "completed", "package", detail, Source("x", line), step=1)


def connect(time: float, peer: End, line: int) -> Event:
    return event(time, SocketConnect("AF_INET", "SOCK_STREAM", *peer, pending=False, error=""), line)


def send(time: float, peer: End, line: int, size: int = 1) -> Event:
    return event(time, SocketSend("AF_INET", "SOCK_DGRAM", *peer, size=size, head="x", error=""), line)


def flow(time: float, peer: End, transport: str = "tcp", *, incoming: bool = False) -> Seen:
    detail = NetworkFlow(transport, *peer, 1, 1, established=True, incoming=incoming, own_port=0, duration=0.0)  # type: ignore[arg-type]
    return Seen(time, detail, 1, exchange=False, ends=((OWN, 40000 + int(time * 1000) % 9999), peer))


def told(events: list[Event], seen: list[Seen]) -> list[tuple[str, str, str, int]]:
    uses = {(1, one.source.line): SocketUse(one.source.line, 7) for one in events}
    connections = Connections(events, uses)
    connections.match(seen)
    found = list(mismatches(events, seen, connections))
    return [
        (one.detail.call, one.detail.asked, one.detail.found, one.source.line)
        for one in found
        if isinstance(one.detail, Race)
    ]


def test_a_connection_to_another_peer_is_told_with_both() -> None:
    events = [connect(1.0, ASKED, 1), connect(2.0, ASKED, 2), connect(3.0, REAL, 3)]
    seen = [flow(1.001, ASKED), flow(2.001, REAL), flow(3.001, REAL)]
    assert told(events, seen) == [("connect", "192.0.2.1 80", "198.51.100.1 4444", 2)]


def test_a_datagram_to_a_peer_that_nothing_named_is_told() -> None:
    assert told([send(1.0, ASKED, 1)], [flow(1.001, REAL, "udp")]) == [("send", "192.0.2.1 80", "198.51.100.1 4444", 1)]


@pytest.mark.parametrize(
    ("events", "seen"),
    [
        ([connect(1.0, ASKED, 1)], []),
        ([], [flow(1.0, REAL)]),
        ([connect(1.0, ASKED, 1)], [flow(1.001, REAL, incoming=True)]),
        ([connect(1.0, ASKED, 1)], [flow(9.0, REAL)]),
        ([connect(2.0, ASKED, 1)], [flow(1.0, REAL)]),
        ([connect(1.0, ASKED, 1), event(1.0, Race("connect", "a", "b"), 1)], [flow(1.001, REAL)]),
        ([send(1.0, ASKED, 1)], [flow(1.001, ASKED, "udp"), flow(1.002, REAL, "udp")]),
        ([send(1.0, ASKED, 1), send(9.0, REAL, 2)], [flow(1.001, REAL, "udp")]),
    ],
)
def test_what_has_another_reason_is_not(events: list[Event], seen: list[Seen]) -> None:
    assert told(events, seen) == []


_PEERS = st.sampled_from([ASKED, REAL, ("203.0.113.1", 1)])
_TIMES = st.floats(0, 5)


@given(st.lists(st.tuples(_TIMES, _PEERS), max_size=20), st.lists(st.tuples(_TIMES, _PEERS), max_size=20))
def test_each_call_is_told_once(calls: list[tuple[float, End]], flows: list[tuple[float, End]]) -> None:
    events = [connect(time, peer, line) for line, (time, peer) in enumerate(calls, 1)]
    lines = [line for _, asked, found, line in told(events, [flow(*one) for one in flows]) if asked != found]
    assert len(set(lines)) == len(lines) <= min(len(calls), len(flows))
