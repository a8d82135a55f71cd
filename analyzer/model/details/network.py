"""What went over the simulated wire, as packets and the simulated internet tell it.

`address` and `port` are the peer's, `own_port` the port of the package's side: by both, what belongs to one connection is found together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class NetworkFlow:
    """One TCP connection or one UDP exchange as packets show it; `sent` and `received` are payload bytes.

    `established` is whether the TCP handshake was finished; `incoming` whether the package was the side that was
    called; `duration` the seconds from its first to its last packet.
    """

    kind: ClassVar[str] = "network.flow"
    transport: Literal["tcp", "udp", "icmp", "other"]
    address: str
    port: int
    sent: int
    received: int
    established: bool
    incoming: bool
    own_port: int
    duration: float


@dataclass(frozen=True, slots=True)
class NetworkDns:
    """A DNS question, with the server that was asked and the answers that the simulated internet gave.

    `transport` is udp or tcp, or tls or https where the question was inside these.
    """

    kind: ClassVar[str] = "network.dns"
    name: str
    type: str
    server: str
    port: int
    answers: tuple[str, ...]
    transport: Literal["udp", "tcp", "tls", "https"]


@dataclass(frozen=True, slots=True)
class NetworkHttp:
    """An HTTP exchange, plain or inside TLS.

    `headers` are the request's, "name: value" with the name in lower case; `body` is the first bytes of the request's
    body as text with escapes. Both are empty where only packets tell of the request. `version` is HTTP's; `response_type` the media
    type of the answer, and `mark` the text by which a file that was served is known again, "" where there is none.
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
    version: str
    response_type: str
    mark: str
    own_port: int


@dataclass(frozen=True, slots=True)
class NetworkTls:
    """A TLS ClientHello.

    `trusted` is whether the client accepted the simulated internet's certificate, `pinned` whether it refused it, as one does that trusts
    only certain certificates; neither where it broke off, or spoke with another server. `version` and `chosen` are the version and the
    ALPN protocol that were agreed on, `ja4` the fingerprint of the client. `hidden` is whether it offers to encrypt its greeting, so that
    `name` may be that of a front.
    """

    kind: ClassVar[str] = "network.tls"
    name: str
    address: str
    port: int
    alpn: tuple[str, ...]
    trusted: bool
    pinned: bool
    version: str
    chosen: str
    ja4: str
    hidden: bool
    own_port: int


@dataclass(frozen=True, slots=True)
class NetworkStream:
    """What one connection or datagram carried, as the simulated internet met it.

    `protocol` is named by the first bytes of the package: http, tls, dns, ssh, smtp, ftp, irc, redis, mqtt, amqp,
    stratum, socks, tor, ntp, stun, bittorrent, ldap, telnet, postgres, mysql, smb, unknown, or silent where it waited
    for the server to speak. `sent` is in bytes; `head` is the first of them as text with escapes, decrypted where `tls`. `acts` counts
    the `network.exchange` events of the connection.
    """

    kind: ClassVar[str] = "network.stream"
    transport: Literal["tcp", "udp"]
    address: str
    port: int
    protocol: str
    sent: int
    head: str
    tls: bool
    acts: int
    own_port: int


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
    own_port: int


@dataclass(frozen=True, slots=True)
class NetworkSecret:
    """The value of a planted secret was in what was sent.

    `secret` names it, `path` is the file that holds it, or the environment variable as "$NAME"; `encodings` is how it was written,
    outermost first, empty for plain text; `part` is where it stood (body, header, path, query, name, stream, payload); `share` how
    many percent of the value were found; `url` is where it went. `variable` is the variable's name without its sign, "" for a file; `how`
    tells part, encodings and share in words, such as "body as base64 of gzip". For facts of the sandbox's machine, which are no secrets
    and count where several are in one message, `secret` names them and `path` is empty.
    """

    kind: ClassVar[str] = "network.secret"
    secret: str
    path: str
    variable: str
    encodings: tuple[str, ...]
    part: str
    share: int
    how: str
    url: str
    transport: Literal["tcp", "udp", "icmp", "other"]
    address: str
    port: int
