"""Arguments that are bytes: buffers, vectors of buffers, and messages.

What a vector or a message holds comes gathered, so that it is told as one piece.
"""

from __future__ import annotations

from analyzer.trace.kernellog import structures
from analyzer.trace.kernellog.raw import Raw
from analyzer.trace.kernellog.records import BUFFER, CONTROL, IOVEC, SOCKADDR, UNREAD
from analyzer.trace.kernellog.values import pointer
from analyzer.trace.logs.literals import Quoted, Struct, Value

_MANY = 64
_MESSAGES, _MOST_CONTROL = 4, 1536
"""MESSAGES and CONTROL_MAX of probes/kernel/chunks.h: how many messages, and bytes of control data, are recorded."""


def sent(raw: Raw, place: int, length: int) -> Value:
    """A buffer whose size is the argument at `length`."""
    data = raw.chunk(place, BUFFER)
    if data is None:
        return pointer(raw, place) if raw.word(length) else Quoted(b"", cut=False)
    return Quoted(data, cut=len(data) < raw.word(length))


def received(raw: Raw, place: int) -> Value:
    """A buffer that the call filled with as many bytes as it returned."""
    if not raw.done:
        return pointer(raw, place)
    data = raw.chunk(place, BUFFER) or b""
    return Quoted(data, cut=len(data) < (raw.result or 0))


def vector(raw: Raw, place: int) -> Value:
    """The bytes of several buffers."""
    data = raw.chunk(place, IOVEC)
    if data is None:
        return pointer(raw, place)
    return _gathered(data, raw)


def _gathered(data: bytes, raw: Raw) -> Value:
    size = len(data) if raw.result is None or raw.result < len(data) else raw.result
    return (Struct((("iov_base", Quoted(data, len(data) < size)), ("iov_len", str(size)))),)


def message(raw: Raw, place: int) -> Value:
    """A msghdr: its address, its bytes, and its control data."""
    more = _is_unread(raw)
    found = _messages(raw, place, more=more)
    if not found:
        # What it holds could not be read, or it holds nothing: that it was given is known.
        return Struct(()) if raw.word(place) and raw.done else pointer(raw, place)
    return _header(found[0], raw, more=more)


def messages(raw: Raw, place: int) -> Value:
    """An array of messages, each with the bytes that it took; of the first few more than their number is known.

    Of how many bytes there were, the log has no more than those that it holds.
    """
    more = _is_unread(raw) or (raw.name == "recvmmsg" and (raw.result or 0) > _MESSAGES)
    found = _messages(raw, place, more=more)
    if not found:
        return pointer(raw, place)
    headers = [_header(one, raw, more=more and one is found[-1]) for one in found]
    return tuple(
        Struct((("msg_hdr", header), ("msg_len", str(len(one.get(IOVEC, b""))))))
        for header, one in zip(headers, found, strict=True)
    )


def _is_unread(raw: Raw) -> bool:
    """Whether something came that could not be read."""
    return raw.done and bool(raw.flags & UNREAD) and raw.name.startswith("recv")


_Message = dict[int, bytes]
"""What a message has of address, bytes and control data, by the types of their chunks."""


def _messages(raw: Raw, place: int, *, more: bool) -> list[_Message]:
    """The messages: the chunks of each come in the order of their types. An empty one stands for those that are not there."""
    found: list[_Message] = []
    last = CONTROL
    for type_, data in raw.chunks(place, SOCKADDR, IOVEC, CONTROL)[: 3 * _MANY]:
        if type_ <= last:
            found.append({})
        found[-1][type_] = data
        last = type_
    return found or [{}] * more


def _header(one: _Message, raw: Raw, *, more: bool) -> Struct:
    """A msghdr. `more` is whether it may have brought descriptors that were not read."""
    address, data = one.get(SOCKADDR), one.get(IOVEC, b"")
    name: Value = structures.sockaddr(address) if address is not None else "NULL"
    size = raw.result if raw.done and raw.name in {"sendmsg", "recvmsg"} and raw.result is not None else len(data)
    piece = Struct((("iov_base", Quoted(data, len(data) < size)), ("iov_len", str(max(size, len(data))))))
    control = _control(one.get(CONTROL, b""), raw, more=more)
    fields = (("msg_name", name), ("msg_namelen", str(len(address or b""))), ("msg_iov", (piece,)))
    return Struct((*fields, ("msg_control", control)) if control else fields)


def _control(data: bytes, raw: Raw, *, more: bool) -> tuple[Value, ...]:
    """The control messages, and `...` behind them where there are, or may be, others."""
    found, whole = structures.controls(data, wide=raw.wide)
    return (*found, "...") if more or not whole or len(data) >= _MOST_CONTROL else tuple(found)
