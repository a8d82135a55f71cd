# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads packets with scapy and reduces each to what the rest of the program looks at.

The only module, beside `dissector.names`, that imports scapy, which takes a quarter of a second.
"""

from __future__ import annotations

import logging
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scapy.config import conf
from scapy.error import Scapy_Exception
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import (
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
)
from scapy.layers.l2 import Ether
from scapy.packet import Packet as ScapyPacket
from scapy.packet import Padding, Raw
from scapy.utils import PcapReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dissector.output import Address

_EXTENSIONS: Final = (IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting)
_ICMPV6: Final = 58
_UNREACHABLE: Final = 3
"""Of ICMP (RFC 792); the kernel's answer to what was refused."""
_UNREACHABLE6: Final = b"\x01"
"""Of ICMPv6 (RFC 4443, section 3.1)."""
_DISSECTED: Final = frozenset({1, 6, 17})  # ICMP, TCP, UDP

MALFORMED: Final = (
    Scapy_Exception, struct.error, ValueError, TypeError, IndexError, KeyError, AttributeError, OverflowError,
    RecursionError,
)  # fmt: skip
"""What scapy raises for packets that are not what they claim to be; it has no error of its own for that."""

logging.getLogger("scapy").setLevel(logging.CRITICAL)  # what is wrong with a packet is counted, not told

# What is inside TCP and UDP is read by this program's own small parsers, or by scapy where it is DNS.
conf.layers.filter([Ether, IP, IPv6, *_EXTENSIONS, TCP, UDP, ICMP])


class CaptureError(Exception):
    """The file is no packet capture."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet: `transport` is tcp, udp, icmp or other; `flags` and `sequence` are TCP's, else 0.

    Of a message that says that a datagram could not be delivered, `refused` is that datagram's transport, source and destination.
    """

    time: float
    transport: str
    source: Address
    destination: Address
    payload: bytes
    flags: int = 0
    sequence: int = 0
    refused: tuple[str, Address, Address] | None = None


def read(path: Path, limit: int) -> Iterator[Packet | None]:
    """The packets of a capture file, at most `limit`; None for one that cannot be dissected. Raises CaptureError."""
    try:
        with path.open("rb") as file:
            opened: Any = file  # scapy declares a name only, and leaves a file open that it finds to be no capture
            reader = PcapReader(opened)
            for number, packet in enumerate(reader):
                if number == limit:
                    return
                yield reduce(packet)
    except (*MALFORMED, EOFError) as error:
        raise CaptureError(f"{path} is no packet capture that can be read: {error}") from error


def reduce(packet: ScapyPacket) -> Packet | None:
    """What matters of a dissected packet, None when it has no readable IP header or a broken one inside."""
    try:
        network = packet.payload if isinstance(packet, Ether) else packet
        if not isinstance(network, IP | IPv6):
            return None
        return _reduce(float(packet.time), network)
    except MALFORMED:
        return None


def _reduce(time: float, network: ScapyPacket) -> Packet | None:
    inner = network.payload
    protocol = network.nh if isinstance(network, IPv6) else network.proto
    while isinstance(inner, _EXTENSIONS):
        protocol, inner = inner.nh, inner.payload
    source, destination = str(network.src), str(network.dst)
    if isinstance(inner, TCP):
        begin, end = (source, int(inner.sport)), (destination, int(inner.dport))
        return Packet(time, "tcp", begin, end, _payload(inner), int(inner.flags), int(inner.seq))
    if isinstance(inner, UDP):
        return Packet(time, "udp", (source, int(inner.sport)), (destination, int(inner.dport)), _payload(inner))
    if isinstance(network, IP) and isinstance(inner, ICMP):
        payload = _payload(inner)
        refused = _datagram(payload) if inner.type == _UNREACHABLE else None
        return Packet(time, "icmp", (source, 0), (destination, 0), payload, refused=refused)
    content = _content(inner)
    if protocol == _ICMPV6 and isinstance(network, IPv6):
        refused = _datagram(content[8:]) if content[:1] == _UNREACHABLE6 else None
        return Packet(time, "icmp", (source, 0), (destination, 0), content[8:], refused=refused)
    if protocol in _DISSECTED:
        return None  # it claims to be one of these, and scapy found none
    return Packet(time, "other", (source, 0), (destination, 0), content)


def _datagram(data: bytes) -> tuple[str, Address, Address] | None:
    """Transport, source and destination of a datagram that begins with its IP header, None where it is cut or another protocol's."""
    version = data[0] >> 4 if data else 0
    begin = 40 if version == 6 else (data[0] & 15) * 4 if version == 4 else 0
    ports = data[begin : begin + 4]
    if begin < 20 or len(ports) < 4:
        return None
    number, addresses = (data[6], data[8:40]) if version == 6 else (data[9], data[12:20])
    transport = {socket.IPPROTO_TCP: "tcp", socket.IPPROTO_UDP: "udp"}.get(number)
    if transport is None:
        return None
    family = socket.AF_INET6 if version == 6 else socket.AF_INET
    half = len(addresses) // 2
    source, destination = (socket.inet_ntop(family, part) for part in (addresses[:half], addresses[half:]))
    return transport, (source, int.from_bytes(ports[:2], "big")), (destination, int.from_bytes(ports[2:], "big"))


def _payload(layer: ScapyPacket) -> bytes:
    return _content(layer.payload)


def _content(layer: ScapyPacket) -> bytes:
    """A layer's bytes as they came, without what pads the frame behind it."""
    if isinstance(layer, Padding):
        return b""
    return bytes(layer.load) if isinstance(layer, Raw) else bytes(layer.original)
