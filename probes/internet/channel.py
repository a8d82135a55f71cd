"""Byte streams that conversations read and write: a TCP connection, and TLS inside any of them."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from internet.settings import Limits

_CHUNK: Final = 65_536
_Result = TypeVar("_Result")


class LimitError(TimeoutError):
    """A connection has used up what it may have; the message says what that is."""


class IdleError(LimitError):
    """The client has said nothing for so long that the connection was given up: nothing of what it sent is missing."""


class Channel(Protocol):
    """A stream of bytes in both directions."""

    async def read(self, seconds: float | None = None) -> bytes:
        """Some bytes, b"" at the end; TimeoutError after `seconds`, or after the idle time where none are given."""
        ...

    async def write(self, data: bytes) -> None:
        """Send all of it; raises OSError when the client is gone."""
        ...


class TcpChannel:
    """A TCP connection that counts its payload. All methods raise LimitError when the client goes beyond the limits."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits) -> None:
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._end = asyncio.get_running_loop().time() + limits.connection_seconds
        self.bytes_in = 0
        self.bytes_out = 0

    async def read(self, seconds: float | None = None) -> bytes:
        """See Channel."""
        limits = self._limits
        if self.bytes_in > limits.connection_bytes:
            raise LimitError(f"it sent more than {limits.connection_bytes} bytes")
        if asyncio.get_running_loop().time() > self._end:
            raise LimitError(f"it lasted longer than {limits.connection_seconds:g} seconds")
        try:
            async with asyncio.timeout(limits.idle_seconds if seconds is None else seconds):
                data = await self._reader.read(_CHUNK)
        except TimeoutError as error:
            if seconds is not None:
                raise
            raise IdleError(f"its client said nothing for {limits.idle_seconds:g} seconds") from error
        self.bytes_in += len(data)
        return data

    async def write(self, data: bytes) -> None:
        """See Channel."""
        self.bytes_out += len(data)
        self._writer.write(data)
        await self._sent(self._writer.drain())

    async def close(self) -> None:
        """End the connection once what was written is sent."""
        self._writer.close()
        await self._sent(self._writer.wait_closed())

    async def _sent(self, sending: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(self._limits.write_seconds):
                await sending
        except TimeoutError as error:
            raise LimitError(f"its client did not read for {self._limits.write_seconds:g} seconds") from error


class TlsChannel:
    """The server's side of TLS over another channel, of which `first` was already read."""

    def __init__(self, outer: Channel, context: ssl.SSLContext, first: bytes) -> None:
        self._outer = outer
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._incoming.write(first)
        self.bytes_out = 0
        """What was written to the other channel."""
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

    async def close(self) -> None:
        """Tell the client that nothing more comes (RFC 8446, section 6.1), and do not wait for its answer."""
        with contextlib.suppress(ssl.SSLError, OSError):
            self._tls.unwrap()
        with contextlib.suppress(OSError):
            await self._flush()

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
            data = self._outgoing.read()
            self.bytes_out += len(data)
            await self._outer.write(data)
