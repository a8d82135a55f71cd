"""Which connection of the packets is which of the kernel's log, however many are made at once."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.event import (
    Detail,
    Event,
    NetworkFlow,
    NetworkStream,
    SocketConnect,
    SocketSend,
    SocketState,
    Source,
)
from analyzer.trace.packets.connections import Connections, SocketUse
from analyzer.trace.packets.network import Seen

PEER = ("192.0.2.1", 80)
OWN = "192.168.1.23"
CONNECT = SocketConnect("AF_INET", "SOCK_STREAM", *PEER, pending=False, error="")
STREAM = NetworkStream("tcp", *PEER, protocol="http", sent=1, head="x", tls=False, acts=0, own_port=0)
FLOW = NetworkFlow("tcp", *PEER, sent=1, received=1, established=True, incoming=False, own_port=0, duration=0.0)


def event(time: float, detail: Detail, line: int) -> Event:
    return Event(time, "import", "syscall", 1, "python", "completed", "package", detail, Source("x", line), step=1)


def flow(time: float, port: int) -> Seen:
    return Seen(time, FLOW, 1, exchange=False, ends=((OWN, port), PEER))


def connected(time: float, port: int, line: int) -> Event:
    return event(time, SocketState("AF_INET", "connected", *PEER, local_address=OWN, local_port=port), line)


def test_the_order_of_one_thread_counts_though_the_kernel_tells_of_its_connections_late() -> None:
    """As with tasks, which connect without waiting."""
    events = [event(1.0, CONNECT, 1), event(1.001, CONNECT, 2), connected(1.01, 40001, 3), connected(1.02, 40000, 4)]
    uses = {(1, line): SocketUse(line if line < 3 else 0, 7) for line in range(1, 5)}
    found = Connections(events, uses)
    flows = [flow(1.0005, 40000), flow(1.0015, 40001)]
    found.match(flows)
    made = [found.of(one.ends, one.time) for one in flows]
    assert [one.made.source.line for one in made if one is not None] == [1, 2]


def test_what_was_sent_is_with_its_connection_and_in_order() -> None:
    send = SocketSend("AF_INET", "SOCK_STREAM", *PEER, size=1, head="x", error="")
    events = [event(1.0, CONNECT, 1), event(3.0, send, 3), event(2.0, send, 2), event(2.5, send, 4)]
    uses = {(1, 1): SocketUse(1, 7), (1, 2): SocketUse(1, 7), (1, 3): SocketUse(1, 8), (1, 4): SocketUse(99, 8)}
    found = Connections(events, uses)
    found.match([flow(1.0001, 40000)])
    connection = found.of(((OWN, 40000), PEER), 5.0)
    assert connection is not None
    assert [one.source.line for one in connection.sends] == [2, 3]


def test_connections_of_several_threads_are_known_by_what_is_sent_first() -> None:
    """Where the log does not tell the ports, and the packets left in another order than the calls began."""
    sends = [SocketSend("AF_INET", "SOCK_STREAM", *PEER, size=9, head=f"GET /{name}", error="") for name in "ab"]
    events = [event(1.0, CONNECT, 1), event(1.01, CONNECT, 2), event(1.05, sends[0], 3), event(1.06, sends[1], 4)]
    uses = {(1, 1): SocketUse(1, 7), (1, 2): SocketUse(2, 8), (1, 3): SocketUse(1, 7), (1, 4): SocketUse(2, 8)}
    flows = [flow(1.02, 40001), flow(1.03, 40000), flow(1.04, 40002)]
    streams = [
        Seen(2.0, replace(STREAM, head=head), 1, exchange=True, ends=((OWN, port), PEER))
        for head, port in (("GET /b", 40001), ("GET /a", 40000), ("", 40002))
    ]
    found = Connections(events, uses)
    found.match([*flows, *streams])
    made = [found.of(one.ends, one.time) for one in flows]
    assert [one and one.made.source.line for one in made] == [2, 1, None]


def test_failed_and_unknown_calls_make_no_connection() -> None:
    refused = SocketConnect("AF_INET", "SOCK_STREAM", *PEER, pending=False, error="ECONNREFUSED")
    found = Connections([event(1.0, refused, 1), event(1.1, CONNECT, 2)], {(1, 1): SocketUse(1, 7)})
    found.match([flow(1.2, 40000)])
    assert found.of(((OWN, 40000), PEER), 1.2) is None


@given(
    st.lists(st.tuples(st.floats(0, 10), st.integers(1, 3)), max_size=30),
    st.lists(st.tuples(st.floats(0, 10), st.integers(1, 40)), max_size=30),
    st.lists(st.tuples(st.integers(1, 40), st.integers(1, 3)), max_size=20),
)
def test_no_connection_is_told_twice(
    calls: list[tuple[float, int]], seen: list[tuple[float, int]], states: list[tuple[int, int]]
) -> None:
    events = [event(time, CONNECT, line) for line, (time, _) in enumerate(calls, 1)]
    uses = {(1, line): SocketUse(line, thread) for line, (_, thread) in enumerate(calls, 1)}
    for line, (port, thread) in enumerate(states, len(calls) + 1):
        events.append(connected(5.0, port, line))
        uses[1, line] = SocketUse(0, thread)
    flows = {port: flow(time, port) for time, port in seen}
    found = Connections(events, uses)
    found.match(flows.values())
    made = [found.of(one.ends, one.time) for one in flows.values()]
    lines = [one.made.source.line for one in made if one is not None]
    assert len(lines) == len(set(lines))


def test_a_flow_that_no_call_asked_for_takes_no_other_flow_s_call() -> None:
    """Calls one after the other in one thread; the second went elsewhere, and another one's came here in the third's place."""
    elsewhere = replace(CONNECT, address="198.51.100.7")
    calls = [CONNECT, CONNECT, elsewhere, CONNECT]
    events = [event(1.0 + 0.01 * line, call, line) for line, call in enumerate(calls, 1)]
    uses = {(1, line): SocketUse(line, 7) for line in range(1, 5)}
    found = Connections(events, uses)
    flows = [flow(1.011, 40000), flow(1.031, 40001), flow(1.041, 40002)]
    found.match(flows)
    # The second may have been slow, as no packet tells; the fourth was not.
    made = [found.of(one.ends, one.time) for one in flows]
    assert [one and one.made.source.line for one in made] == [1, 2, 4]
    found = Connections([replace(one, time=one.time + (one.time - 1) * 20) for one in events], uses)
    flows = [flow(1.2101, 40000), flow(1.6401, 40001), flow(1.8401, 40002)]
    found.match(flows)
    made = [found.of(one.ends, one.time) for one in flows]
    assert [one and one.made.source.line for one in made] == [1, None, 4]
    assert [one.time for one in found.unexplained] == [1.6401]
    assert [one.made.source.line for one in found.unused] == [2, 3]
