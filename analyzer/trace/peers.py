"""Which socket call is behind a packet: the one with the same peer that is nearest in time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from analyzer.model.event import (
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

_Key = tuple[Phase, str, int]


class Peers:
    """The socket calls of all steps, by phase and peer."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._calls: dict[_Key, list[Event]] = {}
        for event in events:
            detail = event.detail
            if isinstance(detail, SocketConnect | SocketAccept | SocketSend | SocketReceive):
                self._calls.setdefault((event.phase, detail.address, detail.port), []).append(event)
        self._times: dict[_Key, list[float]] = {}
        for key, calls in self._calls.items():
            calls.sort(key=lambda event: event.time)
            self._times[key] = [event.time for event in calls]

    def caller(self, seen: Seen, phase: Phase) -> Event | None:
        """The event of the socket call; None where the kernel's log shows no call with that peer."""
        detail = seen.detail
        if isinstance(detail, NetworkDns):
            key = (phase, detail.server, detail.port)
        elif isinstance(detail, NetworkFlow | NetworkHttp | NetworkTls | NetworkStream):
            key = (phase, detail.address, detail.port)
        else:
            return None
        calls = self._calls.get(key)
        if not calls:
            return None
        place = bisect_left(self._times[key], seen.time)
        near = calls[max(place - 1, 0) : place + 1]
        return min(near, key=lambda event: abs(event.time - seen.time))
