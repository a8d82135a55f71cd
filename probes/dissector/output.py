# SPDX-License-Identifier: GPL-2.0-or-later
"""The format of the output, version 1: JSON lines, ASCII only.

Times are seconds since the epoch, an address is `[ip, port]` (port 0 where there is none), texts are hostile and cut at
2,048 characters. `kind` names the shape:

    begin  first line: {format}
    flow   {transport: tcp|udp|icmp|other, source, destination, first, last, sent, received, packets, established,
            dialled}
           `source` sent the SYN, or the first packet; `sent` and `received` are payload bytes from and to it, each byte
           of a TCP stream once; `established` is whether the TCP handshake was finished, else whether an answer came;
           `dialled` whether the source is that of a `dial` line of the simulated internet's log
    dns    {time, source, destination, name, type, answers: [str]}    one per question; with the answers if they came
    http   {time, source, destination, method, target, host}          a request line at the start of a segment
    tls    {time, source, destination, sni, alpn: [str], ja4}         a ClientHello at the start of a segment; `ja4` is ""
                                                                      where that does not hold all of it
    payload {time, transport: icmp|other, source, destination, size, head}    what a packet of neither TCP nor UDP carried, where
             its source began the flow; `head` is base64 of the first 1,536 bytes
    limit  {detail}                                                   something was not looked at: there is too much
    end    last line: {packets, undissected}
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import ClassVar, Final, TextIO

FORMAT: Final = 1
TEXT_LIMIT: Final = 2048
PAYLOAD_BYTES: Final = 1536
"""Of a payload, of which the base64 is then as long as a text may be."""

PAYLOADS: Final = 5000
"""Payloads that are written."""

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Begin:
    """The first line."""

    kind: ClassVar[str] = "begin"
    format: int


@dataclass(frozen=True, slots=True)
class Flow:
    """A TCP connection, or what two endpoints exchanged by another protocol."""

    kind: ClassVar[str] = "flow"
    transport: str
    source: Address
    destination: Address
    first: float
    last: float
    sent: int
    received: int
    packets: int
    established: bool
    dialled: bool


@dataclass(frozen=True, slots=True)
class Dns:
    """A question and, where one was seen, the answers to it."""

    kind: ClassVar[str] = "dns"
    time: float
    source: Address
    destination: Address
    name: str
    type: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Http:
    """A plain-text request."""

    kind: ClassVar[str] = "http"
    time: float
    source: Address
    destination: Address
    method: str
    target: str
    host: str


@dataclass(frozen=True, slots=True)
class Tls:
    """A client's greeting."""

    kind: ClassVar[str] = "tls"
    time: float
    source: Address
    destination: Address
    sni: str
    alpn: tuple[str, ...]
    ja4: str = ""


@dataclass(frozen=True, slots=True)
class Payload:
    """What a packet carried that belongs to no service of the simulated internet."""

    kind: ClassVar[str] = "payload"
    time: float
    transport: str
    source: Address
    destination: Address
    size: int
    head: str


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that was not looked at."""

    kind: ClassVar[str] = "limit"
    detail: str


@dataclass(frozen=True, slots=True)
class End:
    """The last line."""

    kind: ClassVar[str] = "end"
    packets: int
    undissected: int


Line = Begin | Flow | Dns | Http | Tls | Payload | Limit | End


def write(out: TextIO, line: Line) -> None:
    """Write one line."""
    shape = {"kind": line.kind} | {field.name: _plain(getattr(line, field.name)) for field in fields(line)}
    out.write(json.dumps(shape, separators=(",", ":")) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, str):
        return value[:TEXT_LIMIT]
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
