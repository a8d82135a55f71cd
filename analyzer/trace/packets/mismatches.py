"""Peers that packets went to and no call named: an address was another one when the kernel read it than when the call began.

The kernel tracer tells that of a TCP connection by itself. Packets tell it of every tracer's log, and of datagrams: a connection that no
call asked for stands beside a call whose connection no packet shows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from operator import attrgetter
from typing import Final, NamedTuple

from analyzer.model.event import Event, NetworkFlow, Race, SocketConnect, SocketSend
from analyzer.trace.logs.traffic import Endpoint
from analyzer.trace.packets.connections import CLOCK_SECONDS, Connections
from analyzer.trace.packets.network import Seen

_SOON: Final = 1.0
"""How long after its call began a connection's first packet is sent, on a machine that has much to do."""

_DATAGRAMS: Final = "SOCK_DGRAM"
_TIME: Final = attrgetter("time")


class _Call(NamedTuple):
    """A call with its name and the peer that it asked for."""

    event: Event
    name: str
    peer: Endpoint

    @property
    def time(self) -> float:
        """When it began."""
        return self.event.time


def mismatches(events: Iterable[Event], seen: Iterable[Seen], connections: Connections) -> Iterator[Event]:
    """For each call that asked for another peer than it got, an event that tells both."""
    events = list(events)
    raced = {(one.step, one.source.line) for one in events if isinstance(one.detail, Race)}
    streams = [_Call(one.made, "connect", one.peer) for one in connections.unused]
    yield from _pairs([one for one in streams if not _is_among(one.event, raced)], connections.unexplained)
    flows = [one for one in seen if isinstance(one.detail, NetworkFlow) and one.detail.transport == "udp"]
    if not flows:
        return
    reached = {one.ends[1] for one in flows}
    named = {
        (one.detail.address, one.detail.port) for one in events if isinstance(one.detail, SocketSend | SocketConnect)
    }
    sends = [
        _Call(one, "send", (one.detail.address, one.detail.port))
        for one in events
        if isinstance(one.detail, SocketSend) and one.detail.type == _DATAGRAMS and one.outcome == "completed"
    ]
    lost = [one for one in sends if one.peer not in reached and one.peer[0] and not _is_among(one.event, raced)]
    yield from _pairs(lost, [one for one in flows if one.ends[1] not in named and not _is_incoming(one)])


def _pairs(calls: list[_Call], flows: Iterable[Seen]) -> Iterator[Event]:
    """Each flow with the call that began last before it, each call once."""
    calls.sort(key=_TIME)
    for flow in sorted(flows, key=_TIME):
        place = bisect_right(calls, flow.time + CLOCK_SECONDS, key=_TIME) - 1
        if place < 0 or flow.time - calls[place].time > _SOON or calls[place].peer == flow.ends[1]:
            continue
        call = calls.pop(place)
        (asked, asked_port), (found, port) = call.peer, flow.ends[1]
        told = Race(call.name, f"{asked} {asked_port}", f"{found} {port}")
        yield replace(call.event, detail=told, outcome="completed")


def _is_among(event: Event, raced: set[tuple[int, int]]) -> bool:
    return (event.step, event.source.line) in raced


def _is_incoming(flow: Seen) -> bool:
    return isinstance(flow.detail, NetworkFlow) and flow.detail.incoming
