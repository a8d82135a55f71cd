"""What was asked of sockets, and the kernel's own account of TCP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

TcpStateName = Literal["connecting", "connected", "refused", "listening", "accepted"]


@dataclass(frozen=True, slots=True)
class SocketOption:
    """An option of a socket was set, with its level and name as the kernel's headers spell them."""

    kind: ClassVar[str] = "socket.option"
    family: str
    type: str
    level: str
    name: str
    error: str


@dataclass(frozen=True, slots=True)
class SocketCreate:
    """A socket was made. `family` and `type` as the kernel names them (AF_INET, SOCK_STREAM)."""

    kind: ClassVar[str] = "socket.create"
    family: str
    type: str
    protocol: str
    error: str


@dataclass(frozen=True, slots=True)
class SocketConnect:
    """A socket was connected, or tried to. `error` is "" for success and for EINPROGRESS, which `pending` tells.

    The address of a local socket is where its path leads, and `asked` the text where that is another one.
    """

    kind: ClassVar[str] = "socket.connect"
    family: str
    type: str
    address: str
    port: int
    pending: bool
    error: str
    asked: str = ""


@dataclass(frozen=True, slots=True)
class SocketBind:
    """A socket got a local address."""

    kind: ClassVar[str] = "socket.bind"
    family: str
    type: str
    address: str
    port: int
    error: str
    asked: str = ""


@dataclass(frozen=True, slots=True)
class SocketListen:
    """A socket waits for connections; address and port from its bind, where that was seen."""

    kind: ClassVar[str] = "socket.listen"
    family: str
    type: str
    address: str
    port: int
    error: str


@dataclass(frozen=True, slots=True)
class SocketAccept:
    """accept() was entered on a listening socket; `address` and `port` are the peer's once one came."""

    kind: ClassVar[str] = "socket.accept"
    family: str
    type: str
    address: str
    port: int
    error: str


@dataclass(frozen=True, slots=True)
class SocketSend:
    """Bytes were sent on a socket; `size` is what the kernel took, `head` the first bytes as text with escapes."""

    kind: ClassVar[str] = "socket.send"
    family: str
    type: str
    address: str
    port: int
    size: int
    head: str
    error: str


@dataclass(frozen=True, slots=True)
class SocketReceive:
    """Bytes came in on a socket; `size` is 0 at the end of a stream."""

    kind: ClassVar[str] = "socket.receive"
    family: str
    type: str
    address: str
    port: int
    size: int
    error: str


@dataclass(frozen=True, slots=True)
class SocketState:
    """The kernel's own account of a TCP socket, whichever way it was asked (a system call, io_uring, other memory).

    Address and port are the peer's, unspecified and 0 for one that listens.
    """

    kind: ClassVar[str] = "socket.state"
    family: str
    state: TcpStateName
    address: str
    port: int
    local_address: str
    local_port: int
