"""FTP's data connections: a file that is fetched, one that is stored, and lists of what is in a directory."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol

from internet.encryption import encrypt
from internet.pages import choose

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation, Services
    from internet.meetings import Meeting
    from internet.protocols.acts import Acts

_LISTS: Final = {
    "LIST": b"drwxr-xr-x    2 ftp      ftp          4096 Jan 06 10:15 pub\r\n"
    b"-rw-r--r--    1 ftp      ftp           512 Jan 06 10:15 data.bin\r\n",
    "NLST": b"pub\r\ndata.bin\r\n",
    "MLSD": b"type=dir;modify=20250106101500; pub\r\ntype=file;size=512;modify=20250106101500; data.bin\r\n",
}
_STORES: Final = frozenset({"STOR", "STOU", "APPE"})


class Say(Protocol):
    """Answers on the connection for commands."""

    async def __call__(self, *lines: str) -> None:
        """Send lines."""
        ...


class Transfers:
    """The data connections of one session, at most one at a time."""

    verbs: Final = frozenset({"RETR", *_LISTS, *_STORES})

    def __init__(self, acts: Acts, host: str, services: Services, say: Say) -> None:
        self._host = host
        self._acts = acts
        self._services = services
        self._say = say
        self._meeting: Meeting | None = None
        self.protected = False

    def announce(self) -> int:
        """The port of the next data connection."""
        self.end()
        self._meeting = self._services.meetings.announce()
        return self._meeting.port

    def end(self) -> None:
        """Give up what was announced."""
        if self._meeting is not None:
            self._services.meetings.withdraw(self._meeting)
            self._meeting = None

    def content(self, path: str) -> bytes:
        """What a file of this name has in it: what a web server would give."""
        name = path.encode("utf-8", "surrogateescape").decode("latin-1")
        return choose(self._services.answers, "GET", self._host, name, ()).body

    async def run(self, verb: str, path: str) -> None:
        """Do one transfer and answer on the connection for commands."""
        if self._meeting is None:
            await self._say("425 Use PASV first.")
            return
        await self._say("150 Ok to send data." if verb in _STORES else "150 Here comes the data.")
        moved = 0
        try:
            async with asyncio.timeout(self._services.limits.idle_seconds):
                channel, talk = await self._meeting.arrived
            moved = await self._move(verb, path, channel, talk)
            await self._say("226 Transfer complete.")
        except TimeoutError:
            await self._say("425 Failed to establish connection.")
        finally:
            self._acts.tell(verb, path.encode("utf-8", "surrogateescape"), moved)
            self.end()

    async def _move(self, verb: str, path: str, channel: Channel, talk: Conversation) -> int:
        """Send or take the data; the number of bytes that the client sent."""
        talk.name("ftp-data", told=True)
        talk.stream = self._services.sent.open()
        inner = await encrypt(channel, b"", talk, self._services) if self.protected else None
        line = inner or channel
        taken = 0
        if verb in _STORES:
            while data := await line.read():
                taken += len(data)
                talk.heard(data)
                self._services.sent.add(talk.stream, "stream", data)
        else:
            await line.write(_LISTS.get(verb) or self.content(path))
        if inner is not None:
            await inner.close()
        return taken
