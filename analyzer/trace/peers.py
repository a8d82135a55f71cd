"""Which socket call is behind what the network's record tells: one with the same peer, of the kind that does it, near in time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter

from analyzer.model.event import (
    Detail,
    Event,
    NetworkDns,
    NetworkFlow,
    NetworkHttp,
    NetworkStream,
    NetworkTls,
    Phase,
    SocketAccept,
    SocketConnect,
    SocketReceive,
    SocketSend,
)
from analyzer.trace.network import Seen

_CLOCK_SECONDS = 0.002
_TIME = attrgetter("time")
_MOST_BACK = 50
"""How many calls a request is looked for in: what followed it may have been sent before it was read."""
_HANDSHAKE = "\x16\x03"
"""How a TLS handshake begins (RFC 8446, section 5.1)."""

_SocketCall = SocketConnect | SocketAccept | SocketSend | SocketReceive

_Key = tuple[Phase | int, str, int]
"""Phase or number of a step, address and port."""


@dataclass(slots=True)
class _Calls:
    """Calls in order of time."""

    events: list[Event] = field(default_factory=list)

    def before(self, time: float) -> Event | None:
        place = bisect_right(self.events, time + _CLOCK_SECONDS, key=_TIME)
        return self.events[place - 1] if place else None

    def beginning(self, time: float, text: str) -> Event | None:
        """The last of some before a time that sent this first."""
        place = bisect_right(self.events, time + _CLOCK_SECONDS, key=_TIME)
        for event in reversed(self.events[max(place - _MOST_BACK, 0) : place]):
            if isinstance(event.detail, SocketSend) and event.detail.head.startswith(text):
                return event
        return None

    def after(self, time: float) -> Event | None:
        place = bisect_left(self.events, time - _CLOCK_SECONDS, key=_TIME)
        return self.events[place] if place < len(self.events) else None

    def nearest(self, time: float) -> Event:
        place = bisect_left(self.events, time, key=_TIME)
        return min(self.events[max(place - 1, 0) : place + 1], key=lambda event: abs(event.time - time))


class Peers:
    """The socket calls of all steps, by peer and step or, where a step has none, by phase: all of them, and those of each kind."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._all: dict[_Key, _Calls] = {}
        self._by_kind: dict[type, dict[_Key, _Calls]] = {SocketAccept: {}, SocketConnect: {}, SocketSend: {}}
        calls = [(event, event.detail) for event in events if isinstance(event.detail, _SocketCall)]
        for event, detail in sorted(calls, key=lambda call: call[0].time):
            for key in ((event.step, detail.address, detail.port), (event.phase, detail.address, detail.port)):
                _add(self._all, key, event)
                if type(detail) in self._by_kind:
                    _add(self._by_kind[type(detail)], key, event)

    def caller(self, seen: Seen, phase: Phase, step: int) -> Event | None:
        """The event of the socket call; None where the kernel's log shows no call with that peer.

        A question, a request, a greeting or a datagram was sent by what sent last before it; what a connection carried, by what sent
        first once it was made. A connection was made by what connected, or taken by what accepted it.
        """
        detail = seen.detail
        if isinstance(detail, NetworkDns):
            peer = detail.server, detail.port
        elif isinstance(detail, NetworkFlow | NetworkHttp | NetworkTls | NetworkStream):
            peer = detail.address, detail.port
        else:
            return None
        keys: tuple[_Key, _Key] = ((step, *peer), (phase, *peer))
        key = next((one for one in keys if one in self._all), None)
        if key is None:
            return None
        return self._fitting(seen.time, detail, key) or self._all[key].nearest(seen.time)

    def _fitting(self, time: float, detail: Detail, key: _Key) -> Event | None:
        over_tcp = isinstance(detail, NetworkFlow | NetworkStream) and detail.transport == "tcp"
        if isinstance(detail, NetworkFlow) and over_tcp:
            calls = self._by_kind[SocketAccept if detail.incoming else SocketConnect].get(key)
            return calls.nearest(time) if calls is not None else None
        sending, connecting = self._by_kind[SocketSend].get(key), self._by_kind[SocketConnect].get(key)
        if sending is None:
            return None
        begins = _beginning(detail)
        if begins and (found := sending.beginning(time, begins)) is not None:
            return found
        made = connecting.before(time) if over_tcp and connecting is not None else None
        return sending.after(made.time) if made is not None else sending.before(time)


def _beginning(detail: Detail) -> str:
    """With which text the bytes that were sent began; empty where that is not known."""
    if isinstance(detail, NetworkTls):
        return _HANDSHAKE
    return f"{detail.method} " if isinstance(detail, NetworkHttp) and not detail.tls else ""


def _add(calls: dict[_Key, _Calls], key: _Key, event: Event) -> None:
    calls.setdefault(key, _Calls()).events.append(event)
