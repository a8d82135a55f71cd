# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads DNS messages with scapy, and brings questions and answers together."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from scapy.layers.dns import DNS, DNSQR, DNSRR, DNSRRMX, dnsqtypes

from dissector.output import Address, Dns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dissector.packets import Packet

PORT: Final = 53
MESSAGE_LIMIT: Final = 4096
"""Longer messages are not dissected: no resolver of a sandbox asks in more."""
PENDING: Final = 4096
RECORDS: Final = 64

_Key = tuple[Address, Address, int, str, str]


class Questions:
    """Questions that wait for their answers, at most `PENDING`; the oldest is given up first."""

    def __init__(self) -> None:
        self._pending: OrderedDict[_Key, Dns] = OrderedDict()

    def add(self, packet: Packet) -> Iterator[Dns]:
        """Take a packet to or from port 53; yields questions that need wait no more. Raises `packets.MALFORMED`."""
        data = packet.payload[2:] if packet.transport == "tcp" else packet.payload
        if not data:
            return
        if len(data) > MESSAGE_LIMIT:
            raise ValueError("a DNS message is too long")
        message = DNS(data)
        asked = [item for item in list(message.qd or [])[:RECORDS] if isinstance(item, DNSQR)]
        if int(message.qr):
            yield from self._answered(packet, message, asked)
            return
        for item in asked:
            name, kind = _name(item.qname), _type(int(item.qtype))
            key = (packet.source, packet.destination, int(message.id), name.lower(), kind)
            # A repeated question is one question.
            self._pending.setdefault(key, Dns(packet.time, packet.source, packet.destination, name, kind, ()))
            if len(self._pending) > PENDING:
                yield self._pending.popitem(last=False)[1]

    def _answered(self, packet: Packet, message: DNS, asked: list[DNSQR]) -> Iterator[Dns]:
        answers = tuple(_answer(record) for record in list(message.an or [])[:RECORDS])
        for item in asked:
            name, kind = _name(item.qname), _type(int(item.qtype))
            question = self._pending.pop((packet.destination, packet.source, int(message.id), name.lower(), kind), None)
            if question is not None:
                yield Dns(question.time, question.source, question.destination, question.name, kind, answers)

    def rest(self) -> Iterator[Dns]:
        """The questions that no answer came to."""
        yield from self._pending.values()


def _name(name: bytes | str) -> str:
    text = name.decode("ascii", "backslashreplace") if isinstance(name, bytes) else str(name)
    return text.removesuffix(".")


def _type(number: int) -> str:
    return str(dnsqtypes.get(number, f"TYPE{number}"))


def _answer(record: object) -> str:
    if isinstance(record, DNSRRMX):
        return f"{int(record.preference)} {_name(record.exchange)}"
    if isinstance(record, DNSRR):
        data = record.rdata
        if isinstance(data, list):  # TXT
            return " ".join(_name(part) for part in data)
        return _name(data)
    return type(record).__name__
