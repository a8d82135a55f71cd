"""The simulated internet's record: exchanges that its services saw, and packets that its capture saw, to events.

Formats: `probes/internet/wire.py` for the exchanges, `probes/dissector/output.py` for the packets. Packets are the
truth about who talked to whom; the services add what only an endpoint of TLS and HTTP can know.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from analyzer.model.event import Detail, NetworkDns, NetworkFlow, NetworkHttp, NetworkStream, NetworkTls
from analyzer.trace.protocols import is_hello, recognise
from analyzer.trace.traffic import (
    EXCHANGE,
    OTHER,
    PACKET,
    CaptureEnd,
    DnsQuestion,
    Endpoint,
    Flow,
    Hello,
    HttpServed,
    Limit,
    PacketsEnd,
    PacketsLimit,
    PlainHttp,
    ServiceEnd,
    TcpServed,
    TlsServed,
    UdpServed,
)
from analyzer.trace.wire import parse

_STANDARD_PORTS = {("http", 80), ("https", 443)}
_DNS_PORT = 53
_MAX_HEADERS, _MAX_HEADER = 100, 1000
_HEAD_BYTES = 2048


@dataclass(frozen=True, slots=True)
class Seen:
    """A network detail with its time, the file and line that prove it."""

    time: float
    detail: Detail
    line: int
    exchange: bool


@dataclass(slots=True)
class NetworkRecord:
    """All that was read, and what is missing.

    `finished` and `served` tell that the last lines of the packets and of the exchanges are there.
    """

    seen: list[Seen] = field(default_factory=list)
    dropped: int = 0
    broken: int = 0
    reasons: list[str] = field(default_factory=list)
    finished: bool = False
    served: bool = False


def read(exchanges: Iterable[str], packets: Iterable[str]) -> NetworkRecord:
    """Both files of the record."""
    result = NetworkRecord()
    hellos: dict[tuple[Endpoint, Endpoint], bool] = {}
    served_plain: set[tuple[Endpoint, Endpoint]] = set()  # told by the services, or made by the dialler: not told twice
    streams: list[tuple[int, TcpServed | UdpServed]] = []
    for number, line in _parsed(exchanges, EXCHANGE, result):
        if isinstance(line, TcpServed | UdpServed):
            streams.append((number, line))
        else:
            _exchange(line, number, result, hellos, served_plain)
    lines = list(_parsed(packets, PACKET, result))
    for number, line in sorted(lines, key=lambda item: not isinstance(item[1], Flow)):
        _packet(line, number, result, hellos, served_plain)
    asked = {(line.source, line.destination) for _, line in lines if isinstance(line, DnsQuestion)}
    for number, stream in streams:
        detail = _stream(stream)
        told = (stream.client, stream.server) in asked or detail.port == _DNS_PORT
        if not (told and detail.protocol == "dns" and not detail.tls):
            result.seen.append(Seen(stream.time, detail, number, exchange=True))
    return result


def _parsed(lines: Iterable[str], adapter: TypeAdapter[Any], result: NetworkRecord) -> Iterable[tuple[int, Any]]:
    for number, line in enumerate(lines, 1):
        content = parse(adapter, line)
        if content is not None:
            yield number, content
        elif parse(OTHER, line) is None:
            result.broken += 1


def _exchange(
    line: Any,
    number: int,
    result: NetworkRecord,
    hellos: dict[tuple[Endpoint, Endpoint], bool],
    served_plain: set[tuple[Endpoint, Endpoint]],
) -> None:
    if isinstance(line, HttpServed):
        if not line.tls:
            served_plain.add((line.client, line.server))
        result.seen.append(Seen(line.time, _http(line), number, exchange=True))
    elif isinstance(line, TlsServed):
        hellos[line.client, line.server] = line.completed
    elif isinstance(line, Limit):
        result.reasons.append(f"simulated internet: {line.detail[:200]}")
    elif isinstance(line, ServiceEnd):
        result.served = True
    elif isinstance(line, CaptureEnd):
        result.dropped += line.dropped
        if line.cut:
            result.reasons.append("the packet capture reached its size limit and was cut")


def _packet(
    line: Any,
    number: int,
    result: NetworkRecord,
    hellos: dict[tuple[Endpoint, Endpoint], bool],
    served_plain: set[tuple[Endpoint, Endpoint]],
) -> None:
    detail: Detail | None = None
    time = 0.0
    if isinstance(line, Flow):
        if line.dialled:
            served_plain.add((line.source, line.destination))
        time, detail = line.first, _flow(line)
    elif isinstance(line, DnsQuestion):
        time, detail = (
            line.time,
            NetworkDns(line.name, line.type, line.destination[0], line.destination[1], line.answers),
        )
    elif isinstance(line, Hello):
        trusted = hellos.get((line.source, line.destination), False)
        time, detail = line.time, NetworkTls(line.sni, *line.destination, alpn=line.alpn, trusted=trusted)
    elif isinstance(line, PlainHttp) and (line.source, line.destination) not in served_plain:
        time, detail = line.time, _plain_http(line)
    elif isinstance(line, PacketsLimit):
        result.reasons.append(f"packets: {line.detail[:200]}")
    elif isinstance(line, PacketsEnd):
        result.finished = True
        if line.undissected:
            result.reasons.append(f"{line.undissected} of {line.packets} packets could not be dissected")
    if detail is not None:
        result.seen.append(Seen(time, detail, number, exchange=False))


def _flow(line: Flow) -> NetworkFlow:
    peer = line.source if line.dialled else line.destination
    sent, received = (line.received, line.sent) if line.dialled else (line.sent, line.received)
    return NetworkFlow(
        transport=line.transport,
        address=peer[0],
        port=peer[1],
        sent=sent,
        received=received,
        established=line.established,
        incoming=line.dialled,
    )


def _http(line: HttpServed) -> NetworkHttp:
    return NetworkHttp(
        method=line.method,
        url=line.url,
        host=line.host,
        address=line.server[0],
        port=line.server[1],
        path=line.path,
        status=line.status,
        request_bytes=line.request_bytes,
        response_bytes=line.response_bytes,
        tls=line.tls,
        standard_port=("https" if line.tls else "http", line.server[1]) in _STANDARD_PORTS,
        headers=tuple(f"{name.lower()}: {value}"[:_MAX_HEADER] for name, value in line.headers[:_MAX_HEADERS]),
        body=_text(line.body_head),
    )


def _stream(line: TcpServed | UdpServed) -> NetworkStream:
    """A connection or datagram. Of TLS whose handshake did not come to its end, the head is the ClientHello itself."""
    datagram = isinstance(line, UdpServed)
    return NetworkStream(
        transport="udp" if datagram else "tcp",
        address=line.server[0],
        port=line.server[1],
        protocol=recognise(line.head, "udp" if datagram else "tcp", line.server[1]),
        sent=line.bytes if isinstance(line, UdpServed) else line.bytes_in,
        head=_text(line.head),
        tls=isinstance(line, TcpServed) and line.protocol == "tls" and not is_hello(line.head),
    )


def _text(head: bytes) -> str:
    return head[:_HEAD_BYTES].decode("ascii", "backslashreplace")


def _plain_http(line: PlainHttp) -> NetworkHttp:
    """A request between the package and a server that is not the simulated internet's, such as its own on loopback."""
    port = line.destination[1]
    host = line.host or line.destination[0]
    return NetworkHttp(
        method=line.method, url=f"http://{host}{line.target}", host=host, address=line.destination[0], port=port,
        path=line.target, status=0, request_bytes=0, response_bytes=0, tls=False, standard_port=port == 80, headers=(), body="",
    )  # fmt: skip
