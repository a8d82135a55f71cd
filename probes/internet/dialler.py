"""Calls every socket that begins to listen, once, from inside: a server shows what it does only when somebody calls."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from internet.addresses import plain
from internet.calls import ask, ask_in_tls, wants_tls
from internet.listeners import Listener, finder
from internet.settings import DIAL_INTERVAL, DIAL_WAIT, MARK
from internet.wire import Address, Dial

if TYPE_CHECKING:
    from internet.conversation import Services

Speak = Callable[[socket.socket], Awaitable[bytes]]
"""What is said on a connected socket; it gives what the server said."""


class Dialler:
    """Watches for listening sockets, apart from those with the inodes in `own`."""

    def __init__(self, services: Services, own: frozenset[int]) -> None:
        self._services = services
        self._find = finder()
        self._seen = set(own)
        self._dials = 0
        self._calls: set[asyncio.Task[None]] = set()

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        try:
            while True:
                if not self._look():
                    return
                await asyncio.sleep(DIAL_INTERVAL)
        except OSError as error:
            self._services.recorder.limit(f"listening sockets cannot be watched: {error.strerror}")
        finally:
            for call in self._calls:
                call.cancel()

    def _look(self) -> bool:
        """Call what is new; False once the limit is reached. What finds no free line now is called at a later look."""
        limits = self._services.limits
        for found in self._find():
            if found.inode in self._seen or len(self._calls) >= limits.dials_at_once:
                continue
            if self._dials >= limits.dials:
                self._services.recorder.limit(
                    f"more than {limits.dials} listening sockets: the later ones were not called"
                )
                return False
            self._seen.add(found.inode)
            self._dials += 1
            call = asyncio.create_task(self._call(found))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)
        return True

    async def _call(self, listener: Listener) -> None:
        """Call in the clear, and where that is not understood in TLS."""
        received = await self._dial(listener, ask, "")
        if received is not None and wants_tls(received):
            await self._dial(listener, ask_in_tls, "called with TLS")

    async def _dial(self, listener: Listener, speak: Speak, detail: str) -> bytes | None:
        """Connect, speak and write it down; what the server said, None without a connection."""
        start, address = time.time(), listener.reachable
        source: Address = ("", 0)
        received: bytes | None = None
        line = socket.socket(
            socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK
        )
        try:
            # Marked, so that it reaches a socket of the package bound to any address, and not the simulated internet.
            line.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, MARK)
            source = _begin(line, (address, listener.port))
            async with asyncio.timeout(DIAL_WAIT):
                await asyncio.get_running_loop().sock_connect(line, (address, listener.port))
            received = b""
            received = await speak(line)
        except TimeoutError:
            detail = "no connection in time"
        except OSError as error:
            detail = error.strerror or str(error)
        finally:
            line.close()
            caller, connected = (plain(source[0]), source[1]), received is not None
            self._services.recorder.write(
                Dial(start, (plain(address), listener.port), caller, connected, len(received or b""), detail)
            )
        return received


def _begin(line: socket.socket, target: tuple[str, int]) -> Address:
    """Begin to connect, and tell from which address: a server that ends takes the socket's away, but not what the capture saw."""
    begun = line.connect_ex(target)
    source: Address = line.getsockname()[:2]
    if begun not in {0, errno.EINPROGRESS}:
        raise OSError(begun, os.strerror(begun))
    return source
