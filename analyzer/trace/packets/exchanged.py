"""Lines of the network's record, each to the detail of an event."""

from __future__ import annotations

from typing import Final, Literal

from analyzer.model.event import NetworkDns, NetworkExchange, NetworkFlow, NetworkHttp, NetworkStream
from analyzer.trace.logs.traffic import (
    DnsQuestion,
    DnsServed,
    ExchangeServed,
    Flow,
    HttpServed,
    PlainHttp,
    TcpServed,
    UdpServed,
)
from analyzer.trace.packets.protocols import is_hello, recognise

_STANDARD_PORTS: Final = {("http", 80), ("https", 443)}
_MAX_HEADERS: Final = 100
_MAX_HEADER: Final = 1000
_MAX_WORD: Final = 40
_MAX_URL: Final = 2048
_HEAD_BYTES: Final = 2048
_UNTOLD: Final = frozenset({"unknown", "silent", "banner", "http", "tls", "dns", ""})
"""What the services call a connection whose content they did not understand, or that says more by its first bytes."""


def flow_detail(line: Flow) -> NetworkFlow:
    """A connection or what two endpoints sent each other, from the package's side."""
    own, peer = (line.destination, line.source) if line.dialled else (line.source, line.destination)
    sent, received = (line.received, line.sent) if line.dialled else (line.sent, line.received)
    return NetworkFlow(
        transport=line.transport,
        address=peer[0],
        port=peer[1],
        sent=sent,
        received=received,
        established=line.established,
        incoming=line.dialled,
        own_port=own[1],
        duration=max(line.last - line.first, 0.0),
    )


def http_detail(line: HttpServed) -> NetworkHttp:
    """A request with its answer."""
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
        body=text(line.body_head),
        version=line.version[:_MAX_WORD],
        response_type=line.response_type[:_MAX_HEADER],
        mark=line.mark[:_MAX_HEADER],
        own_port=line.client[1],
    )


def plain_http_detail(line: PlainHttp) -> NetworkHttp:
    """A request between the package and a server that is not the simulated internet's, such as its own on loopback."""
    port = line.destination[1]
    host = line.host or line.destination[0]
    return NetworkHttp(
        method=line.method, url=f"http://{host}{line.target}", host=host, address=line.destination[0], port=port,
        path=line.target, status=0, request_bytes=0, response_bytes=0, tls=False, standard_port=port == 80, headers=(), body="",
        version="", response_type="", mark="", own_port=line.source[1],
    )  # fmt: skip


def exchange_detail(line: ExchangeServed) -> NetworkExchange:
    """An act in another protocol."""
    return NetworkExchange(
        protocol=line.protocol[:_MAX_WORD],
        verb=line.verb[:_MAX_WORD],
        url=line.url[:_MAX_URL],
        address=line.server[0],
        port=line.server[1],
        sent=line.request_bytes,
        tls=line.tls,
        own_port=line.client[1],
    )


def question_detail(line: DnsQuestion, transport: Literal["udp", "tcp"]) -> NetworkDns:
    """A question that the capture shows."""
    return NetworkDns(line.name, line.type, *line.destination, line.answers, transport)


def served_question_detail(line: DnsServed) -> NetworkDns:
    """A question that only the services could read."""
    return NetworkDns(line.name.rstrip("."), line.type, *line.server, line.answers, line.transport)


def stream_detail(line: TcpServed | UdpServed, acts: int) -> NetworkStream:
    """A connection or datagram. Of TLS whose handshake did not come to its end, the head is the ClientHello itself."""
    datagram = isinstance(line, UdpServed)
    transport: Literal["tcp", "udp"] = "udp" if datagram else "tcp"
    protocol = recognise(line.head, transport, line.server[1])
    if isinstance(line, TcpServed) and protocol in {"unknown", "silent"} and line.protocol not in _UNTOLD:
        protocol = line.protocol[:_MAX_WORD]
    return NetworkStream(
        transport=transport,
        address=line.server[0],
        port=line.server[1],
        protocol=protocol,
        sent=line.bytes if isinstance(line, UdpServed) else line.bytes_in,
        head=text(line.head),
        tls=isinstance(line, TcpServed) and line.protocol == "tls" and not is_hello(line.head),
        acts=acts,
        own_port=line.client[1],
    )


def text(head: bytes) -> str:
    """The first bytes as text with escapes."""
    return head[:_HEAD_BYTES].decode("ascii", "backslashreplace")
