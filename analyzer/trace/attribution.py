"""Who did it: joins what the kernel saw to the Python code that the interpreter probe named, and tells package from installer.

The join is by process, kind of call, a telling argument (a path, an address, a program) and time: the interpreter announces a call
just before the kernel sees it. A process that Python code started inherits that code's location for everything that it does itself.
"""

from __future__ import annotations

import posixpath
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from analyzer.model.event import (
    Attribution,
    Detail,
    FileCreate,
    FileDelete,
    FileLink,
    FileMode,
    FileOpen,
    FileRename,
    FileWrite,
    Location,
    Phase,
    ProcessCreate,
    ProcessExec,
    ProcessSignal,
    SocketAccept,
    SocketBind,
    SocketConnect,
    SocketListen,
    SocketReceive,
    SocketSend,
)
from analyzer.trace.installed import Installed
from analyzer.trace.kernel import Act
from analyzer.trace.probe import ProbeCall
from analyzer.trace.processes import Process

_WINDOW_SECONDS = 5.0
_DRIVER = "/srv/runner/"
_STARTS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "pty.spawn", "os.fork", "os.forkpty", "webbrowser.open"})

_NAMES: dict[type, frozenset[str]] = {
    FileOpen: frozenset({"open", "tempfile.mkstemp", "sqlite3.connect", "shutil.copyfile"}),
    FileWrite: frozenset({"open", "shutil.copyfile", "tempfile.mkstemp", "os.truncate"}),
    FileRename: frozenset({"os.rename", "shutil.move"}),
    FileDelete: frozenset({"os.remove", "os.rmdir", "shutil.rmtree", "shutil.move"}),
    FileCreate: frozenset({"os.mkdir", "tempfile.mkdtemp"}),
    FileLink: frozenset({"os.symlink", "os.link"}),
    FileMode: frozenset({"os.chmod", "os.chown", "shutil.copymode"}),
    ProcessExec: _STARTS,
    ProcessCreate: _STARTS,
    ProcessSignal: frozenset({"os.kill", "signal.pthread_kill"}),
    SocketConnect: frozenset({"socket.connect", "socket.connect_ex", "http.client.connect", "socket.getaddrinfo"}),
    SocketBind: frozenset({"socket.bind"}),
    SocketListen: frozenset({"socket.listen", "socket.bind"}),
    SocketAccept: frozenset({"socket.accept"}),
    SocketSend: frozenset({"socket.send", "socket.sendall", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.connect"}),
    SocketReceive: frozenset({"socket.recv", "socket.recv_into", "socket.getaddrinfo", "socket.connect"}),
}
"""Which announcements may precede which kind of act."""


@dataclass(frozen=True, slots=True)
class Attributed:
    """An act with who did it."""

    act: Act
    attribution: Attribution
    location: Location | None


@dataclass(slots=True)
class _Announced:
    """The probe's calls of one process, in order of time."""

    times: list[float] = field(default_factory=list)
    calls: list[ProbeCall] = field(default_factory=list)

    def before(self, act: Act, names: frozenset[str]) -> ProbeCall | None:
        """The last fitting announcement before the act: one with the same argument if there is any, else the nearest."""
        place = bisect_right(self.times, act.time + 0.002)
        keys = _keys(act.detail)
        for call in reversed(self.calls[max(0, place - 400) : place]):
            if act.time - call.time > _WINDOW_SECONDS:
                break
            if call.name in names and (not keys or not call.arguments or _fits(call, keys)):
                return call
        return None


class Attributor:
    """Attributes the acts of one step."""

    def __init__(self, phase: Phase, installed: Installed, calls: Iterable[ProbeCall]) -> None:
        self._phase = phase
        self._installed = installed
        self._announced: dict[int, _Announced] = {}
        self._origins: dict[Process, Location | None] = {}
        for call in sorted(calls, key=lambda call: call.time):
            announced = self._announced.setdefault(call.pid, _Announced())
            announced.times.append(call.time)
            announced.calls.append(call)

    def attribute(self, acts: Sequence[Act]) -> list[Attributed]:
        """All acts, each with its author."""
        return [self._one(act) for act in acts]

    def location(self, call: ProbeCall) -> Location | None:
        """The code that a probe's call names; none for code of the interpreter's or of ours."""
        if not call.file or call.file.startswith(_DRIVER):
            return None
        return Location(self._installed.owner(call.file), call.module, call.file, call.line)

    def author(self, location: Location | None, process: Process | None) -> Attribution:
        """Whose act it is, from its location and, in the install phase, from the process that did it."""
        if self._phase == "install":
            return self._installing(location, process)
        if location is not None and location.distribution and not self._installed.is_target(location.distribution):
            return "dependency"
        return "package"

    def _one(self, act: Act) -> Attributed:
        names = _NAMES.get(type(act.detail))
        announced = self._announced.get(act.process.inner)
        call = announced.before(act, names) if names and announced else None
        location = self.location(call) if call else None
        if isinstance(act.detail, ProcessExec) and act.outcome == "completed" and location is not None:
            self._origins[act.process] = location
        if location is None:
            location = self._origin(act)
        return Attributed(act, self._author_of(act, location), location)

    def _author_of(self, act: Act, location: Location | None) -> Attribution:
        if _is_start_of_step(act):
            return "installer" if self._phase == "install" else "interpreter"
        if _is_bytecode_cache(act.detail):
            return "interpreter"
        return self.author(location, act.process)

    def _origin(self, act: Act) -> Location | None:
        """The location of the code that started the process, or one of its ancestors."""
        process: Process | None = act.process
        while process is not None and not process.ours:
            if process in self._origins:
                return self._origins[process]
            parent = process.parent
            announced = self._announced.get(parent.inner) if parent is not None else None
            if announced is not None and isinstance(act.detail, ProcessExec):
                call = announced.before(act, _STARTS)
                if call is not None:
                    self._origins[process] = self.location(call)
                    return self._origins[process]
            process = parent
        return None

    def _installing(self, location: Location | None, process: Process | None) -> Attribution:
        """The installer and the build backend do their work; the package's own code is its setup.py or its in-tree backend."""
        if location is not None:
            return "installer" if _is_build_tool(location.file) else "package"
        return "package" if process is not None and _is_foreign(process) else "installer"


def _is_build_tool(path: str) -> bool:
    return "/site-packages/" in path or path in {"<string>", "<stdin>"} or "/.tmp" not in path and path.endswith("/uv")


def _is_foreign(process: Process) -> bool:
    """Whether a process of the install phase runs below a build hook's interpreter: native code may act without the probe."""
    parent = process.parent
    return process.program not in {"uv", "pip"} and parent is not None and not parent.ours and "python" in parent.program


def _is_start_of_step(act: Act) -> bool:
    """The command of the phase itself, which the supervisor started."""
    parent = act.process.parent
    first = isinstance(act.detail, ProcessExec) and act.time <= act.process.started
    return first and (parent is None or parent.ours)


def _is_bytecode_cache(detail: Detail) -> bool:
    """Whether it is the import system writing a module's compiled form, as every first import does."""
    path = getattr(detail, "path", "")
    return "/__pycache__/" in path and ".pyc" in posixpath.basename(path) or path.endswith("/__pycache__")


def _keys(detail: Detail) -> tuple[str, ...]:
    """What an announcement's arguments must mention to be about this act."""
    if isinstance(detail, ProcessExec):
        return ()
    if isinstance(detail, SocketConnect):
        return (detail.address, str(detail.port)) if detail.family != "AF_UNIX" else (detail.address,)
    path = getattr(detail, "path", "")
    return (posixpath.basename(path),) if path else ()


def _fits(call: ProbeCall, keys: tuple[str, ...]) -> bool:
    if call.name in {"socket.getaddrinfo", "http.client.connect", "os.system", "os.fork", "os.forkpty"}:
        return True
    text = " ".join(call.arguments)
    return any(key in text for key in keys if key)
