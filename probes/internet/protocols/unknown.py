"""What nobody knows is heard to its end and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from internet.protocols.acts import Acts

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation, Services


async def serve_unknown(
    channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool
) -> bytes | None:
    """Keep what the client sends, and say nothing."""
    if not first:
        return None
    talk.name("unknown", told=False)
    acts = Acts(talk, services, "unknown", tls=tls)
    acts.keep(first)
    while data := await channel.read():
        acts.keep(data, fresh=True)
    return None
