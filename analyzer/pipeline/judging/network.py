"""The report's network: what went over the wire, each row with who did it, without what installer and interpreter do by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from analyzer.model.event import (
    PACKAGES,
    Event,
    NetworkDns,
    NetworkExchange,
    NetworkFlow,
    NetworkHttp,
    NetworkStream,
    NetworkTls,
)
from analyzer.model.report import (
    Connection,
    DnsData,
    DnsQuery,
    HttpExchange,
    Network,
    NetworkLeftOut,
    ProtocolExchange,
    TlsFacts,
)
from analyzer.pipeline.judging.beacons import beacons
from analyzer.pipeline.judging.behaviors import Context, code_location
from analyzer.trace.packets.labels import Hidden, hidden
from analyzer.trace.timeline import Timeline

_MAX_ROWS: Final = 5000
_MAX_NAMES: Final = 20
_MAX_KNOWN: Final = 200
"""Names of one address that are remembered."""

_MAX_ANSWERS: Final = 64
_MAX_HEADERS: Final = 40
_MAX_HEADER: Final = 400
_MAX_BODY: Final = 2048
_MAX_HEAD: Final = 512
_MAX_URL: Final = 2048
_MAX_DATA: Final = 4096
_MAX_PART: Final = 200
_MAX_HIDDEN: Final = 200
_DNS_PORT: Final = 53
_CLOCK_SECONDS: Final = 0.005

Row = TypeVar("Row")
_Key = tuple[str, str, int, int]
"""Transport, peer's address and port, own port."""


@dataclass(slots=True)
class _Known:
    """What helps to tell the rows: who is named by what, what connections carried, and what names hide."""

    context: Context
    names: dict[str, dict[str, float]] = field(default_factory=dict)
    tls: dict[_Key, NetworkTls] = field(default_factory=dict)
    streams: dict[_Key, NetworkStream] = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)

    def names_of(self, address: str, time: float) -> list[str]:
        """The names that were answered with an address before a time; of those, the last one that was new comes first."""
        asked = self.names.get(address, {})
        return [name for name, first in reversed(asked.items()) if first <= time + _CLOCK_SECONDS][:_MAX_NAMES]

    def names_of_host(self, url: str, address: str, time: float) -> list[str]:
        """The same for a URL that tells no name."""
        return self.names_of(address, time) if _is_address(_host(url)) else []

    def act(self, event: Event) -> dict[str, Any]:
        """What all rows have."""
        return {
            "phase": event.phase,
            "time": event.time,
            "pid": event.pid,
            "process": event.process,
            "attribution": event.attribution,
            "distribution": self.context.distribution(event),
            "location": code_location(event),
            "during": self.context.during.words(event),
        }


def network(timeline: Timeline, context: Context) -> Network:
    """What went over the wire, at most 5,000 rows of each kind."""
    events = [event for event in timeline.events if event.layer == "packet" and event.attribution in PACKAGES]
    known = _Known(context)
    found = hidden(event.detail.name for event in events if isinstance(event.detail, NetworkDns))[:_MAX_HIDDEN]
    for event in events:
        _learn(event, known)
    for one in found:
        known.parts |= one.parts
    left = dict.fromkeys(("dns", "connections", "http", "exchanges"), 0)
    told = partial(_rows, events, left)
    return Network(
        dns=told("dns", NetworkDns, partial(_dns, known)),
        dns_data=[_data(one) for one in found],
        connections=told("connections", NetworkFlow, partial(_connection, known)),
        http=told("http", NetworkHttp, partial(_http, known)),
        exchanges=told("exchanges", NetworkExchange, partial(_exchange, known)),
        beacons=beacons(events, known.act),
        cut=list(timeline.cut),
        left_out=NetworkLeftOut(**left),
    )


def _rows(
    events: Iterable[Event], left: dict[str, int], name: str, kind: type, row: Callable[[Event], Row]
) -> list[Row]:
    """The rows of one kind, and in `left` how many were too many. Questions are no connections besides."""
    some = [event for event in events if isinstance(event.detail, kind) and not _is_question(event)]
    left[name] = max(len(some) - _MAX_ROWS, 0)
    return [row(event) for event in some[:_MAX_ROWS]]


def _is_question(event: Event) -> bool:
    detail = event.detail
    return isinstance(detail, NetworkFlow) and detail.transport == "udp" and detail.port == _DNS_PORT


def _learn(event: Event, known: _Known) -> None:
    detail = event.detail
    if isinstance(detail, NetworkDns):
        for answer in detail.answers[:_MAX_ANSWERS]:
            names = known.names.setdefault(answer, {})
            if len(names) < _MAX_KNOWN:
                names.setdefault(detail.name, event.time)
    elif isinstance(detail, NetworkTls):
        known.tls.setdefault(("tcp", detail.address, detail.port, detail.own_port), detail)
    elif isinstance(detail, NetworkStream):
        known.streams.setdefault((detail.transport, detail.address, detail.port, detail.own_port), detail)


def _dns(known: _Known, event: Event) -> DnsQuery:
    detail = event.detail
    assert isinstance(detail, NetworkDns)
    return DnsQuery(
        **known.act(event),
        name=detail.name,
        type=detail.type,
        server=detail.server,
        answers=list(detail.answers),
        transport=detail.transport,
        decoded=_text(known.parts.get(detail.name, b""), _MAX_PART),
    )


def _data(one: Hidden) -> DnsData:
    return DnsData(
        domain=one.domain,
        encoding=one.encoding,
        format=one.format,
        names=len(one.parts),
        size=len(one.data),
        data=_text(one.data, _MAX_DATA),
    )


def _connection(known: _Known, event: Event) -> Connection:
    detail = event.detail
    assert isinstance(detail, NetworkFlow)
    key = (detail.transport, detail.address, detail.port, detail.own_port)
    stream, tls = known.streams.get(key), known.tls.get(key)
    return Connection(
        **known.act(event),
        transport=detail.transport,
        address=detail.address,
        port=detail.port,
        own_port=detail.own_port,
        names=known.names_of(detail.address, event.time),
        direction="incoming" if detail.incoming else "outgoing",
        established=detail.established,
        protocol=stream.protocol if stream is not None else "",
        sent_bytes=detail.sent,
        received_bytes=detail.received,
        head=stream.head[:_MAX_HEAD] if stream is not None and (tls is None or tls.trusted) else "",
        tls=_tls(tls) if tls is not None else None,
        duration_seconds=round(detail.duration, 6),
    )


def _tls(detail: NetworkTls) -> TlsFacts:
    return TlsFacts(
        name=detail.name,
        version=detail.version,
        alpn=detail.chosen,
        offered=list(detail.alpn),
        ja4=detail.ja4,
        status="seen-through" if detail.trusted else "pinned" if detail.pinned else "failed",
        hidden=detail.hidden,
    )


def _http(known: _Known, event: Event) -> HttpExchange:
    detail = event.detail
    assert isinstance(detail, NetworkHttp)
    return HttpExchange(
        **known.act(event),
        method=detail.method,
        url=detail.url[:_MAX_URL],
        names=known.names_of_host(detail.url, detail.address, event.time),
        version=detail.version,
        status=detail.status,
        request_bytes=detail.request_bytes,
        response_bytes=detail.response_bytes,
        response_type=detail.response_type,
        mark=detail.mark,
        tls=detail.tls,
        headers=[header[:_MAX_HEADER] for header in detail.headers[:_MAX_HEADERS]],
        body=detail.body[:_MAX_BODY],
    )


def _exchange(known: _Known, event: Event) -> ProtocolExchange:
    detail = event.detail
    assert isinstance(detail, NetworkExchange)
    return ProtocolExchange(
        **known.act(event),
        protocol=detail.protocol,
        verb=detail.verb,
        url=detail.url[:_MAX_URL],
        names=known.names_of_host(detail.url, detail.address, event.time),
        sent_bytes=detail.sent,
        tls=detail.tls,
    )


def _text(data: bytes, limit: int) -> str:
    """Bytes as text: as UTF-8 where they are, with escapes for the rest."""
    return data[:limit].decode("utf-8", "backslashreplace")


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
