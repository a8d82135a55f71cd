"""SSH, spoken by asyncssh: any password and key is accepted, commands succeed without output, files that are sent are kept.

The library takes 0.4 s to load, so that this is done when the first client comes, beside the others' conversations.
"""

from __future__ import annotations

import asyncio
import contextlib
import warnings
from typing import TYPE_CHECKING, Protocol

from internet.conversation import MalformedError
from internet.protocols.acts import Acts
from internet.protocols.pipe import Pipe

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation, Services


class _Connect(Protocol):
    def __call__(self, acts: Acts, failures: list[str]) -> asyncio.Protocol: ...


async def serve_ssh(
    channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool
) -> bytes | None:
    """Let asyncssh answer until either side ends."""
    acts = Acts(talk, services, "ssh", tls=tls)
    acts.keep(first)
    server = await asyncio.to_thread(_load)
    failures: list[str] = []
    pipe = Pipe(server(acts, failures), talk.client, talk.server)
    ways = [asyncio.create_task(_listen(channel, first, pipe, acts)), asyncio.create_task(pipe.carry(channel))]
    try:
        done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in done:
            way.result()
    finally:
        pipe.close()
        for way in ways:
            way.cancel()
        for way in ways:
            with contextlib.suppress(asyncio.CancelledError, OSError, EOFError):
                await way
    if failures:
        raise MalformedError(failures[0][:200])
    return None


async def _listen(channel: Channel, data: bytes, pipe: Pipe, acts: Acts) -> None:
    """Bring what the client says; most of it is encrypted, and no use to the search."""
    if not data:
        data = await channel.read()
        acts.keep(data, fresh=True)
    while data:
        await pipe.feed(data)
        data = await channel.read()
        acts.head(data)


def _load() -> _Connect:
    with warnings.catch_warnings():  # Debian 12's asyncssh imports ciphers that cryptography would rather forget
        warnings.simplefilter("ignore")
        from internet.protocols.shell import connect

    return connect
