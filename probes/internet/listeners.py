"""Finds sockets of the namespace that wait for connections.

The kernel is asked through sock_diag(7), for listening sockets alone: 0.05 ms. Reading /proc/net/tcp takes 10 ms each
time, since it walks through the machine's whole table of connections; it is what remains where tcp_diag is missing.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_FAMILIES: Final = (socket.AF_INET, socket.AF_INET6)
_TABLES: Final = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LISTEN: Final = "0A"

_NETLINK_SOCK_DIAG: Final = 4  # linux/netlink.h
_SOCK_DIAG_BY_FAMILY: Final = 20  # linux/sock_diag.h
_NLM_F_REQUEST_DUMP: Final = 0x301
_NLMSG_ERROR: Final = 2
_NLMSG_DONE: Final = 3
_TCP_LISTEN: Final = 10
_HEADER: Final = struct.Struct("=IHHII")  # struct nlmsghdr: size, type, flags, sequence, port
_INODE_AT: Final = 68  # in struct inet_diag_msg
_REPLY_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Listener:
    """A listening socket: the address it is bound to, its port, and its inode, which no other socket has meanwhile."""

    address: str
    port: int
    inode: int

    @property
    def reachable(self) -> str:
        """An address by which it can be called: loopback's when it is bound to all."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.address, self.address)  # noqa: S104 # compared, not bound


def finder() -> Callable[[], list[Listener]]:
    """The cheapest way that this kernel has to list the listening TCP sockets of this process's network namespace.

    What is returned raises OSError when it fails.
    """
    try:
        from_kernel()
    except OSError:
        return from_tables
    return from_kernel


def from_kernel() -> list[Listener]:
    """Ask the kernel; raises OSError where it cannot answer."""
    found: list[Listener] = []
    for family in _FAMILIES:
        # struct inet_diag_req_v2: family, protocol, extensions, padding, a bit for each state, and any socket
        wanted = struct.pack("=BBBBI", family, socket.IPPROTO_TCP, 0, 0, 1 << _TCP_LISTEN) + bytes(48)
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as line:
            line.settimeout(1)
            line.send(
                _HEADER.pack(_HEADER.size + len(wanted), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST_DUMP, 1, 0) + wanted
            )
            whole = False
            while not whole:
                listeners, whole = parse_reply(line.recv(_REPLY_BYTES))
                found += listeners
    return found


def parse_reply(data: bytes) -> tuple[list[Listener], bool]:
    """The sockets in a part of the kernel's answer, and whether it is the last part. Raises OSError for a refusal."""
    found: list[Listener] = []
    while len(data) >= _HEADER.size:
        size, kind, _flags, _sequence, _port = _HEADER.unpack_from(data)
        if kind == _NLMSG_DONE:
            return found, True
        if kind == _NLMSG_ERROR:
            raise OSError(-struct.unpack_from("=i", data, _HEADER.size)[0], "the kernel does not list its sockets")
        body = data[_HEADER.size : size]
        family = socket.AddressFamily(body[0])
        address = socket.inet_ntop(family, body[8 : 12 if family == socket.AF_INET else 24])
        (inode,) = struct.unpack_from("=I", body, _INODE_AT)
        found.append(Listener(address, int.from_bytes(body[4:6], "big"), inode))
        data = data[(size + 3) & ~3 :]
    return found, False


def from_tables() -> list[Listener]:
    """Read proc(5)'s tables; raises OSError when they cannot be read."""
    found: list[Listener] = []
    for table in _TABLES:
        if table.exists():
            with table.open(encoding="ascii") as lines:
                found += parse_table(lines)
    return found


def parse_table(lines: Iterable[str]) -> Iterator[Listener]:
    """Read a table with its heading; the kernel lists listening sockets before all others, so the rest is not read."""
    for number, line in enumerate(lines):
        if number == 0:
            continue
        columns = line.split()
        if columns[3] != _LISTEN:
            return
        address, _, port = columns[1].partition(":")
        yield Listener(_address(address), int(port, 16), int(columns[9]))


def _address(text: str) -> str:
    """An address as 32-bit words in this machine's byte order."""
    words = [int(text[at : at + 8], 16) for at in range(0, len(text), 8)]
    family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
    return socket.inet_ntop(family, struct.pack(f"={len(words)}I", *words))
