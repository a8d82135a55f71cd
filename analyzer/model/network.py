"""What went over the simulated wire, as the report tells it: each row with who did it, where in the code, and what was sent."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from analyzer.model.base import CodeLocation, Model, Text
from analyzer.model.event import Attribution, Phase


class NetworkAct(Model):
    """What all rows have: when, by which process and line of code, and what ran then.

    `time` is seconds since the epoch. `pid` is 0 where no call of a process was found behind it. `distribution` is the one whose code
    did it, as far as that is known; `during` says in words what ran.
    """

    phase: Phase
    time: float
    pid: int = 0
    process: Text = ""
    attribution: Attribution = "package"
    distribution: Text = ""
    location: CodeLocation | None = None
    during: Text = ""


class DnsQuery(NetworkAct):
    """A name that was asked for.

    `transport` is tls or https where the question was inside these. `decoded` is this name's part of data that was encoded in names
    (`DnsData`), as text with escapes.
    """

    name: Text
    type: Text
    server: Text
    answers: list[Text]
    transport: Literal["udp", "tcp", "tls", "https"] = "udp"
    decoded: Text = ""


class DnsData(Model):
    """Data that names below one domain carried, put together: the first of it as text with escapes, and its size in bytes."""

    domain: Text
    encoding: Literal["hex", "base32", "base32hex", "base64"]
    format: str = Field(description='what the data is: "text", or a format by its first bytes, such as gzip')
    names: int
    size: int
    data: Text


class TlsFacts(Model):
    """How a connection was encrypted.

    `status` is "seen-through" where the client took the simulated internet's certificate, so that the plain text is known; "pinned"
    where it broke off over it; "failed" where the handshake broke off, or was with a server of the
    package's own. `alpn` is the protocol agreed on. `hidden` is whether the client offers to encrypt its greeting: then `name` may be
    that of a front.
    """

    name: Text
    version: Text = ""
    alpn: Text = ""
    offered: list[Text] = Field(default_factory=list, description="the ALPN protocols that the client offered")
    ja4: Text = ""
    status: Literal["seen-through", "pinned", "failed"]
    hidden: bool = False


class Connection(NetworkAct):
    """One TCP connection or UDP exchange with what was sent to and received from the peer, in payload bytes.

    `names` were asked for before and answered with this address, the last one first. `protocol` is what was spoken, "" where the simulated
    internet did not take part; `head` the first bytes that the package sent, as text with escapes, decrypted where TLS was seen through.
    """

    transport: str
    address: Text
    port: int
    own_port: int = 0
    names: list[Text] = Field(default_factory=list)
    direction: Literal["outgoing", "incoming"]
    established: bool
    protocol: Text = ""
    sent_bytes: int
    received_bytes: int
    head: Text = ""
    tls: TlsFacts | None = None
    duration_seconds: float = 0.0


class HttpExchange(NetworkAct):
    """One HTTP request and the simulated internet's answer; `status` is 0 where there was none.

    `headers` are the request's, "name: value", and `body` its first bytes as text with escapes. `names` are those that led to the
    address, where the URL has only that. `mark` is the text by which a file that was served is known again.
    """

    method: Text
    url: Text
    names: list[Text] = Field(default_factory=list)
    version: Text = ""
    status: int
    request_bytes: int
    response_bytes: int
    response_type: Text = ""
    mark: Text = ""
    tls: bool
    headers: list[Text] = Field(default_factory=list)
    body: Text = ""


class ProtocolExchange(NetworkAct):
    """One act in another protocol: `verb` is the protocol's own word, `url` says on what."""

    protocol: Text
    verb: Text
    url: Text
    names: list[Text] = Field(default_factory=list)
    sent_bytes: int
    tls: bool


class Beacon(NetworkAct):
    """An endpoint that was contacted at regular intervals by one command; `time` is the first contact, `last` the last.

    `jitter` is the mean deviation from the mean interval, as a share of it.
    """

    kind: Literal["http", "exchange", "connection", "datagram", "name"]
    endpoint: Text
    count: int
    interval_seconds: float
    jitter: float
    last: float


class NetworkLeftOut(Model):
    """How many rows of each kind were too many to list."""

    dns: int = 0
    connections: int = 0
    http: int = 0
    exchanges: int = 0


class Network(Model):
    """What went over the simulated wire; `cut` is what the simulated internet cut, refused or found malformed."""

    dns: list[DnsQuery] = Field(default_factory=list)
    dns_data: list[DnsData] = Field(default_factory=list)
    connections: list[Connection] = Field(default_factory=list)
    http: list[HttpExchange] = Field(default_factory=list)
    exchanges: list[ProtocolExchange] = Field(default_factory=list)
    beacons: list[Beacon] = Field(default_factory=list)
    cut: list[Text] = Field(default_factory=list)
    left_out: NetworkLeftOut = Field(default_factory=NetworkLeftOut)
