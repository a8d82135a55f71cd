"""A process of a traced command: who started it, what it runs, its folder, its descriptors, and what its paths lead to."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from analyzer.trace.calls.descriptors import OTHER, PIPE, Descriptor, console
from analyzer.trace.calls.naming import Links, Magic, Named, is_changed, opened, ran, tidy
from analyzer.trace.logs.births import CREATING, Born
from analyzer.trace.logs.literals import Handle, Quoted, Value, as_int
from analyzer.trace.logs.strace import Syscall

SESSION = "/run/session/"
"""Where the supervisor's pipes are, which the launcher may have opened for the command (`probes/hood/remote.py`)."""

SCRIPTS = "/srv/scripts/"
"""Where the user's own driver is inside the sandbox."""

RUNNER = "/srv/runner/"
DRIVER = f"{RUNNER}driver.py"
"""The driver inside the sandbox, with the folder that is its own (see `probes/hood/importing.py`)."""

_UNKNOWN = "?"


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
    of that, 0 while it runs. `epoch` is when the monotonic clock was at zero, 0 where that is not known.
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
    epoch: float = 0.0
    descriptors: dict[int, Descriptor] = field(default_factory=dict)
    links: Links = field(default_factory=Links)
    others: dict[int, Process] = field(default_factory=dict)

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
        """An absolute path, normalised by its text alone, from a path argument and the folder descriptor beside it.

        Text that is no path (a bad pointer) is given back as it is; an unknown folder becomes `?`.
        """
        if not isinstance(path, Quoted):
            return str(path) if isinstance(path, str) else _UNKNOWN
        text = path.text
        if not text and folder != "AT_FDCWD":
            return self._folder(folder)  # AT_EMPTY_PATH: the descriptor itself
        return tidy(text if text.startswith("/") else posixpath.join(self._folder(folder), text))

    def named(self, path: Value, folder: Value = "AT_FDCWD", *, follow: bool = True) -> Named:
        """Where a path argument leads, as far as the links are known, and what was asked for; `follow` as for its last name."""
        asked = self.resolve(path, folder)
        leads = self.leads(path, folder, asked, follow=follow)
        return Named(leads, asked if leads != asked else "")

    def leads(self, path: Value, folder: Value, asked: str, *, follow: bool = True) -> str:
        """Where a path argument leads; `asked` is the same one by its text alone."""
        if not isinstance(path, Quoted) or not asked.startswith("/"):
            return asked
        text = path.text
        if not text:
            return asked
        if ".." in text:  # what is above a link is not what is above its target
            whole = text if text.startswith("/") else posixpath.join(self._folder(folder), text)
        else:
            whole = asked + "/" if text.endswith("/") else asked
        return self.links.lead(whole, Magic(self.inner, self._magic), follow=follow)

    def opened(self, path: Value, folder: Value, found: str, *, follow: bool = True) -> tuple[Named, bool]:
        """The name of what a call opened, and whether it is another file than the path leads to.

        `found` is where the kernel says that it is, "" where it does not.
        """
        asked = self.resolve(path, folder)
        leads = self.leads(path, folder, asked, follow=follow)
        name = opened(asked, leads, found, self.inner)
        return name, bool(found) and is_changed(leads, name.path, self.links)

    def ran(self, path: Value, folder: Value, found: str) -> Named:
        """The name of a program; `found` is where the kernel says that it is, "" where it does not."""
        asked = self.resolve(path, folder)
        return ran(asked, self.leads(path, folder, asked), found)

    def _magic(self, number: str, words: tuple[str, ...]) -> str | None:
        """Where a link in a process's folder of /proc leads; None for what is not known."""
        if words == ("root",):
            return "/"
        own = number in {"self", "thread-self"} or number == str(self.inner)
        process = self if own else self.others.get(int(number))
        if process is None:
            return None
        if words == ("cwd",):
            place = process.directory
        elif words == ("exe",):
            place = process.path
        elif len(words) == 2 and words[0] == "fd":
            place = process.descriptor(words[1]).path
        else:
            return None
        return place if place.startswith(("/", "memfd:")) else None

    def descriptor(self, number: Value) -> Descriptor:
        """What a descriptor argument refers to; OTHER where that was not seen."""
        return self.descriptors.get(as_int(number, -1), OTHER)

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
        """The folder of a descriptor argument: the kernel's own name of it, where the log has that."""
        if isinstance(folder, Handle) and folder.path.startswith("/"):
            if folder == "AT_FDCWD" and folder.path != self.directory:
                self.directory = folder.path
            return folder.path
        if folder == "AT_FDCWD":
            return self.directory
        return self.descriptor(folder).path or _UNKNOWN


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
