"""The report's beacons: endpoints that one command contacted at regular intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any, Final, Literal

from analyzer.model.event import Event, NetworkDns, NetworkExchange, NetworkFlow, NetworkHttp, NetworkStream
from analyzer.model.report import Beacon
from analyzer.render.units import host_text
from analyzer.trace.packets.rhythm import rhythm

_MAX_BEACONS: Final = 200
_MAX_ENDPOINT: Final = 500
_DNS_PORT: Final = 53

Kind = Literal["http", "exchange", "connection", "datagram", "name"]

_ORDER: Final[tuple[Kind, ...]] = ("http", "exchange", "connection", "datagram", "name")
"""What tells more comes first: what is below it on the same way is told by it."""


def beacons(events: Iterable[Event], act: Callable[[Event], dict[str, Any]]) -> list[Beacon]:
    """The beacons among these events, at most 200, in order of time. `act` gives what all rows of the report have."""
    contacts: dict[tuple[int, Kind, str], list[Event]] = defaultdict(list)
    places: dict[tuple[int, Kind, str], set[str]] = defaultdict(set)
    for event in events:
        found = _endpoint(event)
        if found is not None:
            kind, text, addresses = found
            contacts[event.step, kind, text].append(event)
            places[event.step, kind, text] |= addresses
    told: set[tuple[int, str]] = set()
    result = []
    for key in sorted(contacts, key=lambda key: _ORDER.index(key[1])):
        beat = rhythm(event.time for event in contacts[key])
        step, kind, text = key
        where = {(step, address) for address in places[key]}
        if beat is None or where & told:
            continue
        told |= where
        result.append(
            Beacon(
                **act(contacts[key][0]),
                kind=kind,
                endpoint=text[:_MAX_ENDPOINT],
                count=beat.contacts,
                interval_seconds=round(beat.interval, 3),
                jitter=round(beat.jitter, 3),
                last=beat.last,
            )
        )
    return sorted(result, key=lambda beacon: beacon.time)[:_MAX_BEACONS]


def _endpoint(event: Event) -> tuple[Kind, str, set[str]] | None:
    """What an event contacts, and at which addresses; None for what is no contact with the outside."""
    detail = event.detail
    if isinstance(detail, NetworkDns):
        return "name", detail.name.lower(), {answer for answer in detail.answers if _is_outside(answer)}
    if not isinstance(detail, NetworkHttp | NetworkExchange | NetworkFlow | NetworkStream) or not _is_outside(
        detail.address
    ):
        return None
    where = {detail.address}
    if isinstance(detail, NetworkHttp):
        return "http", f"{detail.method} {detail.url.partition('?')[0]}", where
    if isinstance(detail, NetworkExchange):
        return "exchange", f"{detail.verb} {detail.url}", where
    if detail.port == _DNS_PORT:
        return None
    if isinstance(detail, NetworkFlow):
        outgoing = detail.transport == "tcp" and not detail.incoming
        return ("connection", host_text(detail.address, detail.port), where) if outgoing else None
    return ("datagram", host_text(detail.address, detail.port), where) if detail.transport == "udp" else None


def _is_outside(address: str) -> bool:
    try:
        return not ip_address(address).is_loopback
    except ValueError:
        return False
