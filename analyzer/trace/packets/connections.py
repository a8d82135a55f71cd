"""Which connection of the packets is which of the kernel's log.

Every connect() makes one connection, and sends its first packet before it returns, so that this lies between the call's begin and that of
the thread's next connect(). The kernel tracer tells which thread made a connection, by the port of its own side; strace does not, and all
threads' are taken for one. Of those that began at about the same time, each is then known by the first bytes that were sent on it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from math import inf
from operator import attrgetter
from typing import Final, NamedTuple

from analyzer.model.event import Event, NetworkFlow, NetworkStream, SocketAccept, SocketConnect, SocketSend, SocketState
from analyzer.trace.logs.traffic import Endpoint
from analyzer.trace.packets.network import Ends, Seen

CLOCK_SECONDS: Final = 0.002
"""How far the clocks of two accounts may be apart."""

_SOON: Final = 0.1
"""How long after its call began a connection's first packet is looked for, where none fits better."""

_AT_ONCE: Final = 256
"""Among how many calls that began last before a packet the one that sent it is looked for."""

_KNOWN_BY: Final = 40
"""Characters of what is sent first by which a connection is known."""

_TIME: Final = attrgetter("time")
_BEGUN: Final = attrgetter("made.time")
_UNTIL: Final = attrgetter("until")

_Caller = tuple[int, int]
"""Step and thread."""


class SocketUse(NamedTuple):
    """The log's line of the call that made the connection of a socket's call (0: none), and the thread that called."""

    connection: int
    thread: int


Uses = Mapping[tuple[int, int], SocketUse]
"""By step and line of the call."""


@dataclass(slots=True)
class Connection:
    """A connection with the call that made it, the thread that called, and what sent on it, in order of time.

    `until` is when that thread's next connect() began.
    """

    made: Event
    peer: Endpoint
    thread: int = 0
    until: float = inf
    sends: list[Event] = field(default_factory=list)


class Connections:
    """The connections of all steps, and which of them each flow is.

    `unexplained` are the flows from inside that no call made, `unused` the connects that worked and of which no flow is seen.
    """

    def __init__(self, events: Iterable[Event], uses: Uses) -> None:
        self.unexplained: list[Seen] = []
        self.unused: list[Connection] = []
        self._by_call: dict[tuple[int, int], Connection] = {}
        self._found: dict[Ends, list[tuple[float, Connection]]] = defaultdict(list)
        self._callers: dict[Ends, _Caller] = {}
        self._last: dict[_Caller, Connection] = {}
        for event in sorted((event for event in events if isinstance(event.detail, _Told)), key=_TIME):
            use = uses.get((event.step, event.source.line))
            if use is not None:
                self._take(event, use)

    def match(self, seen: Iterable[Seen]) -> None:
        """Finds the connection of each flow."""
        flows: dict[Endpoint, list[Seen]] = defaultdict(list)
        heads: dict[Ends, str] = {}
        for one in seen:
            if isinstance(one.detail, NetworkFlow) and one.detail.transport == "tcp":
                flows[one.ends[1]].append(one)
            elif isinstance(one.detail, NetworkStream) and one.detail.transport == "tcp":
                heads.setdefault(one.ends, one.detail.head[:_KNOWN_BY])
        made: dict[Endpoint, list[tuple[_Caller, Connection]]] = defaultdict(list)
        for (step, _), connection in self._by_call.items():
            if connection.peer in flows:
                made[connection.peer].append(((step, connection.thread), connection))
        matched: set[int] = set()
        for peer, some in flows.items():
            left = {
                id(flow): flow for flow in some if isinstance(flow.detail, NetworkFlow) and not flow.detail.incoming
            }
            for flow, connection in self._pairs(sorted(some, key=_TIME), made[peer], heads):
                self._found[flow.ends].append((flow.time, connection))
                matched.add(id(connection))
                left.pop(id(flow), None)
            self.unexplained += left.values()
        self.unused = [
            one
            for one in self._by_call.values()
            if id(one) not in matched and isinstance(one.made.detail, SocketConnect)
        ]

    def of(self, ends: Ends, time: float) -> Connection | None:
        """The connection between these ends at a time; None where the kernel's log has none."""
        found = self._found.get(ends)
        if not found:
            return None
        return found[max(bisect_right(found, time + CLOCK_SECONDS, key=lambda one: one[0]) - 1, 0)][1]

    def _take(self, event: Event, use: SocketUse) -> None:
        detail = event.detail
        key = (event.step, use.connection)
        if isinstance(detail, SocketState):
            if detail.state == "connected":
                ends = (detail.local_address, detail.local_port), (detail.address, detail.port)
                self._callers[ends] = event.step, use.thread
        elif isinstance(detail, SocketSend):
            connection = self._by_call.get(key)
            if connection is not None:
                connection.sends.append(event)
        elif isinstance(detail, SocketConnect | SocketAccept) and detail.type == "SOCK_STREAM" and not detail.error:
            connection = Connection(event, (detail.address, detail.port), use.thread)
            if isinstance(detail, SocketConnect):
                caller = event.step, use.thread
                if caller in self._last:
                    self._last[caller].until = event.time
                self._last[caller] = connection
            self._by_call.setdefault(key, connection)

    def _pairs(
        self, flows: list[Seen], connections: list[tuple[_Caller, Connection]], heads: Mapping[Ends, str]
    ) -> Iterator[tuple[Seen, Connection]]:
        """Each flow with its connection: first those whose caller is known, then what is left of both."""
        by_caller: dict[_Caller, list[Seen]] = defaultdict(list)
        unknown: list[Seen] = []
        for flow in flows:
            caller = self._callers.get(flow.ends)
            if caller is None:
                unknown.append(flow)
            else:
                by_caller[caller].append(flow)
        made: dict[_Caller, list[Connection]] = defaultdict(list)
        for caller, connection in connections:
            made[caller].append(connection)
        rest: list[Connection] = []
        for caller, own in made.items():
            yield from _in_order(by_caller.pop(caller, ()), own, heads)
            rest += own
        yield from _in_order(sorted([*unknown, *chain(*by_caller.values())], key=_TIME), rest, heads)


_Told = SocketConnect | SocketAccept | SocketSend | SocketState


def _in_order(
    flows: Iterable[Seen], connections: list[Connection], heads: Mapping[Ends, str]
) -> Iterator[tuple[Seen, Connection]]:
    """Each flow with a connection during whose call it began, else with one that had begun not long before it.

    Of several, the first that had begun not long before it and sent what the flow begins with, where one did, else the first of these, else
    the last. The connections are taken from the list.
    """
    connections.sort(key=_BEGUN)
    left: list[Seen] = []
    for flow in flows:
        place = _place(flow, connections, heads, _UNTIL, flow.time - CLOCK_SECONDS)
        if place is None:
            left.append(flow)
        else:
            yield flow, connections.pop(place)
    for flow in left:
        place = _place(flow, connections, heads, _BEGUN, flow.time - _SOON)
        if place is not None:
            yield flow, connections.pop(place)


def _place(
    flow: Seen,
    connections: list[Connection],
    heads: Mapping[Ends, str],
    key: Callable[[Connection], float],
    earliest: float,
) -> int | None:
    """The place of a flow's connection among those that had begun and whose time by `key` is not earlier than that."""
    begun = bisect_right(connections, flow.time + CLOCK_SECONDS, key=_BEGUN)
    places = [place for place in range(max(begun - _AT_ONCE, 0), begun) if key(connections[place]) >= earliest]
    soon = [place for place in places if connections[place].made.time >= flow.time - _SOON] or places[-1:]
    head = heads.get(flow.ends, "")
    same = (place for place in soon if head and _begins(connections[place], head))
    return next(same, soon[0] if soon else None)


def _begins(connection: Connection, head: str) -> bool:
    """Whether what was sent first on a connection is this."""
    first = connection.sends[0].detail if connection.sends else None
    return isinstance(first, SocketSend) and first.head[:_KNOWN_BY] == head
