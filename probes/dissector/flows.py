# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts packets together to flows: who called whom, and how many payload bytes went each way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dissector.output import Address, Flow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dissector.packets import Packet

FLOWS: Final = 50_000
"""Flows that are kept apart; a capture of 64 MiB with more is a flood."""

_SYN: Final = 0x02
_ACK: Final = 0x10
_SPACE: Final = 1 << 32


@dataclass(slots=True)
class _Stream:
    """One direction: the payload seen, and the sequence number behind it (RFC 9293, section 3.4)."""

    bytes: int = 0
    next: int | None = None

    def take(self, packet: Packet) -> None:
        size = len(packet.payload)
        if packet.transport != "tcp":
            self.bytes += size
            return
        begin = (packet.sequence + bool(packet.flags & _SYN)) % _SPACE
        if self.next is None:
            self.next = begin
        known = (self.next - begin) % _SPACE
        if known >= _SPACE // 2:  # a gap in the capture: what is missing was not seen
            known = 0
        if size > known:
            self.bytes += size - known
            self.next = (begin + size) % _SPACE


@dataclass(slots=True)
class _Open:
    """A flow that may still go on."""

    transport: str
    source: Address
    destination: Address
    first: float
    last: float
    start: int | None
    packets: int = 0
    answered: bool = False
    established: bool = False
    sent: _Stream = field(default_factory=_Stream)
    received: _Stream = field(default_factory=_Stream)

    def take(self, packet: Packet) -> None:
        self.packets += 1
        self.last = max(self.last, packet.time)
        forward = packet.source == self.source and packet.destination == self.destination
        (self.sent if forward else self.received).take(packet)
        if self.transport != "tcp":
            self.established = self.established or not forward
        elif not forward:
            self.answered = self.answered or bool(packet.flags & _ACK and packet.flags & _SYN) or bool(packet.payload)
        elif self.answered and packet.flags & _ACK:
            self.established = True


class FlowTable:
    """All flows of a capture. `overflow` counts packets of flows beyond the limit."""

    def __init__(self, dialled: frozenset[Address], limit: int = FLOWS) -> None:
        self._dialled = dialled
        self._limit = limit
        self._open: dict[tuple[str, Address, Address], _Open] = {}
        self._flows: list[_Open] = []
        self.overflow = 0

    def add(self, packet: Packet) -> bool:
        """Count a packet to its flow, and tell whether it goes the way in which that began.

        That somebody's own datagram was refused makes no flow.
        """
        if packet.refused is not None and self._answers(packet, *packet.refused):
            return False
        first, second = sorted((packet.source, packet.destination))
        key = (packet.transport, first, second)
        flow = self._open.get(key)
        if flow is None or _is_new_call(flow, packet):
            if len(self._flows) >= self._limit:
                self.overflow += 1
                return False
            flow = self._open[key] = _begin(packet)
            self._flows.append(flow)
        flow.take(packet)
        return packet.source == flow.source

    def _answers(self, packet: Packet, transport: str, source: Address, destination: Address) -> bool:
        """Whether a refusal goes to the one who began the flow of what it refuses."""
        first, second = sorted((source, destination))
        flow = self._open.get((transport, first, second))
        return flow is not None and flow.source == source and packet.destination[0] == source[0]

    def flows(self) -> Iterator[Flow]:
        """The flows in the order in which they began."""
        for flow in self._flows:
            yield Flow(
                flow.transport, flow.source, flow.destination, flow.first, flow.last, flow.sent.bytes,
                flow.received.bytes, flow.packets, flow.established,
                flow.transport == "tcp" and flow.source in self._dialled,
            )  # fmt: skip


def _is_call(packet: Packet) -> bool:
    return packet.transport == "tcp" and packet.flags & (_SYN | _ACK) == _SYN


def _is_new_call(flow: _Open, packet: Packet) -> bool:
    """Whether a SYN begins another connection between the same ports; a repeated one has the same number."""
    return _is_call(packet) and flow.start != packet.sequence


def _begin(packet: Packet) -> _Open:
    source, destination = packet.source, packet.destination
    if packet.transport == "tcp" and packet.flags & (_SYN | _ACK) == _SYN | _ACK:
        source, destination = destination, source  # the call itself was not captured
    start = packet.sequence if _is_call(packet) else None
    return _Open(packet.transport, source, destination, packet.time, packet.time, start)
