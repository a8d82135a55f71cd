"""Which socket call is behind what the network's record tells: one of the same connection, of the kind that does it.

Where the connection is not known, as for datagrams, it is one with the same peer, near in time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from operator import attrgetter

from analyzer.model.event import (
    Detail,
    Event,
    NetworkDns,
    NetworkFlow,
    NetworkHttp,
    NetworkSecret,
    NetworkStream,
    NetworkTls,
    Phase,
    SocketAccept,
    SocketConnect,
    SocketListen,
    SocketReceive,
    SocketSend,
)
from analyzer.trace.packets.connections import CLOCK_SECONDS, Connection, Connections, Uses
from analyzer.trace.packets.network import Seen

_TIME = attrgetter("time")
_MOST_BACK = 50
"""How many calls a request is looked for in: what followed it may have been sent before it was read."""
_ANSWER_SECONDS = 0.0002
"""Nobody can have answered, and been answered, sooner after a message came: what was sent then is another message."""

_HANDSHAKE = "\x16\x03"
"""How a TLS handshake begins (RFC 8446, section 5.1)."""
_MOST_OF_NAME = 60
"""Characters of a question by which it is known again: of a send only the first bytes are in the log."""
_MOST_OF_TARGET = 40
_MOST_OF_HEAD = 90
_LONGEST_LABEL = 63

_SocketCall = SocketConnect | SocketAccept | SocketSend | SocketReceive

_Key = tuple[Phase | int, str, int]
"""Phase or number of a step, address and port."""

_Test = Callable[[str], bool]
"""Whether bytes that were sent are those of a detail, told by the first of them."""


@dataclass(slots=True)
class _Calls:
    """Calls in order of time."""

    events: list[Event] = field(default_factory=list)

    def before(self, time: float, apart: float = CLOCK_SECONDS) -> Event | None:
        place = bisect_right(self.events, time + apart, key=_TIME)
        return self.events[place - 1] if place else None

    def sending(self, time: float, test: _Test | None) -> Event | None:
        """The last of some before a time that sent what passes; None without a test."""
        if test is None:
            return None
        place = bisect_right(self.events, time + CLOCK_SECONDS, key=_TIME)
        for event in reversed(self.events[max(place - _MOST_BACK, 0) : place]):
            if isinstance(event.detail, SocketSend) and test(event.detail.head):
                return event
        return None

    def after(self, time: float) -> Event | None:
        place = bisect_left(self.events, time - CLOCK_SECONDS, key=_TIME)
        return self.events[place] if place < len(self.events) else None

    def nearest(self, time: float) -> Event:
        place = bisect_left(self.events, time, key=_TIME)
        return min(self.events[max(place - 1, 0) : place + 1], key=lambda event: abs(event.time - time))


class Peers:
    """The socket calls of all steps: by connection, and by peer and step or, where a step has none, by phase.

    `connections` are those over TCP, joined with the flows.
    """

    def __init__(self, events: Iterable[Event], uses: Uses, seen: Iterable[Seen]) -> None:
        self._all: dict[_Key, _Calls] = {}
        self._by_kind: dict[type, dict[_Key, _Calls]] = {SocketAccept: {}, SocketConnect: {}, SocketSend: {}}
        self._listening: dict[tuple[Phase | int, int], _Calls] = {}
        events = sorted(events, key=_TIME)
        for event in events:
            if isinstance(event.detail, SocketListen) and not event.detail.error:
                for one in (event.step, event.phase):
                    self._listening.setdefault((one, event.detail.port), _Calls()).events.append(event)
        calls = [(event, event.detail) for event in events if isinstance(event.detail, _SocketCall)]
        for event, detail in calls:
            for key in ((event.step, detail.address, detail.port), (event.phase, detail.address, detail.port)):
                _add(self._all, key, event)
                if type(detail) in self._by_kind:
                    _add(self._by_kind[type(detail)], key, event)
        self.connections = Connections(events, uses)
        self.connections.match(seen)

    def sender(self, seen: Seen) -> Event | None:
        """The event of the call that sent a part of what a connection carried; None where the kernel's log has no such connection."""
        connection = self.connections.of(seen.ends, seen.time) if _over_tcp(seen.detail) else None
        return _on_connection(seen, connection) if connection is not None else None

    def caller(self, seen: Seen, phase: Phase, step: int) -> Event | None:
        """The event of the socket call; None where the kernel's log shows no call with that peer.

        A question, a request, a greeting or a datagram was sent by what sent last before it; what a connection carried, by what sent
        first once it was made. A connection was made by what connected, or taken by what accepted it, or by the kernel for what listened.
        """
        sender = self.sender(seen)
        if sender is not None:
            return sender
        keys: tuple[_Key, _Key] = ((step, *seen.ends[1]), (phase, *seen.ends[1]))
        key = next((one for one in keys if one in self._all), None)
        if key is None:
            return self._listener(seen, phase, step)
        return self._fitting(seen.time, seen.detail, key) or self._all[key].nearest(seen.time)

    def _listener(self, seen: Seen, phase: Phase, step: int) -> Event | None:
        """What waited for a call that nothing accepted. Of one that let the kernel choose its port, this is not in every log."""
        if not isinstance(seen.detail, NetworkFlow) or not seen.detail.incoming:
            return None
        keys = [(where, port) for port in (seen.ends[0][1], 0) for where in (step, phase)]
        found = next((self._listening[key] for key in keys if key in self._listening), None)
        return found.before(seen.time) if found is not None else None

    def _fitting(self, time: float, detail: Detail, key: _Key) -> Event | None:
        over_tcp = isinstance(detail, NetworkFlow | NetworkStream) and detail.transport == "tcp"
        if isinstance(detail, NetworkFlow) and over_tcp:
            calls = self._by_kind[SocketAccept if detail.incoming else SocketConnect].get(key)
            return calls.nearest(time) if calls is not None else None
        sending, connecting = self._by_kind[SocketSend].get(key), self._by_kind[SocketConnect].get(key)
        if sending is None:
            return None
        if (found := sending.sending(time, _told_by(detail))) is not None:
            return found
        made = connecting.before(time) if over_tcp and connecting is not None else None
        return sending.after(made.time) if made is not None else sending.before(time)


def _on_connection(seen: Seen, connection: Connection) -> Event:
    """The call on a connection that is behind a detail; the one that made it where no other tells of a line of code."""
    detail, sends = seen.detail, _Calls(connection.sends)
    found: Event | None = None
    if isinstance(detail, NetworkStream):
        found = sends.after(connection.made.time)
    elif not isinstance(detail, NetworkFlow):
        found = sends.sending(seen.time, _told_by(detail)) or sends.before(seen.time, _ANSWER_SECONDS)
    return found if found is not None and (found.location or not connection.made.location) else connection.made


def _over_tcp(detail: Detail) -> bool:
    if isinstance(detail, NetworkDns):
        return detail.transport != "udp"
    return not isinstance(detail, NetworkFlow | NetworkStream | NetworkSecret) or detail.transport == "tcp"


def _told_by(detail: Detail) -> _Test | None:
    """How the bytes that were sent are known again; None where they are not known."""
    if isinstance(detail, NetworkTls):
        return lambda head: head.startswith(_HANDSHAKE)
    if isinstance(detail, NetworkHttp) and not detail.tls:
        method, target = f"{detail.method} ", detail.path[:_MOST_OF_TARGET]
        return lambda head: head.startswith(method) and target in head
    if isinstance(detail, NetworkDns) and detail.transport in {"udp", "tcp"}:
        question = "".join(f"{chr(min(len(label), _LONGEST_LABEL))}{label}" for label in detail.name.lower().split("."))
        return lambda head: question[:_MOST_OF_NAME] in head.lower()
    if isinstance(detail, NetworkStream) and detail.transport == "udp" and detail.head:
        return lambda head: head[:_MOST_OF_HEAD] == detail.head[:_MOST_OF_HEAD]
    return None


def _add(calls: dict[_Key, _Calls], key: _Key, event: Event) -> None:
    calls.setdefault(key, _Calls()).events.append(event)
