"""The lines of the simulated internet's record, as models.

Formats: `probes/internet/wire.py` for the exchanges, `probes/dissector/output.py` for the packets.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

Endpoint = tuple[str, int]


def _octets(text: object) -> bytes:
    if not isinstance(text, str):
        raise ValueError("not the text of base64")  # noqa: TRY004 what pydantic takes for a failed check
    return b64decode(text, validate=True)


Octets = Annotated[bytes, BeforeValidator(_octets)]
"""Bytes that came as base64."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Flow(_Line):
    """A connection or exchange in the capture."""

    kind: Literal["flow"]
    transport: Literal["tcp", "udp", "icmp", "other"]
    source: Endpoint
    destination: Endpoint
    first: float
    last: float
    sent: int
    received: int
    packets: int
    established: bool
    dialled: bool


class DnsQuestion(_Line):
    """A question in the capture."""

    kind: Literal["dns"]
    time: float
    source: Endpoint
    destination: Endpoint
    name: str
    type: str
    answers: tuple[str, ...] = ()


class PlainHttp(_Line):
    """An HTTP request line in the capture."""

    kind: Literal["http"]
    time: float
    source: Endpoint
    destination: Endpoint
    method: str
    target: str
    host: str


class Hello(_Line):
    """A TLS ClientHello in the capture."""

    kind: Literal["tls"]
    time: float
    source: Endpoint
    destination: Endpoint
    sni: str
    alpn: tuple[str, ...] = ()
    ja4: str = ""


class PacketsEnd(_Line):
    """The dissector's last line."""

    kind: Literal["end"]
    packets: int
    undissected: int


class PacketsLimit(_Line):
    """Packets that the dissector did not look at."""

    kind: Literal["limit"]
    detail: str


class DnsServed(_Line):
    """A question that the simulated internet answered; those of port 53 are in the capture too."""

    kind: Literal["dns"]
    time: float
    transport: Literal["udp", "tcp", "tls", "https"]
    client: Endpoint
    server: Endpoint
    name: str
    type: str
    answers: tuple[str, ...] = ()


class HttpServed(_Line):
    """An exchange that the simulated internet answered."""

    kind: Literal["http"]
    time: float
    client: Endpoint
    server: Endpoint
    method: str
    url: str
    host: str
    path: str
    status: int
    request_bytes: int
    response_bytes: int
    tls: bool
    headers: tuple[tuple[str, str], ...] = ()
    body_head: Octets = b""
    version: str = ""
    response_type: str = ""
    mark: str = ""
    stream: int = 0


class ExchangeServed(_Line):
    """An act in another protocol that the simulated internet answered."""

    kind: Literal["exchange"]
    time: float
    client: Endpoint
    server: Endpoint
    protocol: str
    verb: str
    url: str
    request_bytes: int
    tls: bool
    stream: int = 0


class TcpServed(_Line):
    """A connection that the simulated internet took, at its end."""

    kind: Literal["tcp"]
    time: float
    client: Endpoint
    server: Endpoint
    bytes_in: int
    protocol: str
    head: Octets
    stream: int = 0


class UdpServed(_Line):
    """A datagram that the simulated internet took and that is no question of port 53."""

    kind: Literal["udp"]
    time: float
    client: Endpoint
    server: Endpoint
    bytes: int
    head: Octets


class TlsServed(_Line):
    """A handshake that the simulated internet took part in."""

    kind: Literal["tls"]
    time: float
    client: Endpoint
    server: Endpoint
    sni: str
    alpn: tuple[str, ...] = ()
    completed: bool
    version: str = ""
    detail: str = ""
    chosen: str = ""
    ja4: str = ""
    hidden: bool = False


class Limit(_Line):
    """Something that the simulated internet cut or refused; not `lost` where all that was sent is told nevertheless."""

    kind: Literal["limit"]
    time: float
    detail: str
    lost: bool = True


class CaptureEnd(_Line):
    """What the capture counted."""

    kind: Literal["capture"]
    time: float
    packets: int
    dropped: int
    cut: bool


class ServiceEnd(_Line):
    """The simulated internet's last line."""

    kind: Literal["end"]


class _Other(_Line):
    """A line of a kind that says nothing more than others do."""

    kind: Literal["begin", "dial", "payload"]


PACKET = TypeAdapter[Any](
    Annotated[Flow | DnsQuestion | PlainHttp | Hello | PacketsLimit | PacketsEnd, Field(discriminator="kind")]
)
"""A line of the packets."""

EXCHANGE = TypeAdapter[Any](
    Annotated[
        HttpServed
        | ExchangeServed
        | DnsServed
        | TlsServed
        | TcpServed
        | UdpServed
        | Limit
        | CaptureEnd
        | ServiceEnd
        | _Other,
        Field(discriminator="kind"),
    ]
)
"""A line of the exchanges."""

OTHER = TypeAdapter[Any](_Other)
"""A line that is of the format, but of no further use."""
