"""What an announcement of the interpreter probe must be about to announce an act.

An argument is compared as its last path component, since either side may know only a part of the path.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from analyzer.model.event import (
    ConsoleWrite,
    Detail,
    FileAttributes,
    FileLock,
    FileMode,
    FileOpen,
    FileRead,
    FileWrite,
    MemoryProtect,
    ProcessControl,
    ProcessCreate,
    ProcessExec,
    ProcessHandler,
    ProcessLimit,
    ProcessPipe,
    ProcessSignal,
    ProcessSleep,
    SocketAccept,
    SocketBind,
    SocketConnect,
    SocketCreate,
    SocketListen,
    SocketOption,
    SocketReceive,
    SocketSend,
)
from analyzer.trace.authors.announced import (
    CONNECTING,
    DATABASE,
    FUNCTIONS,
    LOOKUPS,
    NAMES,
    RECEIVING,
    SENDING,
    STARTS,
    THREADS,
)

ANY, NONE = "*", ""
"""Filed under: every announcement; one without arguments."""

_UNKEYED = (
    ConsoleWrite, FileLock, MemoryProtect, ProcessCreate, ProcessHandler, ProcessLimit, ProcessPipe, ProcessSleep,
    SocketAccept, SocketCreate, SocketListen, SocketOption, SocketReceive, SocketSend,
)  # fmt: skip
"""Acts whose arguments the kernel sees in another form than the interpreter."""

_BY_NUMBER = (FileAttributes, FileMode, ProcessExec, ProcessSignal)
"""Acts that may be announced with the number of a descriptor or of a group of processes."""

_FOLDERS = frozenset({"chdir", "fchdir"})
_ACCOUNTS = {
    "/etc/passwd": ("pwd.getpwnam", "pwd.getpwuid", "pwd.getpwall"),
    "/etc/group": ("grp.getgrnam", "grp.getgrgid", "grp.getgrall"),
}
_SHARED_MEMORY = "/dev/shm/"  # noqa: S108 where the C library keeps it
_JOURNAL = re.compile(r".*-(?:journal|wal|shm)", re.DOTALL)
_IMPORTED = (".py", ".pyc", ".so")
_DNS_PORT = 53
_MOST_OF_ARGUMENT = 300
"""How much of an argument the probe tells."""

_NOT_TEXT = re.compile("[\ud800-\udfff\ufffd]+")


@dataclass(frozen=True, slots=True)
class Subject:
    """What may announce an act: any of these names, with any of these keys; `functions` of C, looked up by ctypes.

    Where nothing else announces it: `rest` are further names, `by_number` tells that an announcement may name a descriptor instead
    of the key, and `by_native_code` that the initialisation of an extension module may do it.
    """

    names: tuple[str, ...]
    keys: tuple[str, ...]
    functions: tuple[str, ...]
    rest: tuple[str, ...]
    by_number: bool
    by_native_code: bool


def subject(detail: Detail) -> Subject | None:
    """What an act may be announced by; None for acts that nothing announces."""
    kind = type(detail)
    names = _CHOSEN[kind](detail) if kind in _CHOSEN else NAMES.get(kind)
    if names is None:
        return None
    functions = (detail.call,) if isinstance(detail, ProcessControl) else FUNCTIONS.get(kind, ())
    files = isinstance(detail, FileOpen | FileRead | FileWrite)
    return Subject(
        names=names,
        keys=_keys(detail),
        functions=functions,
        rest=CONNECTING if kind in {SocketSend, SocketReceive} else (),
        by_number=isinstance(detail, _BY_NUMBER),
        by_native_code=not (files and _path(detail).endswith(_IMPORTED)),
    )


def plain(text: str) -> str:
    """Text in which whatever is not UTF-8 looks the same, however each side told it."""
    return _NOT_TEXT.sub("?", text)


def _opening(detail: FileOpen) -> tuple[str, ...]:
    """By what files are opened; some only by the C library, for a function that is about something else."""
    names = NAMES[FileOpen] + _ACCOUNTS.get(detail.path, ())
    if detail.path.startswith(_SHARED_MEMORY):
        names += ("shared_memory.open",)
    elif _JOURNAL.fullmatch(detail.path):
        names += DATABASE
    return names


def _flowing(names: tuple[str, ...]) -> Callable[[Any], tuple[str, ...]]:
    """By what bytes are moved on a socket: to a name server also by a function that looks up a name."""

    def chosen(detail: SocketSend | SocketReceive) -> tuple[str, ...]:
        elsewhere = detail.family in {"AF_INET", "AF_INET6"} and detail.port != _DNS_PORT
        return names if elsewhere else names + LOOKUPS

    return chosen


def _controlling(detail: ProcessControl) -> tuple[str, ...]:
    return ("os.chdir",) if detail.call in _FOLDERS else (f"os.{detail.call}", f"time.{detail.call}")


def _creating(detail: ProcessCreate) -> tuple[str, ...]:
    return THREADS if detail.thread else tuple(STARTS)


_CHOSEN: dict[type, Callable[[Any], tuple[str, ...]]] = {
    FileOpen: _opening,
    ProcessControl: _controlling,
    ProcessCreate: _creating,
    SocketReceive: _flowing(RECEIVING),
    SocketSend: _flowing(SENDING),
}


def _keys(detail: Detail) -> tuple[str, ...]:
    """What an announcement may be filed under to be about this act."""
    if isinstance(detail, _UNKEYED) or (isinstance(detail, ProcessControl) and detail.call not in _FOLDERS):
        return NONE, ANY
    if isinstance(detail, SocketConnect | SocketBind):
        addresses = {plain(address.lstrip("@")): None for address in (detail.address, detail.asked or detail.address)}
        return NONE, *addresses, str(detail.port)
    if isinstance(detail, ProcessSignal):
        return NONE, str(detail.target)
    # The interpreter names what it asks for, the kernel where that leads.
    names = {_name(path): None for path in (_path(detail), getattr(detail, "asked", "")) if path}
    return NONE, *names


def _name(path: str) -> str:
    text = plain(path[:_MOST_OF_ARGUMENT])
    return posixpath.basename(text) or text


def _path(detail: Detail) -> str:
    if isinstance(detail, ProcessControl):
        return detail.arguments[0] if detail.arguments else ""
    return getattr(detail, "path", "")
