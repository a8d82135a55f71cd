"""What went over the simulated wire, as packets and the simulated internet tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class NetworkFlow:
    """One TCP connection or one UDP exchange as packets show it; `sent` and `received` are payload bytes.

    `established` is whether the TCP handshake was finished; `incoming` whether the package was the side that was
    called.
    """

    kind: ClassVar[str] = "network.flow"
    transport: Literal["tcp", "udp", "icmp", "other"]
    address: str
    port: int
    sent: int
    received: int
    established: bool
    incoming: bool


@dataclass(frozen=True, slots=True)
class NetworkDns:
    """A DNS question on the wire, with the server that was asked and the answers that the simulated internet gave."""

    kind: ClassVar[str] = "network.dns"
    name: str
    type: str
    server: str
    port: int
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NetworkHttp:
    """An HTTP exchange, plain or inside TLS.

    `headers` are the request's, "name: value" with the name in lower case; `body` is the first bytes of the request's
    body as text with escapes. Both are empty where only packets tell of the request.
    """

    kind: ClassVar[str] = "network.http"
    method: str
    url: str
    host: str
    address: str
    port: int
    path: str
    status: int
    request_bytes: int
    response_bytes: int
    tls: bool
    standard_port: bool
    headers: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True)
class NetworkTls:
    """A TLS ClientHello. `trusted` is whether the client accepted the simulated internet's certificate."""

    kind: ClassVar[str] = "network.tls"
    name: str
    address: str
    port: int
    alpn: tuple[str, ...]
    trusted: bool


@dataclass(frozen=True, slots=True)
class NetworkStream:
    """What one connection or datagram carried, as the simulated internet met it.

    `protocol` is named by the first bytes of the package: http, tls, dns, ssh, smtp, ftp, irc, redis, mqtt, amqp,
    stratum, socks, tor, ntp, stun, bittorrent, ldap, telnet, postgres, mysql, smb, unknown, or silent where it waited
    for the server to speak. `sent` is in bytes; `head` is the first of them as text with escapes, decrypted where `tls`.
    """

    kind: ClassVar[str] = "network.stream"
    transport: Literal["tcp", "udp"]
    address: str
    port: int
    protocol: str
    sent: int
    head: str
    tls: bool


@dataclass(frozen=True, slots=True)
class NetworkExchange:
    """One act in a protocol other than HTTP and DNS that the simulated internet understood and answered.

    `verb` is the protocol's own word (MAIL, STOR, PUBLISH, SET, JOIN, mining.submit, CONNECT, message), `url` says on what, such as
    mqtt://192.0.2.7:1883/sensors/1; `sent` is in bytes.
    """

    kind: ClassVar[str] = "network.exchange"
    protocol: str
    verb: str
    url: str
    address: str
    port: int
    sent: int
    tls: bool


@dataclass(frozen=True, slots=True)
class NetworkSecret:
    """The value of a planted secret was in what was sent.

    `secret` names it, `path` is the file that holds it, or the environment variable as "$NAME"; `encodings` is how it was written,
    outermost first, empty for plain text; `part` is where it stood (body, header, path, query, name, stream, payload); `share` how
    many percent of the value were found; `url` is where it went.
    """

    kind: ClassVar[str] = "network.secret"
    secret: str
    path: str
    encodings: tuple[str, ...]
    part: str
    share: int
    url: str
    transport: Literal["tcp", "udp", "icmp", "other"]
    address: str
    port: int
