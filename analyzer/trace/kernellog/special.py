"""Arguments whose meaning another one tells: options, protocols, and calls that are many calls in one."""

from __future__ import annotations

from collections.abc import Callable

from analyzer.trace.kernellog import structures
from analyzer.trace.kernellog.raw import Raw
from analyzer.trace.kernellog.records import BUFFER, STRING, STRING_AGAIN, STRUCT
from analyzer.trace.kernellog.tables import (
    AARCH64,
    ARM,
    I386,
    X32,
    flags,
    hexadecimal,
    named,
    of_machine,
    signal_name,
)
from analyzer.trace.kernellog.values import octal, pointer, quoted_path
from analyzer.trace.logs.literals import Quoted, Struct, Value

_EXIT_SIGNAL = 0xFF
_CHILD_TID = 0x1200000
_INT = 4
_UTIME_NOW, _UTIME_OMIT = "1073741823", "1073741822"
_TYPE_MASK = 0xF


def long_members(raw: Raw) -> bool:
    """Whether times, limits and places in files have 64 bits: not in structures of 32-bit programs, but in x32's."""
    return raw.wide or raw.arch == X32


def time_marks(both: tuple[Struct, ...]) -> Value:
    """The two times of utimensat, where a time may also be `now` or `as it was`."""
    marks = {_UTIME_NOW: "UTIME_NOW", _UTIME_OMIT: "UTIME_OMIT"}
    return tuple(marks.get(str(one.get("tv_nsec")), one) for one in both)


def _ptrace(raw: Raw) -> tuple[Value, ...]:
    request = named("ptrace", raw.unsigned(0))
    if request == "PTRACE_TRACEME":
        return (request,)
    target = str(raw.signed(1))
    if request in {"PTRACE_ATTACH", "PTRACE_INTERRUPT"}:
        return request, target
    return request, target, pointer(raw, 2), pointer(raw, 3)


def _prctl(raw: Raw) -> tuple[Value, ...]:
    option = named("prctl", raw.unsigned(0))
    first = raw.word(1)
    if option in {"PR_SET_NAME", "PR_GET_NAME"}:
        name = raw.chunk(1, STRING, STRING_AGAIN)
        return option, quoted_path(name, raw) if name is not None else pointer(raw, 1)
    if option in _PRCTL_FIRST:
        table, more = _PRCTL_FIRST[option]
        told = signal_name(first) if table == "signal" else named(table, first)
        return option, told, *(hexadecimal(raw.word(place)) for place in range(2, 2 + more))
    if option in _PRCTL_BARE:
        return (option,)
    return option, *(str(raw.word(place)) for place in range(1, 5))


_PRCTL_FIRST = {
    "PR_SET_DUMPABLE": ("dumpable", 0),
    "PR_SET_MM": ("prctl_mm", 3),
    "PR_SET_PDEATHSIG": ("signal", 0),
    "PR_SET_SECCOMP": ("seccomp_mode", 1),
    "PR_CAPBSET_READ": ("capability", 0),
    "PR_CAPBSET_DROP": ("capability", 0),
    "PR_CAP_AMBIENT": ("ambient", 3),
}
"""The table of an option's first argument, and how many follow it."""

_PRCTL_BARE = frozenset(
    {"PR_GET_DUMPABLE", "PR_GET_KEEPCAPS", "PR_GET_SECCOMP", "PR_GET_SECUREBITS", "PR_GET_TIMERSLACK"}
)


def _keyctl(raw: Raw) -> tuple[Value, ...]:
    operation = named("keyctl", raw.unsigned(0))
    if operation == "KEYCTL_JOIN_SESSION_KEYRING":
        name = raw.chunk(1, STRING, STRING_AGAIN)
        return operation, quoted_path(name, raw) if name is not None else pointer(raw, 1)
    words: list[Value] = [operation, _keyring(raw, 1)]
    for place in range(2, 5):
        text = raw.chunk(place, STRING, STRING_AGAIN)
        words.append(quoted_path(text, raw) if text is not None else hexadecimal(raw.word(place)))
    return tuple(words)


def _keyring(raw: Raw, place: int) -> Value:
    return named("keyring", raw.signed(place), otherwise=str(raw.signed(place)))


def _fcntl(raw: Raw) -> tuple[Value, ...]:
    command = named("fcntl", raw.unsigned(1))
    return str(raw.signed(0)), _COMMANDS.get(command, command), *_fcntl_argument(raw, command)


_COMMANDS = {"F_GETLK64": "F_GETLK", "F_SETLK64": "F_SETLK", "F_SETLKW64": "F_SETLKW"}
"""Locks with long places are the same to who reads of them."""


def _fcntl_argument(raw: Raw, command: str) -> tuple[Value, ...]:
    if command.startswith("F_GET") and "LK" not in command:
        return ()
    if command.startswith("F_DUPFD"):
        return (str(raw.signed(2)),)
    if command == "F_SETFD":
        return (flags("descriptor", raw.unsigned(2)),)
    if command == "F_SETFL":
        return (structures.open_flags(of_machine("open", raw.arch), raw.unsigned(2)),)
    if command == "F_ADD_SEALS":
        return (flags("seals", raw.unsigned(2)),)
    lock = raw.chunk(2, STRUCT)
    if "LK" in command and lock is not None:
        wide = long_members(raw) or "64" in command or "OFD" in command
        return (structures.flock(lock, wide=wide),)
    return (hexadecimal(raw.word(2)),)


def _clone(raw: Raw) -> tuple[Value, ...]:
    how = raw.word(0)
    stack = pointer(raw, 1)
    words: list[Value] = [f"child_stack={stack}", f"flags={clone_flags(how)}"]
    if how & _CHILD_TID:
        last = 4 if raw.arch in {I386, AARCH64, ARM} else 3
        words.append(f"child_tidptr={pointer(raw, last)}")
    return tuple(words)


def clone_flags(how: int) -> str:
    """The flags of clone, with the signal that tells of the child's end in the lowest byte."""
    end = how & _EXIT_SIGNAL
    words = [flags("clone", how & ~_EXIT_SIGNAL)] if how & ~_EXIT_SIGNAL or not end else []
    return "|".join([*words, signal_name(end)] if end else words)


def _clone3(raw: Raw) -> tuple[Value, ...]:
    data = raw.chunk(0, STRUCT)
    if data is None:
        return pointer(raw, 0), str(raw.word(1))
    how = int.from_bytes(data[:8], "little")
    return Struct((("flags", flags("namespace", how)),)), str(raw.word(1))


def _kind_with(kinds: str, others: str) -> Callable[[Raw, int], Value]:
    """A number whose lowest bits are one of a table's words, and all else flags of another table."""

    def decode(raw: Raw, place: int) -> Value:
        number = raw.unsigned(place)
        kind = named(kinds, number & _TYPE_MASK, otherwise="")
        more = flags(others, number & ~_TYPE_MASK if kind else number, "")
        return "|".join(word for word in (kind, more) if word) or "0"

    return decode


def _protocol(raw: Raw, place: int) -> Value:
    family = named("family", raw.unsigned(place - 2))
    number = raw.unsigned(place)
    if family in {"AF_INET", "AF_INET6"}:
        return named("protocol", number)
    if family == "AF_NETLINK":
        return named("netlink", number)
    if family == "AF_BLUETOOTH":
        return named("bluetooth", number)
    return structures.ethernet(number) if family == "AF_PACKET" else str(number)


def _option(raw: Raw, place: int) -> Value:
    table = _OPTIONS.get(named("level", raw.unsigned(place - 1)))
    number = raw.unsigned(place)
    return named(table, number) if table else str(number)


_OPTIONS = {
    "SOL_SOCKET": "option_socket",
    "SOL_IP": "option_ip",
    "SOL_IPV6": "option_ipv6",
    "SOL_TCP": "option_tcp",
    "SOL_UDP": "option_udp",
    "SOL_PACKET": "option_packet",
}


def _option_value(raw: Raw, place: int) -> Value:
    data = raw.chunk(place, BUFFER, STRUCT)
    if data is None:
        return pointer(raw, place)
    if len(data) == _INT:
        return (str(int.from_bytes(data, "little", signed=True)),)
    return Quoted(data, cut=len(data) < raw.word(place + 1))


def _ipc_key(raw: Raw, place: int) -> Value:
    key = raw.unsigned(place)
    return hexadecimal(key) if key else "IPC_PRIVATE"


def _ipc_flags(raw: Raw, place: int) -> Value:
    number = raw.unsigned(place)
    how = flags("ipc", number & ~0o777, "")
    mode = octal(number & 0o777)
    return f"{how}|{mode}" if how else mode


def _seccomp_flags(raw: Raw, place: int) -> Value:
    return flags("seccomp_filter", raw.unsigned(place)) if raw.unsigned(place - 1) == 1 else str(raw.unsigned(place))


WHOLE: dict[str, Callable[[Raw], tuple[Value, ...]]] = {
    "ptrace": _ptrace,
    "prctl": _prctl,
    "keyctl": _keyctl,
    "fcntl": _fcntl,
    "clone": _clone,
    "clone3": _clone3,
}
"""Kinds that give all arguments of a call."""

KINDS: dict[str, Callable[[Raw, int], Value | None]] = {
    "keyring": _keyring,
    "socket_type": _kind_with("socket_type", "socket_flags"),
    "protocol": _protocol,
    "option": _option,
    "option_value": _option_value,
    "mmap_flags": _kind_with("mmap_type", "mmap"),
    "ipc_key": _ipc_key,
    "ipc_flags": _ipc_flags,
    "seccomp_flags": _seccomp_flags,
}
