# SPDX-License-Identifier: GPL-2.0-or-later
"""Dissects a capture from its first packet to its last, in one pass and with bounded memory."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, TextIO

from dissector.flows import FlowTable
from dissector.greetings import http_request, tls_greeting
from dissector.names import PORT, Questions
from dissector.output import PAYLOAD_BYTES, PAYLOADS, Address, End, Http, Limit, Payload, Tls, write
from dissector.packets import MALFORMED, Packet, read

if TYPE_CHECKING:
    from pathlib import Path


class Dissection:
    """The state of one pass; what is found is written at once, flows at the end."""

    def __init__(self, out: TextIO, dialled: frozenset[Address]) -> None:
        self._out = out
        self._flows = FlowTable(dialled)
        self._questions = Questions()
        self.packets = 0
        self.payloads = 0
        self.undissected = 0

    def take(self, packet: Packet | None) -> None:
        """Look at one packet; None is one that could not be read."""
        self.packets += 1
        if packet is None:
            self.undissected += 1
            return
        begun_so = self._flows.add(packet)
        if not packet.payload:
            return
        if packet.transport not in {"tcp", "udp"}:
            if begun_so and packet.refused is None:
                self._payload(packet)
        elif PORT in (packet.source[1], packet.destination[1]):
            self._dns(packet)
        elif packet.transport == "tcp":
            self._greeting(packet)

    def _payload(self, packet: Packet) -> None:
        self.payloads += 1
        if self.payloads > PAYLOADS:
            if self.payloads == PAYLOADS + 1:
                write(self._out, Limit(f"only the first {PAYLOADS} payloads of other protocols were kept"))
            return
        data = packet.payload
        head = b64encode(data[:PAYLOAD_BYTES]).decode("ascii")
        write(self._out, Payload(packet.time, packet.transport, packet.source, packet.destination, len(data), head))

    def _dns(self, packet: Packet) -> None:
        try:
            for question in self._questions.add(packet):
                write(self._out, question)
        except MALFORMED:
            self.undissected += 1

    def _greeting(self, packet: Packet) -> None:
        request = http_request(packet.payload)
        if request is not None:
            begin, end = packet.source, packet.destination
            write(self._out, Http(packet.time, begin, end, request.method, request.target, request.host))
            return
        greeting = tls_greeting(packet.payload)
        if greeting is not None:
            line = Tls(packet.time, packet.source, packet.destination, greeting.sni, greeting.alpn, greeting.ja4)
            write(self._out, line)

    def finish(self) -> None:
        """Write what had to wait for the last packet."""
        for question in self._questions.rest():
            write(self._out, question)
        for flow in self._flows.flows():
            write(self._out, flow)
        if self._flows.overflow:
            write(
                self._out, Limit(f"{self._flows.overflow} packets belong to flows beyond the number that is kept apart")
            )
        write(self._out, End(self.packets, self.undissected))


def dissect(capture: Path, out: TextIO, dialled: frozenset[Address], max_packets: int) -> None:
    """Dissect a capture file, of which the first line is written already. Raises CaptureError and OSError."""
    dissection = Dissection(out, dialled)
    for packet in read(capture, max_packets + 1):
        if dissection.packets == max_packets:
            write(out, Limit(f"only the first {max_packets} packets were dissected"))
            break
        dissection.take(packet)
    dissection.finish()
