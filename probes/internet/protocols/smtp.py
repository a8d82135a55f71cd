"""SMTP with AUTH and STARTTLS (RFC 5321, 4954, 3207): every sender, recipient, login and message is accepted."""

from __future__ import annotations

import asyncio
import binascii
import re
from base64 import b64decode
from typing import TYPE_CHECKING, Final

from internet.protocols.acts import Acts
from internet.protocols.lines import Lines, secured

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from internet.channel import Channel
    from internet.conversation import Conversation, Services

_NAME: Final = "mail.example.net"
_MESSAGE_BYTES: Final = 1 << 20
"""How much of a message is looked into for its parts."""
_ADDRESS: Final = re.compile(rb":\s*<?([^<>\s]*)")


async def serve_smtp(
    channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool
) -> bytes | None:
    """Take mail until the client ends."""
    session = _Session(channel, first, talk, services, tls=tls)
    await session.say(f"220 {_NAME} ESMTP")
    while (line := await session.words.line()) is not None and await session.command(line):
        pass
    return None


class _Session:
    """One client. Each command's method answers it."""

    def __init__(self, channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool) -> None:
        self._talk = talk
        self._services = services
        self._acts = Acts(talk, services, "smtp", tls=tls)
        self.words = Lines(channel, first, self._acts)
        self._commands: dict[bytes, Callable[[bytes], Awaitable[None]]] = {
            b"EHLO": self._hello, b"HELO": self._hello, b"LHLO": self._hello, b"STARTTLS": self._starttls, b"AUTH": self._auth,
            b"MAIL": self._mail, b"RCPT": self._recipient, b"DATA": self._data, b"VRFY": self._verify,
        }  # fmt: skip

    async def say(self, *lines: str) -> None:
        await self.words.channel.write("".join(f"{line}\r\n" for line in lines).encode("ascii"))

    async def command(self, line: bytes) -> bool:
        """Answer one; False after QUIT."""
        verb, _, rest = line.partition(b" ")
        if verb.upper() == b"QUIT":
            await self.say("221 2.0.0 Bye")
            return False
        answer = self._commands.get(verb.upper())
        if answer is not None:
            await answer(rest)
        elif verb.upper() in {b"NOOP", b"RSET", b"HELP"}:
            await self.say("250 2.0.0 Ok")
        else:
            await self.say("500 5.5.2 Error: command not recognized")
        return True

    async def _hello(self, _rest: bytes) -> None:
        self._acts.tell("EHLO")
        features = ["PIPELINING", "SIZE 52428800", "AUTH PLAIN LOGIN", "ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8"]
        if not self._acts.tls:
            features.append("STARTTLS")
        await self.say(f"250-{_NAME}", *(f"250-{feature}" for feature in features), "250 HELP")

    async def _starttls(self, _rest: bytes) -> None:
        if self._acts.tls:
            await self.say("503 5.5.1 Error: TLS already active")
            return
        self._acts.tell("STARTTLS")
        await self.say("220 2.0.0 Ready to start TLS")
        # What was sent ahead of the answer is no part of what follows (RFC 3207, section 6), unless it is the handshake.
        ahead = self.words.rest()
        handshake = ahead if ahead[:1] == b"\x16" else b""
        self.words = await secured(self.words, handshake, self._acts, self._talk, self._services)

    async def _auth(self, rest: bytes) -> None:
        mechanism, _, initial = rest.partition(b" ")
        match mechanism.upper():
            case b"PLAIN":
                parts = _decoded(initial or await self._ask("")).split(b"\0")
                user, password = parts[1] if len(parts) > 1 else b"", parts[-1]
            case b"LOGIN":
                user = _decoded(initial or await self._ask("VXNlcm5hbWU6"))
                password = _decoded(await self._ask("UGFzc3dvcmQ6"))
            case _:
                await self.say("504 5.5.4 Unrecognized authentication type")
                return
        self._acts.payload(user + b"\0" + password)
        self._acts.tell("AUTH", user=user.decode("utf-8", "replace"))
        await self.say("235 2.7.0 Authentication successful")

    async def _ask(self, challenge: str) -> bytes:
        await self.say(f"334 {challenge}")
        return await self.words.line() or b""

    async def _mail(self, rest: bytes) -> None:
        self._acts.tell("MAIL", _address(rest))
        await self.say("250 2.1.0 Ok")

    async def _recipient(self, rest: bytes) -> None:
        self._acts.tell("RCPT", _address(rest))
        await self.say("250 2.1.5 Ok")

    async def _verify(self, rest: bytes) -> None:
        self._acts.tell("VRFY", rest.strip())
        await self.say("252 2.0.0 " + rest.strip()[:200].decode("ascii", "replace").replace("�", "?"))

    async def _data(self, _rest: bytes) -> None:
        """A message up to its line with a single dot, of which the beginning is looked into."""
        await self.say("354 End data with <CR><LF>.<CR><LF>")
        size, message = 0, bytearray()
        while (line := await self.words.line()) is not None and line != b".":
            line = line.removeprefix(b".") + b"\r\n"
            size += len(line)
            if len(message) < _MESSAGE_BYTES:
                message += line
        for part in await asyncio.to_thread(_parts, bytes(message)):
            self._acts.payload(part)
        self._acts.tell("DATA", size=size)
        await self.say("250 2.0.0 Ok: queued as 4bX7Qm2zLpz9r")


def _address(rest: bytes) -> bytes:
    """The address of FROM:<address> or TO:<address>."""
    found = _ADDRESS.search(rest)
    return found[1] if found else b""


def _decoded(text: bytes) -> bytes:
    """What base64 says; b"" where it is none."""
    try:
        return b64decode(text.strip())
    except (binascii.Error, ValueError):
        return b""


def _parts(message: bytes) -> list[bytes]:
    """The parts of a message, decoded where they were encoded for transport."""
    from email.errors import MessageError
    from email.parser import BytesParser

    try:
        parsed = BytesParser().parsebytes(message)
        found = [part.get_payload(decode=True) for part in parsed.walk() if part.get("Content-Transfer-Encoding")]
    except (MessageError, ValueError, LookupError, RecursionError):  # a hostile message may have no shape at all
        return []
    return [part for part in found if isinstance(part, bytes)]
