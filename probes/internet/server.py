"""One run of the simulated internet: opens everything, says that it is ready, and ends in order."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import socket
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from internet.answers import Answers
from internet.authority import Authority
from internet.conversation import Services
from internet.datagrams import Datagrams
from internet.dialler import Dialler
from internet.network import ipv6_enabled
from internet.recorder import Recorder
from internet.resolver import Resolver
from internet.sent import Sent
from internet.settings import DNS_SERVER, DRAIN_SECONDS, LISTENER_PORT, OWN_ADDRESS, OWN_ADDRESS6, Limits
from internet.streams import Streams
from internet.wire import FORMAT, Begin

if TYPE_CHECKING:
    from pathlib import Path

    from internet.sniffer import Sniffer

_BACKLOG: Final = 1024
_SPARE_DESCRIPTORS: Final = 2 * _BACKLOG + 200
"""For what is not a connection that is heard: listeners, files, calls, and what is accepted at once before older ones are closed."""
_DESCRIPTORS: Final = 16_384
_IPV6_TRANSPARENT: Final = 75  # linux/in6.h
_ROUND: Final = 0.03


def serve(
    directory: Path, limits: Limits, ready: int | None, sniffer: Sniffer, *, until_eof: bool, after: int | None = None
) -> None:
    """Serve until SIGTERM, SIGINT or, if asked for, the end of standard input. `sniffer` captures already, or is about to.

    What needs the network waits for the end of the descriptor `after`: until then `internet network` may still be at work.
    Writes ca.pem, ca.json, exchanges.jsonl and sent.bin into the directory, and `ready` and a newline to the descriptor.
    Raises OSError when a capability, the rules of `internet network` or room on the disk is missing; SnifferError.
    """
    answers = Answers.read(directory)
    limits = replace(limits, connections=max(min(limits.connections, _descriptors() - _SPARE_DESCRIPTORS), 100))
    authority = Authority()
    (directory / "ca.pem").write_bytes(authority.certificate)
    facts = {"name": authority.file_name, "hash": authority.hash}
    (directory / "ca.json").write_text(json.dumps(facts), encoding="ascii")
    recorder = Recorder(directory / "exchanges.jsonl", limits.log_bytes)
    sent = Sent(directory / "sent.bin", limits.sent_bytes, limits.sent_stream_bytes, recorder.limit)
    services = Services(recorder, authority, Resolver(answers=answers), limits, sent, answers=answers)
    if after is not None:
        os.read(after, 1)
    families = [socket.AF_INET, socket.AF_INET6] if ipv6_enabled() else [socket.AF_INET]
    own6 = OWN_ADDRESS6 if len(families) > 1 else ""
    recorder.write(Begin(FORMAT, time.time(), LISTENER_PORT, DNS_SERVER, OWN_ADDRESS, own6))
    asyncio.run(_Run(services, sniffer, families).serve(ready, until_eof=until_eof))


class _Run:
    """The parts of one run and the order in which they start and end."""

    def __init__(self, services: Services, sniffer: Sniffer, families: list[socket.AddressFamily]) -> None:
        self._services = services
        self._sniffer = sniffer
        self._streams = Streams(services)
        self._datagrams = [Datagrams(services, family) for family in families]
        self._sockets = [_tcp_listener(family) for family in families]
        self._stop = asyncio.Event()

    async def serve(self, ready: int | None, *, until_eof: bool) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._streams.broken)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        if until_eof:
            loop.add_reader(sys.stdin.fileno(), self._input)
        servers = [
            await asyncio.start_server(self._streams.handle, sock=item, backlog=_BACKLOG) for item in self._sockets
        ]
        for datagrams in self._datagrams:
            loop.add_reader(datagrams.socket, datagrams.ready)
        own = frozenset(os.fstat(item.fileno()).st_ino for item in self._sockets)
        watch = asyncio.create_task(Dialler(self._services, own).watch())
        self._sniffer.wait_ready()
        if ready is not None:
            os.write(ready, b"ready\n")
            os.close(ready)
        await self._stop.wait()
        await self._drain()
        for server in servers:
            server.close()
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch
        await self._streams.finish()
        for datagrams in self._datagrams:
            loop.remove_reader(datagrams.socket)
            datagrams.close()
        await self._end()

    async def _end(self) -> None:
        captured = await self._sniffer.finish()
        if captured.cut:
            self._services.recorder.limit("the packet capture was cut at its size limit or ended early")
        if captured.dropped:
            self._services.recorder.limit(f"the packet capture lost {captured.dropped} packets")
        self._services.recorder.write(captured)
        self._services.recorder.close()
        self._services.sent.close()

    async def _drain(self) -> None:
        """Give what was sent just before the end the time to arrive, as long as something still happens."""
        recorder = self._services.recorder
        end = time.monotonic() + DRAIN_SECONDS
        before = -1
        while time.monotonic() < end and before != recorder.written:
            before = recorder.written
            await asyncio.sleep(_ROUND)

    def _input(self) -> None:
        """Anything but the end of standard input is ignored."""
        if not os.read(sys.stdin.fileno(), 4096):
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            self._stop.set()


def _descriptors() -> int:
    """Raise the limit of descriptors as far as this process may, and tell it."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def _tcp_listener(family: socket.AddressFamily) -> socket.socket:
    """A listener that accepts connections to any address (tcp(7), ip(7): IP_TRANSPARENT)."""
    listener = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.setsockopt(socket.IPPROTO_IPV6, _IPV6_TRANSPARENT, 1)
    else:
        listener.setsockopt(socket.SOL_IP, socket.IP_TRANSPARENT, 1)
    listener.bind(("", LISTENER_PORT))
    return listener
