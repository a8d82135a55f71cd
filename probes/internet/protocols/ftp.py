"""FTP with passive data connections and TLS (RFC 959, 2428, 4217): any login is taken, any file is there, uploads are kept.

Active mode (PORT, EPRT) is refused, as servers behind a firewall do; clients then use passive mode.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from internet.protocols.acts import Acts
from internet.protocols.lines import Lines, secured
from internet.protocols.transfers import Transfers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from internet.channel import Channel
    from internet.conversation import Conversation, Services

_PLAIN: Final = {
    "PASS": "230 Login successful.", "ACCT": "230 Login successful.", "SYST": "215 UNIX Type: L8", "NOOP": "200 NOOP ok.",
    "TYPE": "200 Switching mode.", "MODE": "200 Mode set.", "STRU": "200 Structure set.", "OPTS": "200 Always in UTF8 mode.",
    "PBSZ": "200 PBSZ set to 0.", "ABOR": "226 Nothing to abort.", "REST": "350 Restart position accepted.",
    "PORT": "502 Use passive mode.", "EPRT": "502 Use passive mode.", "HELP": "214 Help OK.", "CLNT": "200 Noted.",
    "MDTM": "213 20250106101500", "SITE": "200 SITE command ok.", "STAT": "211 FTP server status OK.", "ALLO": "202 Superfluous.",
}  # fmt: skip
_ON_FILES: Final = {
    "DELE": "250 Delete operation successful.", "RNFR": "350 Ready for RNTO.", "RNTO": "250 Rename successful.",
    "RMD": "250 Remove directory operation successful.", "MKD": '257 "{}" created',
}  # fmt: skip
_FEATURES: Final = ("211-Features:", " AUTH TLS", " EPSV", " PASV", " PBSZ", " PROT", " SIZE", " UTF8", "211 End")


async def serve_ftp(
    channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool
) -> bytes | None:
    """Answer commands until the client ends."""
    session = _Session(channel, first, talk, services, tls=tls)
    await session.say("220 FTP server ready")
    try:
        while (line := await session.words.line()) is not None and await session.command(line):
            pass
    finally:
        session.transfers.end()
    return None


class _Session:
    """One client. Each command's method answers it."""

    def __init__(self, channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool) -> None:
        self._talk = talk
        self._services = services
        self._acts = Acts(talk, services, "ftp", tls=tls)
        self._folder = "/"
        self.words = Lines(channel, first, self._acts)
        self.transfers = Transfers(self._acts, talk.host or talk.server[0], services, self.say)
        self._commands: dict[str, Callable[[str], Awaitable[None]]] = {
            "USER": self._user, "AUTH": self._auth, "PROT": self._protect, "PWD": self._where, "XPWD": self._where,
            "CWD": self._go, "CDUP": self._up, "FEAT": self._features, "PASV": self._passive, "EPSV": self._extended,
            "SIZE": self._size,
        }  # fmt: skip

    async def say(self, *lines: str) -> None:
        await self.words.channel.write("".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape"))

    async def command(self, line: bytes) -> bool:
        """Answer one; False after QUIT."""
        word, _, rest = line.decode("utf-8", "surrogateescape").partition(" ")
        verb = word.upper().lstrip("\xff\xf4\xf2")
        if verb == "QUIT":
            await self.say("221 Goodbye.")
            return False
        answer = self._commands.get(verb)
        if answer is not None:
            await answer(rest)
        elif verb in self.transfers.verbs:
            await self.transfers.run(verb, self._path(rest))
        elif verb in _ON_FILES:
            self._acts.tell(verb, self._path(rest).encode("utf-8", "surrogateescape"))
            await self.say(_ON_FILES[verb].format(rest))
        else:
            await self.say(_PLAIN.get(verb, "500 Unknown command."))
        return True

    def _path(self, rest: str) -> str:
        return posixpath.normpath(posixpath.join(self._folder, rest))

    async def _user(self, rest: str) -> None:
        self._acts.tell("USER", user=rest.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
        await self.say("331 Please specify the password.")

    async def _auth(self, rest: str) -> None:
        if self._acts.tls or not rest.upper().startswith(("TLS", "SSL")):
            await self.say("504 Unknown AUTH type.")
            return
        await self.say("234 Proceed with negotiation.")
        self.words = await secured(self.words, self.words.rest(), self._acts, self._talk, self._services)

    async def _protect(self, rest: str) -> None:
        self.transfers.protected = rest.upper() == "P"
        await self.say("200 PROT now set.")

    async def _where(self, _rest: str) -> None:
        await self.say(f'257 "{self._folder}" is the current directory')

    async def _go(self, rest: str) -> None:
        self._folder = self._path(rest)[:1000]
        await self.say("250 Directory successfully changed.")

    async def _up(self, _rest: str) -> None:
        await self._go("..")

    async def _features(self, _rest: str) -> None:
        await self.say(*_FEATURES)

    async def _size(self, rest: str) -> None:
        await self.say(f"213 {len(self.transfers.content(self._path(rest)))}")

    async def _passive(self, _rest: str) -> None:
        address = self._talk.server[0]
        port = self.transfers.announce()
        numbers = address.split(".") if ":" not in address else ["0"] * 4
        await self.say(f"227 Entering Passive Mode ({','.join([*numbers, str(port >> 8), str(port & 255)])}).")

    async def _extended(self, _rest: str) -> None:
        await self.say(f"229 Entering Extended Passive Mode (|||{self.transfers.announce()}|).")
