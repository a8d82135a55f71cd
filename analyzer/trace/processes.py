"""The processes of one traced command: who started whom, what each runs, its folder and its descriptors."""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from analyzer.trace.births import CREATING, Born
from analyzer.trace.descriptors import OTHER, PIPE, Descriptor, console
from analyzer.trace.literals import Quoted, Value
from analyzer.trace.strace import Syscall

SESSION = "/run/session/"
"""Where the supervisor's pipes are, which the launcher may have opened for the command (`probes/hood/remote.py`)."""

SCRIPTS = "/srv/scripts/"
"""Where the user's own driver is inside the sandbox."""

RUNNER = "/srv/runner/"
DRIVER = f"{RUNNER}driver.py"
"""The driver inside the sandbox, with the folder that is its own (see `probes/hood/importing.py`)."""

_UNKNOWN = "?"
_REMEMBERED = 4096
_OWN_DESCRIPTOR = re.compile(r"/(?:proc/(self|thread-self|[0-9]{1,10})|dev)/fd/([0-9]{1,10})")


@dataclass(slots=True, eq=False)
class Place:
    """A working directory, which processes made with CLONE_FS have in common."""

    directory: str = "/"


@dataclass(slots=True, eq=False)
class Process:
    """A process (not a thread), in the tracer's numbering. `inner` is its number as it sees itself, 0 until known.

    `born` is when the call that made it began, and `maker` the thread of its parent that did; `started` is when it was first
    seen or began to run the phase's command.
    `home` is the working directory in which its program was started. `place` and `descriptors` may be shared with
    other processes. `ours` is true until it runs the command that the phase is about: before that it belongs to the
    sandbox's launcher. `ended` and `end_line` are when it ended and the log's line
    of that, 0 while it runs.
    """

    pid: int
    parent: Process | None
    started: float
    ours: bool
    path: str = ""
    argv: tuple[str, ...] = ()
    place: Place = field(default_factory=Place)
    home: str = "/"
    inner: int = 0
    exit: str = ""
    ended: float = 0.0
    end_line: int = 0
    line: int = 0
    born: float = 0.0
    maker: int = 0
    descriptors: dict[int, Descriptor] = field(default_factory=dict)

    @property
    def program(self) -> str:
        """Base name of the program that it runs."""
        return posixpath.basename(self.path)

    @property
    def directory(self) -> str:
        """The working directory; `?` where it is not known."""
        return self.place.directory

    @directory.setter
    def directory(self, path: str) -> None:
        self.place.directory = path

    def resolve(self, path: Value, folder: Value = "AT_FDCWD") -> str:
        """An absolute path, lexically normalised, from a path argument and the folder descriptor beside it.

        Text that is no path (a bad pointer) is given back as it is; an unknown folder becomes `?`.
        """
        if not isinstance(path, Quoted):
            return str(path) if isinstance(path, str) else _UNKNOWN
        text = path.text
        if not text and folder != "AT_FDCWD":
            return self._folder(folder)  # AT_EMPTY_PATH: the descriptor itself
        if not text.startswith("/"):
            text = posixpath.join(self._folder(folder), text)
        if "//" not in text and "/." not in text and not text.endswith("/"):
            return text
        normal = posixpath.normpath(text)
        return "/" + normal.lstrip("/") if normal.startswith("//") else normal

    def descriptor(self, number: Value) -> Descriptor:
        """What a descriptor argument refers to; OTHER where that was not seen."""
        return self.descriptors.get(as_int(number, -1), OTHER)

    def executable(self, path: str) -> str:
        """The path of a program: `memfd:NAME` for one in memory that is named by its descriptor in /proc or /dev."""
        match = _OWN_DESCRIPTOR.fullmatch(path)
        if match is None or (match[1] and match[1].isdigit() and int(match[1]) != self.inner):
            return path
        target = self.descriptor(match[2]).path
        return target if target.startswith("memfd:") else path

    def stream(self, number: int) -> str:
        """What a standard stream refers to, as `ProcessExec` tells it; `?` where that was not seen."""
        one = self.descriptors.get(number, OTHER)
        if one.type == "console":
            return ""
        if one.type == "socket":
            return f"socket {one.family}"
        return "pipe" if one.type == "pipe" else one.path or _UNKNOWN

    def begin(self, time: float) -> None:
        """Runs the phase's command from now on."""
        self.ours = False
        self.started = time
        pipes = {number: PIPE for number, one in self.descriptors.items() if one.path.startswith(SESSION)}
        self.descriptors |= pipes | console()

    def replace_program(self, path: str, argv: tuple[str, ...]) -> None:
        """After a successful exec: another program, sharing nothing, without the descriptors that close on exec."""
        self.path, self.argv = path, argv
        self.place = Place(self.directory)
        self.home = self.directory
        self.descriptors = {number: one for number, one in self.descriptors.items() if not one.closes_on_exec}

    def _folder(self, folder: Value) -> str:
        if folder == "AT_FDCWD":
            return self.directory
        return self.descriptor(folder).path or _UNKNOWN


class ProcessTable:
    """All processes of one log. Who made whom must be known before a child does anything.

    strace's log tells a creation where the call ends, which may be after what the child did: its births are given at the
    start. The kernel's log tells each in time, and it is announced. A number may be used again after its process ended:
    each birth is one generation, each end finishes one. `begun` is set once the phase's command was started, with `first` the
    number of its process inside the sandbox; `orphans` counts processes whose birth is not in the log.
    """

    def __init__(self, births: Iterable[Born], directory: str) -> None:
        self._directory = directory
        self._births: dict[int, deque[Born]] = {}
        self._live: dict[int, Process] = {}
        self.processes: list[Process] = []
        self.orphans = 0
        self.begun = False
        self.first = 0
        for birth in births:
            self._births.setdefault(birth.child, deque()).append(birth)

    def announce(self, birth: Born) -> None:
        """A birth, told in time: who had the child's number before is gone, even if the log lost its end."""
        self.find(birth.pid, birth.time, birth.line)
        self._live.pop(birth.child, None)
        self._births[birth.child] = deque([birth])

    def find(self, pid: int, time: float, line: int, inner: int = 0) -> Process:
        """The process of a process or thread number; made from its parent's state when it is first seen.

        `inner` is its number inside the sandbox, where that is known.
        """
        found = self._live.get(pid)
        return found if found is not None else self._first_seen(pid, time, line, inner)

    def known(self, pid: int, time: float, line: int) -> Process | None:
        """The process of a number that has one: a live one, or one whose creation is in the log and its end is not yet."""
        return self.find(pid, time, line) if pid in self._live or self._births.get(pid) else None

    def born(self, call: Syscall) -> None:
        """A creation returned: the child gets its maker's state of now, unless it was seen (or ended) before."""
        child = child_of(call)
        births = self._births.get(child)
        if births and births[0].line == call.line:
            self.find(child, call.time, call.line)

    def end(self, pid: int) -> None:
        """A process or thread ended: its number is free for another one."""
        self._live.pop(pid, None)
        births = self._births.get(pid)
        if births:
            births.popleft()
            if not births:
                del self._births[pid]

    def _first_seen(self, pid: int, time: float, line: int, inner: int) -> Process:
        births = self._births.get(pid)
        birth = births[0] if births else None
        maker = self._live.get(birth.pid) if birth else None
        if birth is not None and birth.thread and maker is not None:
            process = maker
        else:
            process = self._make(pid, birth, maker, time, line, inner)
            self.processes.append(process)
        self._live[pid] = process
        return process

    def _make(
        self, pid: int, birth: Born | None, parent: Process | None, time: float, line: int, inner: int
    ) -> Process:
        if birth is None or parent is None:
            # Before the command, nobody but the launcher runs: such as what waits as the first process of a namespace, which has
            # a lower number. Any other one whose creation was not seen could be the package's.
            ours = not self.begun or 0 < inner < self.first
            self.orphans += not ours
            return Process(
                pid=pid,
                parent=None,
                started=time,
                ours=ours,
                place=Place(self._directory),
                home=self._directory,
                line=line,
                descriptors={} if self.processes else console(),
            )
        return Process(
            pid=pid,
            parent=parent,
            started=time,
            ours=parent.ours,
            path=parent.path,
            argv=parent.argv,
            place=parent.place if birth.shares_place else Place(parent.directory),
            home=parent.home,
            inner=0 if parent.ours else birth.inner,
            line=line,
            born=birth.time,
            maker=birth.pid,
            descriptors=parent.descriptors if birth.shares_files else dict(parent.descriptors),
        )


def births(calls: Iterable[object]) -> Iterator[Born]:
    """What the creations among a log's items gave birth to."""
    for call in calls:
        if isinstance(call, Syscall) and call.name in CREATING and (call.result or 0) > 0:
            flags = creation_flags(call)
            yield Born(
                pid=call.pid,
                time=call.time,
                child=child_of(call),
                inner=call.result or 0,
                thread="CLONE_THREAD" in flags,
                shares_files="CLONE_FILES" in flags,
                shares_place="CLONE_FS" in flags,
                line=call.line,
            )


def child_of(call: Syscall) -> int:
    """The new process's number in the tracer's numbering."""
    return call.tracer_result if call.tracer_result is not None else call.result or 0


def creation_flags(call: Syscall) -> tuple[str, ...]:
    """The CLONE_ flags of a clone or clone3; fork and vfork have none."""
    for argument in call.arguments:
        if isinstance(argument, str) and argument.startswith("flags="):
            return tuple(argument.removeprefix("flags=").split("|"))
        if not isinstance(argument, (str, Quoted, tuple)):
            flags = argument.get("flags")
            return tuple(flags.split("|")) if isinstance(flags, str) else ()
    return ()


def is_thread(call: Syscall) -> bool:
    """Whether the new process is a thread of the caller."""
    return "CLONE_THREAD" in creation_flags(call)


def as_int(value: Value, default: int = 0) -> int:
    """A number argument; strace prints them decimal, octal (modes) or hexadecimal."""
    number = _number(value) if isinstance(value, str) else None
    return default if number is None else number


@lru_cache(_REMEMBERED)
def _number(text: str) -> int | None:
    text = text.split(" ", 1)[0]
    try:
        return int(text, 8) if text.startswith("0") and text.isdigit() else int(text, 0)
    except ValueError:
        return None
