"""Byte streams that conversations read and write: a TCP connection, and TLS inside any of them."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_CHUNK: Final = 65_536
_Result = TypeVar("_Result")


class Channel(Protocol):
    """A stream of bytes in both directions."""

    async def read(self, seconds: float | None = None) -> bytes:
        """Some bytes, b"" at the end; TimeoutError after `seconds`, or after the idle time where none are given."""
        ...

    async def write(self, data: bytes) -> None:
        """Send all of it; raises OSError when the client is gone."""
        ...


class TcpChannel:
    """A TCP connection that counts its payload."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, idle_seconds: float) -> None:
        self._reader = reader
        self._writer = writer
        self._idle_seconds = idle_seconds
        self.bytes_in = 0
        self.bytes_out = 0

    async def read(self, seconds: float | None = None) -> bytes:
        """See Channel."""
        async with asyncio.timeout(self._idle_seconds if seconds is None else seconds):
            data = await self._reader.read(_CHUNK)
        self.bytes_in += len(data)
        return data

    async def write(self, data: bytes) -> None:
        """See Channel."""
        self.bytes_out += len(data)
        self._writer.write(data)
        async with asyncio.timeout(self._idle_seconds):
            await self._writer.drain()


class TlsChannel:
    """The server's side of TLS over another channel, of which `first` was already read."""

    def __init__(self, outer: Channel, context: ssl.SSLContext, first: bytes) -> None:
        self._outer = outer
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._incoming.write(first)
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    async def handshake(self) -> str:
        """Finish the handshake and return the version, such as TLSv1.3; ssl.SSLError when the client breaks off."""
        await self._pump(self._tls.do_handshake, None)
        return self._tls.version() or ""

    async def read(self, seconds: float | None = None) -> bytes:
        """See Channel; also raises ssl.SSLError."""
        try:
            return await self._pump(lambda: self._tls.read(_CHUNK), seconds)
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    async def write(self, data: bytes) -> None:
        """See Channel; also raises ssl.SSLError."""
        await self._pump(lambda: self._tls.write(data), None)

    async def _pump(self, step: Callable[[], _Result], seconds: float | None) -> _Result:
        """Repeat a step of OpenSSL's until it needs no more bytes, and send what it wants to be sent."""
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                await self._flush()
            except ssl.SSLError:
                await self._flush()  # the alert that tells the client why
                raise
            else:
                await self._flush()
                return result
            data = await self._outer.read(seconds)
            if data:
                self._incoming.write(data)
            else:
                self._incoming.write_eof()

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._outer.write(self._outgoing.read())
