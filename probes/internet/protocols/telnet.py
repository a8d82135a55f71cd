"""A telnet login (RFC 854): options are refused, any name and password is taken, and commands are answered by a prompt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from internet.protocols.acts import Acts
from internet.protocols.lines import Lines

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation, Services

_OPTION: Final = re.compile(rb"\xff([\xfb-\xfe])(.)", re.DOTALL)
_COMMANDS: Final = re.compile(rb"\xff(?:[\xfb-\xfe].|\xfa[^\xff]{0,1000}\xff\xf0|[\xf0-\xf9])", re.DOTALL)
_REFUSALS: Final = {0xFB: b"\xfe", 0xFD: b"\xfc"}
"""DONT to WILL, WONT to DO."""
_OPTIONS: Final = 64


async def serve_telnet(
    channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool
) -> bytes | None:
    """Ask for a name and a password, and then keep what is typed."""
    acts = Acts(talk, services, "telnet", tls=tls)
    words = Lines(channel, first, acts)
    await channel.write(_refused(first) + b"login: ")
    user = await _typed(words)
    await channel.write(b"Password: ")
    if await _typed(words) is None or user is None:
        return None
    acts.tell("LOGIN", user=user.decode("utf-8", "replace"))
    await channel.write(b"\r\n$ ")
    while (line := await _typed(words)) is not None:
        if line:
            acts.tell("command", size=len(line))
        if line in {b"exit", b"logout", b"quit"}:
            return None
        await channel.write(b"$ ")
    return None


async def _typed(words: Lines) -> bytes | None:
    line = await words.line()
    return None if line is None else _COMMANDS.sub(b"", line).strip(b"\r\0")


def _refused(said: bytes) -> bytes:
    """Answers to what a client offers or asks for."""
    answers = [
        b"\xff" + _REFUSALS[found[1][0]] + found[2] for found in _OPTION.finditer(said) if found[1][0] in _REFUSALS
    ]
    return b"".join(answers[:_OPTIONS])
