"""MQTT 3.1, 3.1.1 and 5 as a broker speaks it to one client (OASIS MQTT 3.1.1 and 5.0): every login, topic and message is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from internet.conversation import MalformedError
from internet.protocols.acts import Acts
from internet.protocols.lines import Lines
from internet.protocols.packets import Fields

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation, Services

_PACKET_BYTES: Final = 1 << 20
"""A longer packet ends the connection; the protocol allows 256 MiB."""
_FILTERS: Final = 64
"""Filters of one SUBSCRIBE that are answered."""


async def serve_mqtt(
    channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool
) -> bytes | None:
    """Answer packets until the client ends."""
    session = _Session(channel, Acts(talk, services, "mqtt", tls=tls))
    words = Lines(channel, first, session.acts)
    while True:
        kind = (await words.exactly(1))[0]
        size = await _size(words)
        if size > _PACKET_BYTES:
            session.acts.tell("PUBLISH" if kind >> 4 == 3 else "packet", size=size)
            raise MalformedError(f"a packet of {size} bytes")
        if not await session.packet(kind >> 4, kind & 15, Fields(await words.exactly(size))):
            return None


async def _size(words: Lines) -> int:
    """The remaining length, seven bits a byte (section 2.2.3)."""
    size = 0
    for shift in (0, 7, 14, 21):
        byte = (await words.exactly(1))[0]
        size |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return size
    raise MalformedError("a length of more than four bytes")


class _Session:
    """One client."""

    def __init__(self, channel: Channel, acts: Acts) -> None:
        self._channel = channel
        self.acts = acts
        self._five = False

    async def packet(self, kind: int, flags: int, fields: Fields) -> bool:
        """Answer one; False after DISCONNECT. Raises MalformedError."""
        match kind:
            case 1:
                await self._connect(fields)
            case 3:
                await self._publish(flags, fields)
            case 6:  # PUBREL, the second step of QoS 2
                await self._send(0x70, fields.take(2))
            case 8:
                await self._subscribe(fields)
            case 10:
                number = fields.take(2)
                await self._send(0xB0, number + (b"\0\0" if self._five else b""))
            case 12:
                await self._send(0xD0, b"")
            case 14:
                return False
            case 4 | 5 | 7 | 15:
                pass  # acknowledgements, of which nothing follows
            case _:
                raise MalformedError(f"a packet of type {kind}")
        return True

    async def _send(self, head: int, body: bytes) -> None:
        await self._channel.write(bytes((head, len(body))) + body)

    async def _connect(self, fields: Fields) -> None:
        """Section 3.1: protocol, level, flags, keep-alive, then what the flags announce."""
        fields.text()
        level, flags = fields.number(1), fields.number(1)
        fields.take(2)
        self._five = level >= 5
        if self._five:
            fields.properties()
        client, will, user = fields.text(), b"", b""
        if flags & 0x04:
            if self._five:
                fields.properties()
            will = fields.text()
            fields.text()
        if flags & 0x80:
            user = fields.text()
        if flags & 0x40:
            self.acts.payload(user + b"\0" + fields.text())
        self.acts.tell("CONNECT", user=(user or client).decode("utf-8", "replace"))
        if will:
            self.acts.tell("WILL", will)
        await self._send(0x20, b"\0\0\0" if self._five else b"\0\0")

    async def _publish(self, flags: int, fields: Fields) -> None:
        """Section 3.3; the answer is PUBACK for QoS 1 and PUBREC for QoS 2."""
        topic, quality = fields.text(), flags >> 1 & 3
        number = fields.take(2) if quality else b""
        if self._five:
            fields.properties()
        message = fields.rest()
        self.acts.tell("PUBLISH", topic, len(message))
        if quality:
            await self._send(0x40 if quality == 1 else 0x50, number)

    async def _subscribe(self, fields: Fields) -> None:
        """Section 3.8; each filter is granted what it asks for."""
        number = fields.take(2)
        if self._five:
            fields.properties()
        granted = bytearray()
        while fields and len(granted) < _FILTERS:
            self.acts.tell("SUBSCRIBE", fields.text())
            granted.append(min(fields.number(1) & 3, 2))
        await self._send(0x90, number + (b"\0" if self._five else b"") + bytes(granted))
