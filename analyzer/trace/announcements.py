"""The join of what the kernel saw with what the interpreter announced just before it.

Two lines belong together by process, kind of call, a telling argument and time.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from analyzer.model.event import (
    Detail,
    FileAttributes,
    FileCreate,
    FileDelete,
    FileLink,
    FileLock,
    FileMode,
    FileOpen,
    FileRename,
    FileWrite,
    MemoryProtect,
    ProcessExec,
    ProcessHandler,
    ProcessLimit,
    ProcessSignal,
    ProcessSleep,
    SocketAccept,
    SocketBind,
    SocketConnect,
    SocketCreate,
    SocketListen,
    SocketReceive,
    SocketSend,
)
from analyzer.trace.kernel import Act
from analyzer.trace.probe import ProbeCall

STARTS = frozenset({"subprocess.Popen", "os.system", "os.posix_spawn", "os.fork", "os.forkpty"})
"""Announcements after which exactly one process is made."""

_WINDOW_SECONDS = 5.0
_CLOCK_SECONDS = 0.002
_ARGUMENT_LENGTH = 300
_UNKEYED = ""
_NOT_TEXT = re.compile("[\ud800-\udfff\ufffd]+")

_NAMES: dict[type, tuple[str, ...]] = {
    FileOpen: ("open", "tempfile.mkstemp", "sqlite3.connect", "shutil.copyfile"),
    FileWrite: ("open", "shutil.copyfile", "tempfile.mkstemp", "os.truncate"),
    FileRename: ("os.rename", "shutil.move"),
    FileDelete: ("os.remove", "os.rmdir", "shutil.rmtree", "shutil.move"),
    FileCreate: ("os.mkdir", "tempfile.mkdtemp"),
    FileLink: ("os.symlink", "os.link"),
    FileMode: ("os.chmod", "os.chown", "shutil.copymode"),
    FileAttributes: ("os.utime", "os.setxattr", "os.removexattr", "shutil.copystat"),
    FileLock: ("fcntl.flock", "fcntl.lockf"),
    ProcessHandler: ("signal.signal",),
    ProcessSleep: ("time.sleep",),
    ProcessLimit: ("resource.setrlimit", "resource.prlimit"),
    MemoryProtect: ("mmap.__new__",),
    ProcessExec: ("os.exec",),
    ProcessSignal: ("os.kill", "signal.pthread_kill"),
    SocketCreate: ("socket.__new__", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"),
    SocketConnect: ("socket.connect", "socket.connect_ex", "http.client.connect", "socket.getaddrinfo"),
    SocketBind: ("socket.bind",),
    SocketListen: ("socket.listen", "socket.bind"),
    SocketAccept: ("socket.accept",),
    SocketSend: (
        "socket.send", "socket.sendall", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.connect",
    ),
    SocketReceive: ("socket.recv", "socket.recv_into", "socket.getaddrinfo", "socket.connect"),
}  # fmt: skip
"""Which announcements may precede which kind of act."""

_ONCE = frozenset(
    {"socket.send", "socket.sendall", "socket.recv", "socket.recv_into", "socket.accept", "socket.listen"}
)
"""The probe announces each place in the code that makes one of these once, so that they do not go out of date."""

_ABOUT_ANYTHING = frozenset({"socket.getaddrinfo", "http.client.connect"})
"""Announcements whose arguments are names, of which the kernel sees only addresses."""

_WITHOUT_ARGUMENTS = (ProcessHandler, ProcessSleep, ProcessLimit, MemoryProtect, FileLock)
"""Acts whose arguments the kernel sees in another form than the interpreter."""

_SOCKET_FLOWS = (SocketListen, SocketAccept, SocketSend, SocketReceive)


@dataclass(slots=True)
class _Calls:
    times: list[float] = field(default_factory=list)
    calls: list[ProbeCall] = field(default_factory=list)

    def add(self, call: ProbeCall) -> None:
        self.times.append(call.time)
        self.calls.append(call)

    def before(self, time: float) -> ProbeCall | None:
        place = bisect_right(self.times, time + _CLOCK_SECONDS)
        return self.calls[place - 1] if place else None


@dataclass(slots=True)
class _Process:
    by_name: dict[tuple[str, str], _Calls] = field(default_factory=dict)
    starts: list[ProbeCall] = field(default_factory=list)


class Announcements:
    """The probe's calls of one step, found by what they must be about."""

    def __init__(self, calls: Iterable[ProbeCall]) -> None:
        self._processes: dict[int, _Process] = {}
        for call in sorted(calls, key=lambda call: call.time):
            process = self._processes.setdefault(call.pid, _Process())
            for key in _keys_of(call):
                process.by_name.setdefault((call.name, key), _Calls()).add(call)
            if call.name in STARTS:
                process.starts.append(call)

    def __contains__(self, inner: int) -> bool:
        """Whether an interpreter announced itself by this process number."""
        return inner in self._processes

    def of(self, act: Act) -> ProbeCall | None:
        """The announcement of an act: the last fitting one before it, if that is not too long ago."""
        process = self._processes.get(act.process.inner)
        names = _NAMES.get(type(act.detail))
        if process is None or names is None:
            return None
        found: ProbeCall | None = None
        for call in _candidates(process, names, act):
            recent = call.name in _ONCE or act.time - call.time <= _WINDOW_SECONDS
            if recent and (found is None or call.time > found.time):
                found = call
        return found

    def start(self, inner: int, born: float) -> ProbeCall | None:
        """The announcement of a process that was made at a time. It is used up: each explains one process only."""
        process = self._processes.get(inner)
        if process is None:
            return None
        starts = process.starts
        place = bisect_right(starts, born + _CLOCK_SECONDS, key=lambda call: call.time) - 1
        if place < 0 or born - starts[place].time > _WINDOW_SECONDS:
            return None
        found = starts.pop(place)
        before = starts[place - 1] if place else None
        if before is not None and _announces_twice(before, found):
            del starts[place - 1]
        return found


def _announces_twice(first: ProbeCall, second: ProbeCall) -> bool:
    """Whether subprocess announced itself, and then the call that it makes."""
    same = (first.file, first.line) == (second.file, second.line)
    return same and (first.name, second.name) == ("subprocess.Popen", "os.posix_spawn")


def _candidates(process: _Process, names: tuple[str, ...], act: Act) -> Iterator[ProbeCall]:
    keys = _keys(act.detail)
    for name in names:
        for key in keys:
            calls = process.by_name.get((name, key))
            call = calls.before(act.time) if calls else None
            if call is not None:
                yield call


def _keys(detail: Detail) -> tuple[str, ...]:
    """What an announcement may be filed under to be about this act; the empty key is for those without arguments."""
    if isinstance(detail, (SocketCreate, *_SOCKET_FLOWS, *_WITHOUT_ARGUMENTS)):
        return (_UNKEYED, "*")
    if isinstance(detail, SocketConnect | SocketBind):
        return (_UNKEYED, _plain(detail.address.lstrip("@")), str(detail.port))
    if isinstance(detail, ProcessSignal):
        return (_UNKEYED, str(detail.target))
    path = _plain(getattr(detail, "path", "")[:_ARGUMENT_LENGTH])
    return (_UNKEYED, posixpath.basename(path) or path)


def _keys_of(call: ProbeCall) -> set[str]:
    if not call.arguments or call.name in _ABOUT_ANYTHING:
        return {_UNKEYED, "*"}
    keys = {"*"}
    for argument in call.arguments:
        text = _plain(argument).strip("\0")
        keys.add(posixpath.basename(text.rstrip("/")) or text)
        if call.name.startswith("socket."):
            keys.update([text, *text.split(" ")])
    return keys - {_UNKEYED}


def _plain(text: str) -> str:
    """Text in which whatever is not UTF-8 looks the same, however each side told it."""
    return _NOT_TEXT.sub("?", text)
