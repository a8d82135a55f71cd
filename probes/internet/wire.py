"""The format of `exchanges.jsonl`, in which the simulated internet tells what it saw. Version 2.

One JSON object per line, ASCII only. `time` and `end` are seconds since the epoch. An address is `[ip, port]`; an
IPv4-mapped IPv6 address is printed as plain IPv4. `client` is the package's side, `server` the address that it wanted.
Bytes (`head`, `body_head`) are base64, cut at `Limits.head_bytes` and `Limits.body_bytes`; texts are cut at 2,048
characters and hostile. The full sizes stand beside them. `stream` is the number under which `sent.bin` keeps the bytes
that the package sent (`internet.sent`), 0 where none are kept. `kind` names the shape:

    begin    first line: {format, time, listener, dns, address, address6}; `address6` is "" without IPv6
    dns      {time, transport: udp|tcp|tls|https, client, server, name, type, answers: [str]}  one per question
    http     {time, client, server, method, url, host, path, version, status, request_bytes, response_bytes, tls,
              headers: [[name, value]], body_head, response_type, mark, stream}; sizes are of the bodies; status 0 when the
              client broke off before an answer; `url` is absolute and shows the port when it is not the scheme's own;
              `version` is 1.0, 1.1 or 2; `mark` is the text by which a served file is known again, "" where there is none
    exchange {time, client, server, protocol, verb, url, request_bytes, tls, stream}    one act in another protocol: `verb` is
             the protocol's own word (MAIL, STOR, PUBLISH, SET, JOIN, mining.submit, CONNECT, AUTH, message …), `url` says on
             what, such as mqtt://192.0.2.7:1883/sensors/1 or smtp://192.0.2.7/alex@a.example; sizes are of what was sent with it
    tls      {time, client, server, sni, alpn: [str], version, completed, detail, chosen, ja4, hidden}; `detail` is "" where the
             handshake was completed, begins with `pinned: ` where the client broke off over our certificate (behind it the
             alert's name, such as unknown_ca, or `closed`), and with `no handshake: ` where it did for anything else, or was no TLS
             client; one that compares certificates by itself completes the handshake and then says nothing, so that the
             connection's `tcp` line has no head; `chosen` is the ALPN protocol answered; `hidden` is true where the client
             offers an encrypted ClientHello, so that `sni` may be the name of a front; `ja4` is the client's fingerprint
    tcp      {time, end, client, server, bytes_in, bytes_out, protocol, head, stream}   one per connection, at its end
             protocol: silent, unknown, ftp-data, or what `internet.recognise` names; bytes_in is the payload on the
             wire that the client sent; `head` is what the client sent, decrypted once a TLS handshake was completed, and only
             the first 2,048 bytes of it where lines of their own tell the content
    udp      {time, client, server, bytes, protocol: ntp|stun|unknown, head}                  one per datagram
    dial     {time, address, source, connected, received, detail}        a listening socket of the package was called
    limit    {time, detail, lost}      something was cut, refused, malformed or given up; each detail is told once; `lost` is
             whether something that was sent is not in the log for it
    capture  {time, packets, dropped, cut}       at the end; cut is true when the capture is not complete
    end      {time}                              last line of an orderly end
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, fields
from typing import ClassVar, Final

FORMAT: Final = 2
TEXT_LIMIT: Final = 2048
BRIEF_HEAD: Final = 2048
"""Bytes of `head` that are written where other lines tell the content."""

Address = tuple[str, int]
_Octets = bytes  # within a class that has a field of the name `bytes`


@dataclass(frozen=True, slots=True)
class Begin:
    """The first line."""

    kind: ClassVar[str] = "begin"
    format: int
    time: float
    listener: int
    dns: str
    address: str
    address6: str


@dataclass(frozen=True, slots=True)
class Dns:
    """A question and what was answered."""

    kind: ClassVar[str] = "dns"
    time: float
    transport: str
    client: Address
    server: Address
    name: str
    type: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Http:
    """A request and the size of its answer."""

    kind: ClassVar[str] = "http"
    time: float
    client: Address
    server: Address
    method: str
    url: str
    host: str
    path: str
    version: str
    status: int
    request_bytes: int
    response_bytes: int
    tls: bool
    headers: tuple[tuple[str, str], ...]
    body_head: bytes
    response_type: str = ""
    mark: str = ""
    stream: int = 0


@dataclass(frozen=True, slots=True)
class Exchange:
    """One act in a protocol other than HTTP and DNS."""

    kind: ClassVar[str] = "exchange"
    time: float
    client: Address
    server: Address
    protocol: str
    verb: str
    url: str
    request_bytes: int
    tls: bool
    stream: int = 0


@dataclass(frozen=True, slots=True)
class Tls:
    """A handshake."""

    kind: ClassVar[str] = "tls"
    time: float
    client: Address
    server: Address
    sni: str
    alpn: tuple[str, ...]
    version: str
    completed: bool
    detail: str
    chosen: str = ""
    ja4: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Tcp:
    """A connection, written at its end."""

    kind: ClassVar[str] = "tcp"
    time: float
    end: float
    client: Address
    server: Address
    bytes_in: int
    bytes_out: int
    protocol: str
    head: bytes
    stream: int = 0


@dataclass(frozen=True, slots=True)
class Udp:
    """A datagram that is not DNS."""

    kind: ClassVar[str] = "udp"
    time: float
    client: Address
    server: Address
    bytes: int
    protocol: str
    head: _Octets


@dataclass(frozen=True, slots=True)
class Dial:
    """A call to a listening socket of the package."""

    kind: ClassVar[str] = "dial"
    time: float
    address: Address
    source: Address
    connected: bool
    received: int
    detail: str


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that was cut, refused or malformed."""

    kind: ClassVar[str] = "limit"
    time: float
    detail: str
    lost: bool = True


@dataclass(frozen=True, slots=True)
class Capture:
    """What the packet capture holds and lacks."""

    kind: ClassVar[str] = "capture"
    time: float
    packets: int
    dropped: int
    cut: bool


@dataclass(frozen=True, slots=True)
class End:
    """The last line of an orderly end."""

    kind: ClassVar[str] = "end"
    time: float


Record = Begin | Dns | Http | Exchange | Tls | Tcp | Udp | Dial | Limit | Capture | End


def encode(record: Record) -> bytes:
    """The record as one line, newline included."""
    shape = {"kind": record.kind} | {field.name: _plain(getattr(record, field.name)) for field in fields(record)}
    return json.dumps(shape, separators=(",", ":")).encode("ascii") + b"\n"


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, str):
        return value[:TEXT_LIMIT]
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
