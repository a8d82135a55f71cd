"""A transport in memory, between a library's asyncio protocol and a channel."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.wire import Address


class Pipe(asyncio.Transport):
    """What the protocol writes comes out of `taken`, and `carry` feeds it what the channel brings.

    There is no socket behind it: options that a library would set on one have no object.
    """

    def __init__(self, protocol: asyncio.Protocol, client: Address, server: Address) -> None:
        super().__init__({"peername": client, "sockname": server})
        self._protocol = protocol
        self._written = bytearray()
        self._something = asyncio.Event()
        self._reading = asyncio.Event()
        self._reading.set()
        self._closing = False
        protocol.connection_made(self)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """See asyncio.WriteTransport."""
        self._written += data
        self._something.set()

    def is_closing(self) -> bool:
        """See asyncio.BaseTransport."""
        return self._closing

    def close(self) -> None:
        """See asyncio.BaseTransport; what was written is still taken."""
        if not self._closing:
            self._closing = True
            self._something.set()
            self._reading.set()
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        """See asyncio.WriteTransport."""
        self.close()

    def pause_reading(self) -> None:
        """See asyncio.ReadTransport."""
        self._reading.clear()

    def resume_reading(self) -> None:
        """See asyncio.ReadTransport."""
        self._reading.set()

    async def feed(self, data: bytes) -> None:
        """Give the protocol what came, once it wants it."""
        await self._reading.wait()
        if not self._closing:
            self._protocol.data_received(data)

    async def carry(self, channel: Channel) -> None:
        """Send on what the protocol writes, until it closes the transport."""
        while True:
            await self._something.wait()
            self._something.clear()
            data = bytes(self._written)
            self._written.clear()
            if data:
                await channel.write(data)
            elif self._closing:
                return
            if self._closing:
                self._something.set()
