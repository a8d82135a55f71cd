"""System calls on sockets, decoded to event details."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from analyzer.model.event import (
    Detail,
    SocketAccept,
    SocketBind,
    SocketConnect,
    SocketCreate,
    SocketListen,
    SocketOption,
    SocketReceive,
    SocketSend,
)
from analyzer.trace.calls.descriptors import OTHER, Descriptor, closing, head
from analyzer.trace.calls.processes import Process
from analyzer.trace.logs.addresses import address
from analyzer.trace.logs.literals import Quoted, Struct, Value, as_int
from analyzer.trace.logs.strace import Syscall

Decoder = Callable[[Syscall, Process], Iterator[Detail]]

_HEAD_BYTES = 96
_PASSING = frozenset({"", "AF_UNIX"})
"""Families of sockets by which descriptors can come, and of those that are not known."""

_PENDING = frozenset({"EINPROGRESS", "EALREADY"})


def _socket(call: Syscall, process: Process) -> Iterator[Detail]:
    family, kind, protocol = (str(call.argument(place)) for place in range(3))
    words = kind.split("|")
    if call.result is not None and call.result >= 0:
        process.descriptors[call.result] = closing(Descriptor("socket", family=family, socket_type=words[0]), kind)
    yield SocketCreate(family, words[0], protocol, call.error)


def _pair(call: Syscall, process: Process) -> Iterator[Detail]:
    ends = call.argument(3)
    if isinstance(ends, tuple) and not call.error:
        for end in ends:
            kind = str(call.argument(1))
            process.descriptors[as_int(end, -1)] = closing(
                Descriptor("socket", family="AF_UNIX", socket_type=kind.split("|")[0]), kind
            )
    yield from ()


def _connect(call: Syscall, process: Process) -> Iterator[Detail]:
    number = as_int(call.argument(0), -1)
    descriptor = process.descriptor(str(number))
    family, asked, port = address(call.argument(1))
    where = _local(process, family, asked, follow=True)
    pending = call.error in _PENDING
    if not call.error or pending:
        made = descriptor.made if call.error == "EALREADY" else call.line
        process.descriptors[number] = replace(
            descriptor, type="socket", family=family, address=where, port=port, made=made
        )
    error, other = "" if pending else call.error, asked if asked != where else ""
    yield SocketConnect(family, descriptor.socket_type, where, port, pending, error, other)


def _local(process: Process, family: str, where: str, *, follow: bool) -> str:
    """Where the path of a local socket leads; another address as it is."""
    if family != "AF_UNIX" or not where or where.startswith("@"):
        return where
    return process.named(Quoted(where.encode("utf-8", "surrogateescape"), cut=False), follow=follow).path


def _bind(call: Syscall, process: Process) -> Iterator[Detail]:
    number = as_int(call.argument(0), -1)
    descriptor = process.descriptor(str(number))
    family, asked, port = address(call.argument(1))
    where = _local(process, family, asked, follow=False)
    if not call.error:
        process.descriptors[number] = replace(
            descriptor, type="socket", family=family, local_address=where, local_port=port
        )
    yield SocketBind(family, descriptor.socket_type, where, port, call.error, asked if asked != where else "")


def _option(call: Syscall, process: Process) -> Iterator[Detail]:
    descriptor = process.descriptor(call.argument(0))
    level, name = (str(call.argument(place)) for place in (1, 2))
    yield SocketOption(descriptor.family, descriptor.socket_type, level, name, call.error)


def _listen(call: Syscall, process: Process) -> Iterator[Detail]:
    descriptor = process.descriptor(call.argument(0))
    yield SocketListen(
        descriptor.family, descriptor.socket_type, descriptor.local_address, descriptor.local_port, call.error
    )


def _accept(call: Syscall, process: Process) -> Iterator[Detail]:
    listening = process.descriptor(call.argument(0))
    family, where, port = address(call.argument(1))
    if call.result is not None and call.result >= 0:
        accepted = replace(listening, type="socket", address=where, port=port, made=call.line)
        process.descriptors[call.result] = closing(accepted, call.argument(3))
    yield SocketAccept(family or listening.family, listening.socket_type, where, port, _error(call))


def sent(call: Syscall, descriptor: Descriptor, data: Value, peer: Value = "", size: int | None = None) -> SocketSend:
    """Bytes sent on a socket by any of the calls that can; `size` where it is not the call's result."""
    family, where, port = address(peer)
    return SocketSend(
        family=family or descriptor.family,
        type=descriptor.socket_type,
        address=where or descriptor.address,
        port=port or descriptor.port,
        size=max(call.result or 0, 0) if size is None else size,
        head=head(data, _HEAD_BYTES),
        error=_error(call),
    )


def _error(call: Syscall) -> str:
    return call.error or ("" if call.result is not None else "unfinished")


def _messages(call: Syscall) -> Iterator[tuple[Struct, int]]:
    """The messages of sendmsg and recvmsg, and of their variants for several at once, with the size of each."""
    argument = call.argument(1)
    if isinstance(argument, Struct):
        yield argument, max(call.result or 0, 0)
    elif isinstance(argument, tuple):
        done = len(argument) if call.result is None or call.error else call.result
        for one in argument[: max(done, 0)]:
            header = one.get("msg_hdr") if isinstance(one, Struct) else ""
            if isinstance(one, Struct) and isinstance(header, Struct):
                yield header, as_int(one.get("msg_len")) if not call.error else 0


def _send_to(call: Syscall, process: Process) -> Iterator[Detail]:
    yield sent(call, process.descriptor(call.argument(0)), call.argument(1), call.argument(4))


def _send_messages(call: Syscall, process: Process) -> Iterator[Detail]:
    descriptor = process.descriptor(call.argument(0))
    for message, size in _messages(call):
        yield sent(call, descriptor, message.get("msg_iov"), message.get("msg_name"), size)


def _receive(call: Syscall, process: Process) -> Iterator[Detail]:
    yield received(call, process, call.argument(4), max(call.result or 0, 0))


def _receive_messages(call: Syscall, process: Process) -> Iterator[Detail]:
    found = False
    descriptor = process.descriptor(call.argument(0))
    for message, size in _messages(call):
        found = True
        _take_passed(message.get("msg_control"), process, descriptor.family)
        yield received(call, process, message.get("msg_name"), size)
    if not found:
        yield received(call, process, "", 0)


def received(call: Syscall, process: Process, peer: Value, size: int) -> SocketReceive:
    """Bytes that came on a socket, the first argument of any of the calls that take them."""
    descriptor = process.descriptor(call.argument(0))
    family, where, port = address(peer)
    return SocketReceive(
        family=family or descriptor.family,
        type=descriptor.socket_type,
        address=where or descriptor.address,
        port=port or descriptor.port,
        size=size,
        error=_error(call),
    )


def _take_passed(controls: Value, process: Process, family: str) -> None:
    """Descriptors that came from another process (SCM_RIGHTS) are unknown, and take numbers that known ones had.

    The kernel gives the lowest numbers that are free, in order: where not all that came are told (`...`), every higher one
    may be among them.
    """
    known = [control for control in controls if isinstance(control, Struct)] if isinstance(controls, tuple) else []
    last = -1
    for control in known:
        passed = control.get("cmsg_data")
        if control.get("cmsg_type") != "SCM_RIGHTS" or not isinstance(passed, tuple):
            continue
        for number in (as_int(one, -1) for one in passed):
            process.descriptors[number] = OTHER
            last = max(last, number)
    if isinstance(controls, tuple) and "..." in controls and family in _PASSING:
        for number in process.descriptors:
            if number > last:
                process.descriptors[number] = OTHER


DECODERS: dict[str, Decoder] = {
    "socket": _socket,
    "socketpair": _pair,
    "connect": _connect,
    "bind": _bind,
    "listen": _listen,
    "setsockopt": _option,
    "accept": _accept,
    "accept4": _accept,
    "sendto": _send_to,
    "sendmsg": _send_messages,
    "sendmmsg": _send_messages,
    "recvfrom": _receive,
    "recvmsg": _receive_messages,
    "recvmmsg": _receive_messages,
}
"""By call name. Argument places as in man 2 of each call."""
