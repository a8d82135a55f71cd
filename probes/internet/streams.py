"""TCP connections to any address and port: taken, limited, and written down at their end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

from internet.addresses import plain
from internet.channel import IdleError, LimitError, TcpChannel
from internet.conversation import Conversation, Services
from internet.dispatch import converse
from internet.wire import BRIEF_HEAD, Tcp

if TYPE_CHECKING:
    from internet.wire import Address


class Streams:
    """Handles accepted connections; `handle` is what asyncio calls for each."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.tasks: dict[asyncio.Task[None], None] = {}

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one client until either side ends, and write the connection down."""
        task, limits = asyncio.current_task(), self._services.limits
        if task is None:
            return
        if len(self.tasks) >= limits.connections:
            # The oldest goes: who holds many open cannot keep what comes later from being heard.
            self._services.recorder.limit(f"more than {limits.connections} connections at once: the oldest were closed")
            oldest = next(iter(self.tasks))
            oldest.cancel()
            del self.tasks[oldest]
        self.tasks[task] = None
        client, server = _address(writer, "peername"), _address(writer, "sockname")
        talk = Conversation(client, server, time.time(), limits.head_bytes, server[1])
        channel = TcpChannel(reader, writer, limits)
        try:
            await converse(channel, talk, self._services)
            await channel.close()
        except LimitError as reached:
            recorder = self._services.recorder
            tell = recorder.note if isinstance(reached, IdleError) else recorder.limit
            tell(f"a connection to port {server[1]} was closed: {reached}")
        except (OSError, EOFError, asyncio.CancelledError):
            # The client went away, TLS broke, or the run ends: the line below says what was heard until then.
            pass
        finally:
            self._record(talk, channel)
            self.tasks.pop(task, None)
            writer.transport.abort()

    def broken(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """The loop's handler of errors that nobody caught: a defect of ours, after which something may be missing."""
        error = context.get("exception")
        if not isinstance(error, OSError):
            what = type(error).__name__ if error is not None else str(context.get("message", ""))
            self._services.recorder.limit(
                f"the simulated internet failed at a connection ({what}), a defect of fumehood"
            )
        loop.default_exception_handler(context)

    def _record(self, talk: Conversation, channel: TcpChannel) -> None:
        head = bytes(talk.head[:BRIEF_HEAD] if talk.told else talk.head)
        self._services.recorder.write(
            Tcp(
                talk.time, time.time(), talk.client, talk.server, channel.bytes_in, channel.bytes_out, talk.protocol,
                head, talk.stream,
            )
        )  # fmt: skip

    async def finish(self) -> None:
        """Break off what is still open, and wait until it is written down."""
        for task in self.tasks:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.gather(*self.tasks, return_exceptions=True)


def _address(writer: asyncio.StreamWriter, name: str) -> Address:
    """One end of a connection; ("", 0) when the client was gone before it could be asked."""
    found = writer.get_extra_info(name)
    return (plain(found[0]), found[1]) if found else ("", 0)
