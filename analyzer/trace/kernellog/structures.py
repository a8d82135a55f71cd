"""Structures in a package's memory, from their bytes to the fields that strace names.

Layouts: the UAPI headers of Linux 6.1 (linux/in.h, in6.h, un.h, netlink.h, if_packet.h, vm_sockets.h, time_types.h, resource.h,
asm-generic/fcntl.h, openat2.h, and k_sigaction of arch/x86/include/uapi/asm/signal.h).
"""

from __future__ import annotations

import struct
from functools import lru_cache
from ipaddress import IPv6Address

from analyzer.trace.kernellog.tables import flags, hexadecimal, named
from analyzer.trace.logs.literals import Quoted, Struct, Value

_FAMILY = struct.Struct("<H")
_IN = struct.Struct(">H4s")
_IN6 = struct.Struct(">HI16s")
_SCOPE = struct.Struct("<I")
_NETLINK = struct.Struct("<HII")
_PACKET = struct.Struct("<HiHBB")
_VSOCK = struct.Struct("<HII")
_HOW = struct.Struct("<QQQ")
_FLOCK = struct.Struct("<hh4xqq")
_FLOCK_NARROW = struct.Struct("<hhii")
_TWO_SIGNED, _TWO_SIGNED_NARROW = struct.Struct("<qq"), struct.Struct("<ii")
_TWO, _TWO_NARROW = struct.Struct("<QQ"), struct.Struct("<II")
_CONTROL, _CONTROL_NARROW = struct.Struct("<Qii"), struct.Struct("<Iii")
_ACTION, _ACTION_NARROW = struct.Struct("<QQQQ"), struct.Struct("<IIIQ")
_REMEMBERED = 4096
_INFINITY, _INFINITY_NARROW = 2**64 - 1, 2**32 - 1
_INT = struct.Struct("<i")
_SOL_SOCKET = _SCM_RIGHTS = 1
_KIB = 1024
_SIGNALS = 64
_MAPPED = bytes(10) + b"\xff\xff"
_RESTORER = 0x4000000


def sockaddr(data: bytes) -> Struct:
    """A socket address. What is shorter than its family asks is told as the bytes behind the family."""
    if len(data) < _FAMILY.size:
        return Struct(())
    (number,) = _FAMILY.unpack_from(data)
    family = named("family", number)
    rest = data[2:]
    read = _ADDRESSES.get(family)
    fields = read(rest) if read is not None else None
    if fields is None:
        fields = (("sa_data", Quoted(rest, cut=False)),) if rest else ()
    return Struct((("sa_family", family), *fields))


_Fields = tuple[tuple[str, Value], ...]


def _inet(data: bytes) -> _Fields | None:
    if len(data) < _IN.size:
        return None
    port, address = _IN.unpack_from(data)
    return ("sin_port", f"htons({port})"), ("sin_addr", Quoted(ipv4(address).encode(), cut=False))


def _inet6(data: bytes) -> _Fields | None:
    if len(data) < _IN6.size:
        return None
    port, flow, address = _IN6.unpack_from(data)
    scope = _SCOPE.unpack_from(data, _IN6.size)[0] if len(data) >= _IN6.size + _SCOPE.size else 0
    return (
        ("sin6_port", f"htons({port})"),
        ("sin6_flowinfo", f"htonl({flow})"),
        ("inet_pton", Quoted(ipv6(address).encode(), cut=False)),
        ("sin6_scope_id", str(scope)),
    )


def _unix(data: bytes) -> _Fields | None:
    if not data:
        return ()
    name = b"@" + data[1:] if data[0] == 0 else data.split(b"\0", 1)[0]
    return (("sun_path", Quoted(name, cut=False)),)


def _netlink(data: bytes) -> _Fields | None:
    if len(data) < _NETLINK.size:
        return None
    pad, pid, groups = _NETLINK.unpack_from(data)
    known: _Fields = (("nl_pid", str(pid)), ("nl_groups", f"{groups:#08x}" if groups else "00000000"))
    return (("nl_pad", f"{pad:#x}"), *known) if pad else known


def _packet(data: bytes) -> _Fields | None:
    if len(data) < _PACKET.size:
        return None
    protocol, index, *_ = _PACKET.unpack_from(data)
    return ("sll_protocol", ethernet(protocol)), ("sll_ifindex", str(index))


def _vsock(data: bytes) -> _Fields | None:
    if len(data) < _VSOCK.size:
        return None
    _, port, cid = _VSOCK.unpack_from(data)
    return ("svm_cid", hexadecimal(cid)), ("svm_port", hexadecimal(port))


_ADDRESSES = {
    "AF_INET": _inet,
    "AF_INET6": _inet6,
    "AF_UNIX": _unix,
    "AF_NETLINK": _netlink,
    "AF_PACKET": _packet,
    "AF_VSOCK": _vsock,
}


def ipv4(data: bytes) -> str:
    """Four bytes as an IPv4 address."""
    return ".".join(map(str, data))


def ipv6(data: bytes) -> str:
    """Sixteen bytes as an IPv6 address, an IPv4 one in it as such."""
    return f"::ffff:{ipv4(data[12:])}" if data[:12] == _MAPPED else str(IPv6Address(data))


def ethernet(protocol: int) -> str:
    """A protocol number in network order, as it is in the memory of a little-endian machine."""
    return f"htons({named('ethernet', (protocol & 0xFF) << 8 | protocol >> 8 & 0xFF)})"


def times(data: bytes, *, wide: bool, parts: tuple[str, str]) -> list[Struct]:
    """A row of timespecs or timevals, `parts` being the names of their fields."""
    one = _TWO_SIGNED if wide else _TWO_SIGNED_NARROW
    return [
        Struct(((parts[0], str(seconds)), (parts[1], str(fraction & (2**64 - 1 if wide else 2**32 - 1)))))
        for seconds, fraction in one.iter_unpack(data[: len(data) // one.size * one.size])
    ]


def controls(data: bytes, *, wide: bool) -> tuple[list[Value], bool]:
    """The control messages of a message, and whether they are whole: cmsg(3). Only descriptors are told as what they are."""
    head = _CONTROL if wide else _CONTROL_NARROW
    word = 8 if wide else 4
    found: list[Value] = []
    place = 0
    while place + head.size <= len(data):
        length, level, type_ = head.unpack_from(data, place)
        if length < head.size:
            return found, False
        found.append(
            _cmsg(length, level & _INFINITY_NARROW, type_ & _INFINITY_NARROW, data[place + head.size : place + length])
        )
        if length > len(data) - place:
            return found, False
        place += length + -length % word
    return found, True


def _cmsg(length: int, level: int, type_: int, data: bytes) -> Struct:
    of_socket = level == _SOL_SOCKET
    return Struct(
        (
            ("cmsg_len", str(length)),
            ("cmsg_level", named("level", level)),
            ("cmsg_type", named("control", type_) if of_socket else hexadecimal(type_)),
            ("cmsg_data", _descriptors(data) if of_socket and type_ == _SCM_RIGHTS else Struct(())),
        )
    )


def _descriptors(data: bytes) -> tuple[Value, ...]:
    return tuple(str(number) for (number,) in _INT.iter_unpack(data[: len(data) // _INT.size * _INT.size]))


def utimbuf(data: bytes, *, wide: bool) -> Struct:
    """The two times of utime(2)."""
    one = _TWO_SIGNED if wide else _TWO_SIGNED_NARROW
    if len(data) < one.size:
        return Struct(())
    access, change = one.unpack_from(data)
    return Struct((("actime", str(access)), ("modtime", str(change))))


def rlimit(data: bytes, *, wide: bool) -> Struct:
    """A soft and a hard limit."""
    one = _TWO if wide else _TWO_NARROW
    if len(data) < one.size:
        return Struct(())
    soft, hard = (_limit(value, wide=wide) for value in one.unpack_from(data))
    return Struct((("rlim_cur", soft), ("rlim_max", hard)))


def _limit(value: int, *, wide: bool) -> str:
    if value == (_INFINITY if wide else _INFINITY_NARROW):
        return "RLIM64_INFINITY" if wide else "RLIM_INFINITY"
    return f"{value // _KIB}*{_KIB}" if value > _KIB and value % _KIB == 0 else str(value)


def open_how(data: bytes) -> Struct:
    """The flags of openat2; a mode only where a file may be made."""
    if len(data) < _HOW.size:
        return Struct(())
    how, _, resolve = _HOW.unpack_from(data)
    fields: list[tuple[str, Value]] = [("flags", open_flags("open", how))]
    if resolve:
        fields.append(("resolve", flags("resolve", resolve)))
    return Struct(tuple(fields))


@lru_cache(_REMEMBERED)
def open_flags(table: str, value: int) -> str:
    """open(2)'s flags with its mode of access first."""
    access = named("access_mode", value & 3)
    rest = value & ~3
    return f"{access}|{flags(table, rest)}" if rest else access


def sigaction(data: bytes, *, wide: bool) -> Struct:
    """A signal's handler, mask and flags, as the kernel takes them."""
    one = _ACTION if wide else _ACTION_NARROW
    if len(data) < one.size:
        return Struct(())
    handler, how, restorer, mask = one.unpack_from(data)
    fields: list[tuple[str, Value]] = [
        ("sa_handler", named("handler", handler)),
        ("sa_mask", _mask(mask)),
        ("sa_flags", flags("sigaction", how)),
    ]
    if how & _RESTORER:
        fields.append(("sa_restorer", hexadecimal(restorer)))
    return Struct(tuple(fields))


def _mask(mask: int) -> Value:
    if not mask:
        return ()
    names = [
        named("signal", number, otherwise=str(number)).removeprefix("SIG")
        for number in range(1, _SIGNALS + 1)
        if mask >> (number - 1) & 1
    ]
    return (" ".join(names),)


def flock(data: bytes, *, wide: bool) -> Struct:
    """A lock on a part of a file."""
    one = _FLOCK if wide else _FLOCK_NARROW
    if len(data) < one.size:
        return Struct(())
    kind, whence, start, length = one.unpack_from(data)
    return Struct(
        (
            ("l_type", named("lock_type", kind)),
            ("l_whence", named("whence", whence)),
            ("l_start", str(start)),
            ("l_len", str(length)),
        )
    )
