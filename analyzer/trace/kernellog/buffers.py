"""Arguments that are bytes: buffers, vectors of buffers, and messages.

What a vector or a message holds comes gathered, so that it is told as one piece.
"""

from __future__ import annotations

from analyzer.trace.kernellog import structures
from analyzer.trace.kernellog.raw import Raw
from analyzer.trace.kernellog.records import BUFFER, IOVEC, SOCKADDR
from analyzer.trace.kernellog.values import pointer
from analyzer.trace.literals import Quoted, Struct, Value

_MANY = 64


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
    """A msghdr: its address and its bytes."""
    found = _messages(raw, place)
    if not found:
        # What it holds could not be read, or it holds nothing: that it was given is known.
        return Struct(()) if raw.word(place) and raw.done else pointer(raw, place)
    return _header(*found[0], raw)


def messages(raw: Raw, place: int) -> Value:
    """An array of messages, each with the bytes that it took; of the first few more than their number is known."""
    found = _messages(raw, place)
    if not found:
        return pointer(raw, place)
    return tuple(
        Struct((("msg_hdr", _header(address, data, raw)), ("msg_len", str(len(data))))) for address, data in found
    )


def _messages(raw: Raw, place: int) -> list[tuple[bytes | None, bytes]]:
    """Addresses and bytes of messages: where a message has both, its address comes first."""
    found: list[tuple[bytes | None, bytes]] = []
    address: bytes | None = None
    for type_, data in raw.chunks(place, SOCKADDR, IOVEC)[: 2 * _MANY]:
        if type_ == IOVEC:
            found.append((address, data))
            address = None
            continue
        if address is not None:
            found.append((address, b""))
        address = data
    if address is not None:
        found.append((address, b""))
    return found


def _header(address: bytes | None, data: bytes, raw: Raw) -> Struct:
    name: Value = structures.sockaddr(address) if address is not None else "NULL"
    size = raw.result if raw.done and raw.name in {"sendmsg", "recvmsg"} and raw.result is not None else len(data)
    piece = Struct((("iov_base", Quoted(data, len(data) < size)), ("iov_len", str(max(size, len(data))))))
    return Struct((("msg_name", name), ("msg_namelen", str(len(address or b""))), ("msg_iov", (piece,))))
