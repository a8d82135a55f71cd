"""Who did it: the Python code behind what the kernel saw, and whose code that is.

A process inherits the code that started it, for everything that it does without saying so itself. What nobody claims
is the package's.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, replace

from analyzer.model.event import (
    Attribution,
    FileOpen,
    FileRead,
    FileWrite,
    Location,
    Phase,
    ProcessCreate,
    ProcessExec,
    SocketCreate,
)
from analyzer.trace.authors import building, clocks, shells
from analyzer.trace.authors.announced import NATIVE_IMPORT
from analyzer.trace.authors.announcements import Announcements
from analyzer.trace.authors.driving import DriverWork, is_drivers, is_import, is_look
from analyzer.trace.authors.installed import Installed
from analyzer.trace.authors.prompts import Prompt
from analyzer.trace.authors.startup import own_work
from analyzer.trace.authors.unseen import with_unseen
from analyzer.trace.calls.kernel import Act, KernelTrace
from analyzer.trace.calls.marks import Marks
from analyzer.trace.calls.processes import Process
from analyzer.trace.logs.probe import ProbeCall
from analyzer.trace.tree.bytecode import BytecodeWriter

_BUILD_SCRIPT_RUNNERS = ("/setuptools/build_meta.py", "/distutils/core.py", "/_distutils/core.py")


_SITE = "-packages/"


@dataclass(frozen=True, slots=True)
class Attributed:
    """An act with who did it."""

    act: Act
    attribution: Attribution
    location: Location | None


@dataclass(frozen=True, slots=True)
class _Code:
    """A location, and whether it is the installer's or a build tool's."""

    location: Location
    tool: bool


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a process is by its birth: the code that started it, and whose it is."""

    origin: _Code | None
    attribution: Attribution


class Attributor:
    """Attributes the acts of one step. `user_home` is the sandbox's home folder; `marks` tell who wrote the probe's lines."""

    def __init__(
        self,
        phase: Phase,
        installed: Installed,
        calls: Iterable[ProbeCall],
        user_home: str = "/home",
        marks: Marks | None = None,
    ) -> None:
        self._phase = phase
        self._installed = installed
        self._user_home = user_home
        self._announcements = Announcements(calls, marks)
        self._standings: dict[Process, _Standing] = {}
        self._creations: dict[tuple[int, float], _Code | None] = {}
        self._threads: dict[tuple[Process, int], _Code] = {}
        self._replaced: dict[Process, float] = {}
        self._writers: dict[tuple[Process, str], _Code] = {}
        self._openers: dict[tuple[Process, str], Attributed] = {}
        self._imports: dict[Process, BytecodeWriter] = {}
        self._driver = DriverWork(())
        self._tainted: set[str] = set()

    def attribute(self, trace: KernelTrace) -> list[Attributed]:
        """All acts of a trace, each with its author. In its processes, parents come before their children."""
        self.follow(trace.acts, trace.processes)
        acts = clocks.settled(with_unseen(trace.acts))
        self._driver = DriverWork(acts)
        prompt = Prompt(self._user_home)
        own = own_work(acts) | shells.own_work(acts, self._user_home)
        own |= {place for place, act in enumerate(acts) if prompt.is_own(act)}
        return [self.one(act, own=place in own) for place, act in enumerate(acts)]

    def hear(self, calls: Iterable[ProbeCall]) -> None:
        """Takes further calls that the probe announced, none of its signs."""
        self._announcements.add(calls)

    def forget(self, before: float) -> None:
        """Lets go of what was announced before a time: acts that began before then are nobody's in particular."""
        self._announcements.forget(before)

    def follow(self, acts: Iterable[Act], processes: Iterable[Process]) -> None:
        """Takes the processes that are new, parents before their children, and the acts among which they and their threads were made."""
        self._follow_threads(acts)
        for process in processes:
            self._standings[process] = self._standing(process)

    def call(self, call: ProbeCall, process: Process | None) -> tuple[Location | None, Attribution]:
        """Where a probe's call stands and whose it is; no location for code of the interpreter's or of ours."""
        if not call.file or is_import(call) or is_look(call) or self._is_systems(call, process):
            return None, "interpreter"
        code = self._place(call, process)
        if self._phase != "install":
            return code.location, self._owner(code)
        standing = self._standings.get(process) if process is not None else None
        if standing is not None and standing.attribution != "installer":
            return code.location, standing.attribution
        return code.location, "installer" if code.tool else self._builder(process)

    def _is_systems(self, call: ProbeCall, process: Process | None) -> bool:
        """Whether an interpreter from outside of the environment, started for the user's site, runs what it brings in its own."""
        if process is None or self._phase == "install" or not self._is_first(process):
            return False
        home = f"{self._user_home}/"
        places = (call.file, *(file for file, _ in call.stack))
        return not process.path.startswith(home) and all(
            _SITE in place and not place.startswith(home) for place in places
        )

    def _follow_threads(self, acts: Iterable[Act]) -> None:
        """Which code started each thread: it stands behind what that thread does without saying so."""
        for act in acts:
            if isinstance(act.detail, ProcessCreate) and act.detail.thread:
                call = self._announcements.of(act)
                code = self._code(call, act.process) if call is not None else None
                code = code or self._threads.get((act.process, act.thread))
                if code is not None:
                    self._threads[act.process, act.detail.child] = code

    def _standing(self, process: Process) -> _Standing:
        parent = process.parent
        first: Attribution = "installer" if self._phase == "install" else "package"
        if parent is None or parent.ours:
            seen = self._phase != "install" or process.path  # an orphan of the install phase could be anybody's
            return _Standing(None, first if seen else "package")
        call = self._announcements.start(process)
        code = self._code(call, parent) if call is not None else None
        self._creations[process.pid, process.born] = code
        inherited = self._standings[parent]
        origin = self._threads.get((parent, process.maker), inherited.origin)
        if self._phase != "install" or inherited.attribution != "installer":
            return _Standing(code or origin, inherited.attribution)
        if code is not None:
            return _Standing(code, "installer" if code.tool else self._builder(parent))
        # A build hook that made a process without a word ran native code. Installers are told by having no parent here.
        silent = building.is_interpreter(parent) and not self._is_first(parent)
        return _Standing(origin, self._builder(parent) if silent else "installer")

    def one(self, act: Act, *, own: bool) -> Attributed:
        """An act with its author, after all that were before it; `own` is whether the loader, the interpreter or the shell did it itself.

        A file is read by whom it was opened for; all else is found out.
        """
        if own:
            return Attributed(act, "interpreter", None)
        detail = act.detail
        if isinstance(detail, FileRead):
            opener = self._openers.get((act.process, detail.path))
            if opener is not None:
                return Attributed(act, opener.attribution, opener.location)
        found = self._found(act)
        if isinstance(detail, FileOpen) and not detail.error:
            self._openers[act.process, detail.path] = found
        return found

    def _found(self, act: Act) -> Attributed:
        process = act.process
        call = self._announcements.of(act, self._replaced.get(process, 0.0))
        code = self._code(call, process) if call is not None else None
        standing = self._standings[process]
        if isinstance(act.detail, ProcessCreate):
            code = self._creations.get((act.detail.child, act.time), code)
        elif isinstance(act.detail, FileWrite):
            code = self._writers.get((process, act.detail.path), code)
        elif isinstance(act.detail, FileOpen) and act.detail.access != "read" and code is not None:
            self._writers[process, act.detail.path] = code
        origin = self._threads.get((process, act.thread), standing.origin)
        attribution = self._author(act, call, code, replace(standing, origin=origin))
        if isinstance(act.detail, ProcessExec) and not act.detail.error:
            self._replaced[process] = act.time
            self._standings[process] = replace(standing, origin=code or origin)
        if isinstance(act.detail, FileOpen) and act.detail.access != "read" and attribution != "installer":
            self._tainted.add(act.detail.path)
        shown = code or origin
        return Attributed(act, attribution, shown.location if shown else None)

    def _author(self, act: Act, call: ProbeCall | None, code: _Code | None, standing: _Standing) -> Attribution:
        if _is_start_of_step(act):
            return "installer" if self._phase == "install" else "interpreter"
        mode = call.arguments[1] if call is not None and call.name == "open" and len(call.arguments) > 1 else ""
        if self._driver.is_own(act, call) or _is_address_sorting(act, call):
            return "interpreter"
        writer = self._imports.setdefault(act.process, BytecodeWriter())
        if writer.is_import(act.detail, mode if not mode.startswith("<") else ""):
            return "interpreter"
        if self._phase == "install":
            return self._installing(act, code, standing)
        return self._owner(code or standing.origin)

    def _installing(self, act: Act, code: _Code | None, standing: _Standing) -> Attribution:
        """The installer and the build tools do their work; all else is by the build script."""
        process = act.process
        if standing.attribution != "installer" or self._is_first(process):
            return standing.attribution
        if code is not None and not code.tool:
            return self._builder(process)
        if not building.is_ordinary(act.detail, process, self._user_home):
            return self._builder(process)
        if code is None and building.is_interpreter(process) and building.is_announced(act.detail):
            return self._builder(process)
        return "installer"

    def _is_first(self, process: Process) -> bool:
        return process.parent is None or process.parent.ours

    def _builder(self, process: Process | None) -> Attribution:
        return "dependency" if process is not None and building.is_dependency(process, self._installed) else "package"

    def _owner(self, code: _Code | None) -> Attribution:
        distribution = code.location.distribution if code is not None else ""
        return "dependency" if distribution and not self._installed.is_target(distribution) else "package"

    def _code(self, call: ProbeCall, process: Process | None) -> _Code | None:
        """The code behind an announced act; none where code in C did it that the driver called."""
        return self._place(call, process) if call.file and not is_drivers(call) else None

    def _place(self, call: ProbeCall, process: Process | None) -> _Code:
        file, module = call.file, call.module
        installing = self._phase == "install" and process is not None
        if file.startswith("<") and installing and call.stack and call.stack[0][0].endswith(_BUILD_SCRIPT_RUNNERS):
            file, module = posixpath.join(process.home if process else "", "setup.py"), "setup"
        places = [file, *(place for place, _ in call.stack)] if file.startswith("<") else [file]
        if call.name == NATIVE_IMPORT:
            places = [*call.arguments[1:], *places]
        owner = next(filter(None, map(self._installed.owner, places)), "")
        tool = process is not None and building.is_tool(call, process) and call.file not in self._tainted
        if process is not None and installing and not owner and not tool:
            owner = building.dependency(process, self._installed)
        return _Code(Location(owner, module, file, call.line), tool)


def _is_address_sorting(act: Act, call: ProbeCall | None) -> bool:
    """Whether this is the C library asking the kernel which kinds of address the host has, to answer a lookup of a name."""
    detail = act.detail
    looked_up = call is not None and call.name.startswith("socket.get")
    return isinstance(detail, SocketCreate) and detail.family == "AF_NETLINK" and looked_up


def _is_start_of_step(act: Act) -> bool:
    """The command of the phase itself, which the supervisor started."""
    parent = act.process.parent
    first = isinstance(act.detail, ProcessExec) and act.time <= act.process.started
    return first and (parent is None or parent.ours)
