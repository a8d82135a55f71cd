"""DNS over TCP, and over TLS: messages behind their length in two bytes (RFC 1035, section 4.2.2; RFC 7858)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from internet.protocols.acts import Acts
from internet.protocols.lines import Lines

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation, Services


async def serve_dns(
    channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool
) -> bytes | None:
    """Answer questions until the client ends."""
    words = Lines(channel, first, Acts(talk, services, "dns", tls=tls))
    while size := int.from_bytes(await words.exactly(2), "big"):
        reply = services.resolve(await words.exactly(size), "tls" if tls else "tcp", talk.client, talk.server)
        if reply.data:
            await channel.write(len(reply.data).to_bytes(2, "big") + reply.data)
    return None
