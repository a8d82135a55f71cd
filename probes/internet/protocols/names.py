"""DNS over TCP, and over TLS: messages behind their length in two bytes (RFC 1035, section 4.2.2; RFC 7858)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from internet.protocols.acts import Acts
from internet.protocols.lines import Lines
from internet.wire import Dns

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation, Services


async def serve_dns(
    channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool
) -> bytes | None:
    """Answer questions until the client ends."""
    words = Lines(channel, first, Acts(talk, services, "dns", tls=tls))
    while size := int.from_bytes(await words.exactly(2), "big"):
        reply = services.resolver.reply(await words.exactly(size))
        if reply.malformed:
            services.recorder.note(f"malformed: {reply.malformed}")
        for asked in reply.questions:
            transport = "tls" if tls else "tcp"
            services.recorder.write(
                Dns(time.time(), transport, talk.client, talk.server, asked.name, asked.type, asked.answers)
            )
        if reply.data:
            await channel.write(len(reply.data).to_bytes(2, "big") + reply.data)
    return None
