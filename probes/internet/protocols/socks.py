"""SOCKS 4, 4a and 5 (RFC 1928, 1929): every tunnel is made, and what is inside is another conversation."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from internet.addresses import shown
from internet.conversation import MalformedError
from internet.protocols.acts import Acts
from internet.protocols.lines import Lines

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation, Services

_COMMANDS: Final = {1: "CONNECT", 2: "BIND", 3: "UDP ASSOCIATE"}
_NAME_BYTES: Final = 256


async def serve_socks(
    channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool
) -> bytes | None:
    """Make the tunnel that a client asks for; what comes inside it is returned."""
    acts = Acts(talk, services, "socks", tls=tls)
    words = Lines(channel, first, acts)
    version = (await words.exactly(1))[0]
    made = await (_version5(words) if version == 5 else _version4(words))
    user, command, host, port = made
    acts.tell(_COMMANDS.get(command, "CONNECT"), f"{shown(host)}:{port}", user=user)
    if command != 1:
        await channel.write(b"\x05\x07\x00\x01" + bytes(6) if version == 5 else b"\x00\x5b" + bytes(6))
        return None
    await channel.write(b"\x05\x00\x00\x01" + bytes(6) if version == 5 else b"\x00\x5a" + bytes(6))
    talk.host, talk.port = host, port
    return words.rest()


async def _version4(words: Lines) -> tuple[str, int, str, int]:
    """Command, port, address and user; an address of 0.0.0.x says that a name follows (4a)."""
    head = await words.exactly(7)
    user, address = await _text(words), head[3:7]
    named = address[:3] == bytes(3) and address[3]
    host = await _text(words) if named else str(ipaddress.IPv4Address(address))
    return user, head[0], host, int.from_bytes(head[1:3], "big")


async def _text(words: Lines) -> str:
    """Characters up to a zero byte."""
    text = bytearray()
    while (found := await words.exactly(1)) != b"\0":
        text += found
        if len(text) > _NAME_BYTES:
            raise MalformedError("a name without end")
    return text.decode("utf-8", "replace")


async def _version5(words: Lines) -> tuple[str, int, str, int]:
    """Methods, of which name and password is chosen where it is the only one that can be, and the request."""
    methods = await words.exactly((await words.exactly(1))[0])
    user = ""
    if 0 in methods:
        await words.channel.write(b"\x05\x00")
    elif 2 in methods:
        await words.channel.write(b"\x05\x02")
        user = (await words.exactly((await words.exactly(2))[1])).decode("utf-8", "replace")
        await words.exactly((await words.exactly(1))[0])
        await words.channel.write(b"\x01\x00")
    else:
        await words.channel.write(b"\x05\xff")
        raise MalformedError("no method of SOCKS5 that can be accepted")
    head = await words.exactly(4)
    if head[3] == 1:
        host = str(ipaddress.IPv4Address(await words.exactly(4)))
    elif head[3] == 4:
        host = str(ipaddress.IPv6Address(await words.exactly(16)))
    elif head[3] == 3:
        host = (await words.exactly((await words.exactly(1))[0])).decode("utf-8", "replace")
    else:
        raise MalformedError("an address of an unknown kind")
    return user, head[1], host, int.from_bytes(await words.exactly(2), "big")
