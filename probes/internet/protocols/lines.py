"""Reads lines and fixed sizes off a channel, bounded, and keeps all of it for the search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from internet.conversation import MalformedError
from internet.encryption import encrypt

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation, Services
    from internet.protocols.acts import Acts

LINE_BYTES: Final = 65_536
"""The longest line that is taken; the protocols themselves allow 500 to 8,192 bytes."""


async def secured(words: Lines, ahead: bytes, acts: Acts, talk: Conversation, services: Services) -> Lines:
    """The client's words inside the TLS that it asked for, of which `ahead` has come; raises EOFError when it breaks off."""
    inner = await encrypt(words.channel, ahead, talk, services)
    if inner is None:
        raise EOFError
    acts.tls = True
    return Lines(inner, b"", acts)


class Lines:
    """A client's words. `first` was already read."""

    def __init__(self, channel: Channel, first: bytes, acts: Acts) -> None:
        self.channel = channel
        self._acts = acts
        self._buffer = bytearray(first)
        acts.keep(first)

    def rest(self) -> bytes:
        """Take what was read and not used, without waiting."""
        data = bytes(self._buffer)
        self._buffer.clear()
        return data

    async def line(self, limit: int = LINE_BYTES) -> bytes | None:
        """The next line without its end, None when there is none; raises MalformedError when it is longer than `limit`."""
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > limit:
                raise MalformedError(f"a line is longer than {limit} bytes")
            if not await self._more():
                return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line.removesuffix(b"\r")

    async def exactly(self, size: int) -> bytes:
        """So many bytes; raises EOFError when the client ends before."""
        while len(self._buffer) < size:
            if not await self._more():
                raise EOFError
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    async def some(self) -> bytes:
        """What is there, at least one byte; b"" at the end."""
        if not self._buffer:
            await self._more()
        return self.rest()

    async def skip(self, size: int) -> None:
        """Read past so many bytes in constant memory; raises EOFError when the client ends before."""
        while size > len(self._buffer):
            size -= len(self._buffer)
            self._buffer.clear()
            if not await self._more():
                raise EOFError
        del self._buffer[:size]

    async def _more(self) -> bool:
        data = await self.channel.read()
        self._buffer += data
        self._acts.keep(data, fresh=True)
        return bool(data)
