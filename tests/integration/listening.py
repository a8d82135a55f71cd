"""What the host would hear of a package that gets out of its sandbox: its own addresses, its local sockets, every packet."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psutil

_ALL_PACKETS = 3
_VSOCK_ANY = 0xFFFFFFFF
_LONGEST = 65_536


@dataclass
class Ears:
    """Sockets of the host at `port` and under the name `local`, and what came in at each that has the token in it."""

    token: bytes
    port: int = 0
    heard: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    @property
    def local(self) -> str:
        """The name of the abstract sockets: of streams, and of datagrams with another one."""
        return self.token.decode("ascii")

    def open(self, stack: contextlib.ExitStack) -> selectors.DefaultSelector:
        """All of them; the first fixes the port of the others."""
        selector = selectors.DefaultSelector()
        listeners: list[tuple[str, int, int, Any]] = [
            ("tcp", socket.AF_INET6, socket.SOCK_STREAM, ("::", self.port)),
            ("udp", socket.AF_INET6, socket.SOCK_DGRAM, ("::", None)),
            ("unix", socket.AF_UNIX, socket.SOCK_STREAM, f"\0{self.local}"),
            ("unix datagram", socket.AF_UNIX, socket.SOCK_DGRAM, f"\0{self.local}-datagram"),
        ]
        for name, family, kind, place in listeners:
            one = stack.enter_context(socket.socket(family, kind))
            one.bind((place[0], self.port) if isinstance(place, tuple) else place)
            if isinstance(place, tuple):
                self.port = one.getsockname()[1]
            if kind == socket.SOCK_STREAM:
                one.listen()
            self._add(selector, name, one)
        if os.geteuid() == 0:
            one = stack.enter_context(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL_PACKETS)))
            self._add(selector, "packets", one)
        with contextlib.suppress(OSError):  # few machines have it
            one = stack.enter_context(socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM))
            one.bind((_VSOCK_ANY, self.port))
            one.listen()
            self._add(selector, "vsock", one)
        return selector

    def _add(self, selector: selectors.DefaultSelector, name: str, one: socket.socket) -> None:
        one.setblocking(False)
        selector.register(one, selectors.EVENT_READ, name)
        self.names.add(name)

    def hear(self, selector: selectors.DefaultSelector, stack: contextlib.ExitStack) -> None:
        """Take what is there."""
        for key, _ in selector.select(0.05):
            one, name = key.fileobj, str(key.data)
            assert isinstance(one, socket.socket)
            with contextlib.suppress(OSError):
                if one.type == socket.SOCK_STREAM and one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    peer = stack.enter_context(one.accept()[0])
                    peer.setblocking(False)
                    selector.register(peer, selectors.EVENT_READ, name)
                elif self.token in (data := one.recv(_LONGEST)):
                    self.heard.add(name)
                elif not data:
                    selector.unregister(one)


@contextlib.contextmanager
def listening(token: bytes) -> Iterator[Ears]:
    """Ears that are open as long as the block runs."""
    ears, stop = Ears(token), threading.Event()
    with contextlib.ExitStack() as stack:
        selector = ears.open(stack)

        def run() -> None:
            while not stop.is_set():
                ears.hear(selector, stack)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield ears
        finally:
            stop.set()
            thread.join()
            selector.close()


def own_addresses() -> list[str]:
    """All addresses of this machine, loopback's among them, those of IPv6 with their zone."""
    found = {one.address for of in psutil.net_if_addrs().values() for one in of}
    return sorted(one for one in found if one.count(".") == 3 or (one.count(":") > 1 and not _is_hardware(one)))


def _is_hardware(address: str) -> bool:
    return len(address) == 17 and address.count(":") == 5
