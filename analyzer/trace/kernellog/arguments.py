"""A call's arguments as strace's text would give them after parsing, by the words of `signatures.yaml`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from analyzer.datafile import shipped_yaml
from analyzer.trace.kernellog import buffers, special, structures
from analyzer.trace.kernellog.raw import Raw
from analyzer.trace.kernellog.records import INTS, SOCKADDR, STRING, STRING_AGAIN, STRINGS, STRUCT, Chunk
from analyzer.trace.kernellog.tables import (
    X86_64,
    call_names,
    flags,
    hexadecimal,
    is_wide,
    named,
    of_machine,
    signal_name,
)
from analyzer.trace.kernellog.values import AT_FDCWD, octal, pointer, quoted_path
from analyzer.trace.logs.literals import Quoted, Struct, Value

Kind = Callable[[Raw, int], Value | None]
"""Gives the value of the argument at a place; None where strace leaves it out."""

_MANY = 1024
_CREATE = 0o100
_TMPFILE = 0o20000000
_NODE_TYPE = 0o170000
_DEVICES = (0o020000, 0o060000)
_NONE = 0xFFFFFFFF
_WORDS = 6


class Signature(NamedTuple):
    """A call's name, whether its words have 64 bits, and its arguments' kinds; `whole` where one kind gives all of them."""

    name: str
    wide: bool
    kinds: tuple[Kind, ...]
    whole: Callable[[Raw], tuple[Value, ...]] | None = None

    def values(self, raw: Raw) -> tuple[Value, ...]:
        """All arguments of a call."""
        if self.whole is not None:
            return self.whole(raw)
        values = [kind(raw, place) for place, kind in enumerate(self.kinds)]
        return tuple([value for value in values if value is not None])


@cache
def signatures(arch: int) -> dict[int, Signature]:
    """The calls of an architecture that are told, by number."""
    text = files("analyzer.trace.kernellog").joinpath("signatures.yaml").read_text(encoding="ascii")
    words: dict[str, str] = shipped_yaml(text)
    return {number: _signature(name, words[name], arch) for number, name in call_names(arch).items() if name in words}


_SOCKET_CALLS = (
    "", "socket", "bind", "connect", "listen", "accept", "", "", "socketpair", "", "", "sendto", "recvfrom", "", "setsockopt", "",
    "sendmsg", "recvmsg", "accept4", "recvmmsg", "sendmmsg",
)  # fmt: skip
"""By the number that socketcall takes (linux/net.h). What these point at is not read, so addresses stay numbers."""


def unwrapped(
    signature: Signature, registers: tuple[int, ...], before: list[Chunk]
) -> tuple[Signature, tuple[int, ...], list[Chunk]]:
    """The call that a socketcall stands for, with the arguments that it has in memory; itself where that is not known."""
    if registers[0] >= len(_SOCKET_CALLS):
        return signature, registers, before
    words = next((data for index, type_, data in before if (index, type_) == (1, STRUCT)), b"")
    name = _SOCKET_CALLS[registers[0]]
    if not name or not words:
        return signature, registers, before
    inner = tuple(int.from_bytes(words[at : at + 4], "little") for at in range(0, _WORDS * 4, 4))
    found = next(one for one in signatures(X86_64).values() if one.name == name)
    return found._replace(wide=False), inner, []


def _signature(name: str, words: str, arch: int) -> Signature:
    wide = is_wide(arch)
    if words.split(" ")[0] in special.WHOLE:
        return Signature(name, wide, (), special.WHOLE[words.split(" ")[0]])
    return Signature(name, wide, tuple(_kind(word, arch) for word in words.split()))


def _kind(word: str, arch: int) -> Kind:
    name, _, rest = word.partition(":")
    if name == "flags":
        table, _, zero = rest.partition(":")
        variant, none = of_machine(table, arch), zero or "0"
        if table == "mount":
            return lambda raw, place: flags(variant, raw.word(place), none)
        return lambda raw, place: flags(variant, raw.unsigned(place), none)
    if name == "open":
        how = of_machine("open", arch)
        return lambda raw, place: structures.open_flags(how, raw.unsigned(place))
    if name == "name":
        return lambda raw, place: named(rest, raw.unsigned(place))
    if name == "buffer":
        return lambda raw, place: buffers.sent(raw, place, int(rest))
    return _KINDS[name]


def _int(raw: Raw, place: int) -> Value:
    return str(raw.signed(place))


def _size(raw: Raw, place: int) -> Value:
    return str(raw.word(place))


def _hex(raw: Raw, place: int) -> Value:
    return hexadecimal(raw.unsigned(place))


def _long_hex(raw: Raw, place: int) -> Value:
    return hexadecimal(raw.word(place))


def _id(raw: Raw, place: int) -> Value:
    value = raw.unsigned(place)
    return "-1" if value == _NONE else str(value)


def _opaque(raw: Raw, place: int) -> Value:
    """A structure of which only is told that it is there."""
    return Struct(()) if raw.word(place) else "NULL"


def _at(raw: Raw, place: int) -> Value:
    folder = raw.signed(place)
    return "AT_FDCWD" if folder == AT_FDCWD else str(folder)


def _strings(raw: Raw, place: int) -> Value:
    data = raw.chunk(place, STRINGS)
    if data is None:
        return pointer(raw, place)
    return tuple(Quoted(word, raw.cut) for word in data.split(b"\0")[:-1][:_MANY])


def _signal(raw: Raw, place: int) -> Value:
    return signal_name(raw.signed(place))


def _open_mode(raw: Raw, place: int) -> Value | None:
    return _mode(raw, place) if raw.word(place - 1) & (_CREATE | _TMPFILE) else None


def _mode(raw: Raw, place: int) -> Value:
    mode = raw.unsigned(place) & 0xFFFF
    return octal(mode)


def _node_type(raw: Raw, place: int) -> Value:
    mode = raw.unsigned(place) & 0xFFFF
    kind = mode & _NODE_TYPE
    permissions = octal(mode & ~_NODE_TYPE)
    return f"{named('file_type', kind)}|{permissions}" if kind else permissions


def _device(raw: Raw, place: int) -> Value | None:
    if raw.unsigned(place - 1) & _NODE_TYPE not in _DEVICES:
        return None
    device = raw.unsigned(place)  # the kernel's own form: linux/kdev_t.h, new_encode_dev
    return f"makedev({hexadecimal(device >> 8 & 0xFFF)}, {hexadecimal(device & 0xFF | device >> 12 & 0xFFF00)})"


def _access(raw: Raw, place: int) -> Value:
    return flags("access", raw.unsigned(place), "F_OK")


def _pipe(raw: Raw, place: int) -> Value:
    return flags(of_machine("pipe", raw.arch), raw.unsigned(place))


def _struct(raw: Raw, place: int, read: Callable[[bytes], Value]) -> Value:
    data = raw.chunk(place, STRUCT)
    return read(data) if data is not None else pointer(raw, place)


def _open_how(raw: Raw, place: int) -> Value:
    return _struct(raw, place, structures.open_how)


def _sigaction(raw: Raw, place: int) -> Value:
    return _struct(raw, place, lambda data: structures.sigaction(data, wide=raw.wide))


def _rlimit(raw: Raw, place: int) -> Value:
    wide = special.long_members(raw) or raw.name == "prlimit64"
    return _struct(raw, place, lambda data: structures.rlimit(data, wide=wide))


def _utimbuf(raw: Raw, place: int) -> Value:
    return _struct(raw, place, lambda data: structures.utimbuf(data, wide=special.long_members(raw)))


def _times(count: int, parts: tuple[str, str]) -> Kind:
    def kind(raw: Raw, place: int) -> Value:
        data = raw.chunk(place, STRUCT)
        if data is None:
            return pointer(raw, place)
        found = structures.times(data, wide=special.long_members(raw), parts=parts)[:count]
        if len(found) < count:
            return Struct(())
        return special.time_marks(tuple(found)) if count > 1 else found[0]

    return kind


def _ints(raw: Raw, place: int) -> Value:
    data = raw.chunk(place, INTS)
    if data is None or not raw.done:
        return pointer(raw, place)
    return tuple(str(int.from_bytes(data[at : at + 4], "little", signed=True)) for at in range(0, len(data) - 3, 4))


def _address(raw: Raw, place: int) -> Value:
    data = raw.chunk(place, SOCKADDR)
    return structures.sockaddr(data) if data is not None else pointer(raw, place)


def _length(raw: Raw, place: int) -> Value:
    """The length of the address before it, as the call returned it."""
    data = raw.chunk(place - 1, SOCKADDR)
    return (str(len(data)),) if data is not None else pointer(raw, place)


def _path(raw: Raw, place: int) -> Value:
    for index, type_, data in raw.before:
        if index == place and type_ == STRING:
            return quoted_path(data, raw)
    again = raw.chunk(place, STRING_AGAIN)
    if again is not None:
        return quoted_path(again, raw)
    raw.unread = raw.unread or (raw.done and raw.word(place) != 0)
    return pointer(raw, place)


_KINDS: dict[str, Kind] = {
    "int": _int,
    "size": _size,
    "hex": _hex,
    "long_hex": _long_hex,
    "id": _id,
    "opaque": _opaque,
    "pointer": pointer,
    "path": _path,
    "at": _at,
    "strings": _strings,
    "signal": _signal,
    "open_mode": _open_mode,
    "mode": _mode,
    "node_type": _node_type,
    "device": _device,
    "access": _access,
    "pipe": _pipe,
    "open_how": _open_how,
    "sigaction": _sigaction,
    "rlimit": _rlimit,
    "utimbuf": _utimbuf,
    "timespec": _times(1, ("tv_sec", "tv_nsec")),
    "timespecs": _times(2, ("tv_sec", "tv_nsec")),
    "timeval": _times(1, ("tv_sec", "tv_usec")),
    "timevals": _times(2, ("tv_sec", "tv_usec")),
    "ints": _ints,
    "address": _address,
    "length": _length,
    "vector": buffers.vector,
    "received": buffers.received,
    "message": buffers.message,
    "messages": buffers.messages,
    **special.KINDS,
}
