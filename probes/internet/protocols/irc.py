"""IRC as a server speaks it to one client (RFC 2812): registration, channels with that client alone, messages to anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from internet.protocols.acts import Acts
from internet.protocols.lines import Lines

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation, Services

_SERVER: Final = "irc.example.net"
_CHANNELS: Final = 20
"""Channels of one JOIN that are answered."""
_TOLD: Final = frozenset({"PRIVMSG", "NOTICE", "OPER", "TOPIC", "PART", "INVITE", "KICK", "DCC"})


async def serve_irc(
    channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool
) -> bytes | None:
    """Answer until the client ends."""
    session = _Session(channel, Acts(talk, services, "irc", tls=tls))
    words = Lines(channel, first, session.acts)
    while (line := await words.line()) is not None:
        verb, arguments = parse(line)
        if verb == "QUIT":
            await session.send("ERROR :Closing Link")
            return None
        await session.command(verb, arguments)
    return None


def parse(line: bytes) -> tuple[str, list[str]]:
    """A message's command and parameters (RFC 2812, section 2.3.1), without the tags and prefix before them."""
    text = line.decode("utf-8", "replace").strip()
    while text[:1] in {"@", ":"}:
        text = text.partition(" ")[2].lstrip()
    head, _, trailing = text.partition(" :")
    words = head.split()
    return (words[0].upper() if words else ""), [*words[1:16], *([trailing] if " :" in text else [])]


class _Session:
    """One client and what it has said of itself."""

    def __init__(self, channel: Channel, acts: Acts) -> None:
        self._channel = channel
        self.acts = acts
        self._nick = ""
        self._user = ""
        self._negotiating = False
        self._welcomed = False

    async def send(self, *lines: str) -> None:
        await self._channel.write("".join(f"{line[:500]}\r\n" for line in lines).encode("utf-8", "replace"))

    async def command(self, verb: str, arguments: list[str]) -> None:
        target = arguments[0] if arguments else ""
        match verb:
            case "NICK" | "USER" | "CAP":
                await self._register(verb, target, arguments)
            case "PING":
                await self.send(f":{_SERVER} PONG {_SERVER} :{target}")
            case "JOIN":
                await self._join(target)
            case "MODE" | "WHO" | "NAMES" | "LIST" | "WHOIS":
                end = {"MODE": "324", "WHO": "315", "NAMES": "366", "LIST": "323", "WHOIS": "318"}[verb]
                await self._number(end, f"{target or '*'} :End")
            case "AUTHENTICATE":
                self.acts.tell("AUTHENTICATE", size=len(target))
                await self.send("AUTHENTICATE +") if target == "PLAIN" else await self._number("903", ":SASL ok")
            case _ if verb in _TOLD:
                self.acts.tell(verb, target, len(arguments[-1].encode()) if arguments else 0)

    async def _register(self, verb: str, target: str, arguments: list[str]) -> None:
        """Names and capabilities in any order; the welcome comes once both names are there."""
        if verb == "NICK":
            self._nick = target
        elif verb == "USER":
            self._user = target
        elif target.upper() == "END":
            self._negotiating = False
        else:
            self._negotiating = True
            listed = " ".join(arguments[1:])[:300] if target.upper() == "REQ" else "sasl"
            await self.send(f":{_SERVER} CAP * {'ACK' if target.upper() == 'REQ' else 'LS'} :{listed}")
        if self._nick and self._user and not self._negotiating and not self._welcomed:
            self._welcomed = True
            self.acts.tell("NICK", user=self._nick)
            for number, text in (
                ("001", f":Welcome to the network {self._nick}"), ("002", f":Your host is {_SERVER}"),
                ("003", ":This server was created Mon Jan 6 2025"), ("004", f"{_SERVER} ircd-2.11 aoirw biklmnopstv"),
                ("005", "CHANTYPES=# PREFIX=(ov)@+ :are supported by this server"), ("422", ":MOTD File is missing"),
            ):  # fmt: skip
                await self._number(number, text)

    async def _join(self, channels: str) -> None:
        for name in channels.split(",")[:_CHANNELS]:
            self.acts.tell("JOIN", name)
            await self.send(f":{self._nick}!{self._user}@host.example.net JOIN {name}")
            await self._number("353", f"= {name} :{self._nick} @admin")
            await self._number("366", f"{name} :End of /NAMES list.")

    async def _number(self, number: str, text: str) -> None:
        await self.send(f":{_SERVER} {number} {self._nick or '*'} {text}")
