"""The processes of one traced command: who started whom, what each runs, where it stands, and what its descriptors are."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from analyzer.trace.literals import Quoted, Value
from analyzer.trace.strace import Item, Syscall

_CREATING = frozenset({"clone", "clone3", "fork", "vfork"})


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What a file descriptor refers to. Address and port are the peer's; `local_address` and `local_port` from bind."""

    type: Literal["file", "socket", "other"]
    path: str = ""
    family: str = ""
    socket_type: str = ""
    address: str = ""
    port: int = 0
    local_address: str = ""
    local_port: int = 0
    closes_on_exec: bool = False


OTHER = Descriptor("other")


@dataclass(slots=True, eq=False)
class Process:
    """A process (not a thread), in the tracer's numbering. `inner` is its number as it sees itself, 0 until known.

    `ours` is true until it runs the command that the phase is about: before that it belongs to the sandbox's launcher.
    """

    pid: int
    parent: Process | None
    started: float
    ours: bool
    path: str = ""
    argv: tuple[str, ...] = ()
    directory: str = "/"
    inner: int = 0
    exit: str = ""
    line: int = 0
    descriptors: dict[int, Descriptor] = field(default_factory=dict)

    @property
    def program(self) -> str:
        """Base name of the program that it runs."""
        return posixpath.basename(self.path)

    def resolve(self, path: Value, folder: Value = "AT_FDCWD") -> str:
        """An absolute path, lexically normalised, from a path argument and the folder descriptor beside it.

        Text that is no path (a bad pointer) is given back as it is; an unknown folder becomes `?`.
        """
        if not isinstance(path, Quoted):
            return str(path) if isinstance(path, str) else "?"
        text = path.text
        if not text.startswith("/"):
            text = posixpath.join(self._folder(folder), text)
        normal = posixpath.normpath(text)
        return "/" + normal.lstrip("/") if normal.startswith("//") else normal

    def descriptor(self, number: Value) -> Descriptor:
        """What a descriptor argument refers to; OTHER where that was not seen."""
        return self.descriptors.get(as_int(number, -1), OTHER)

    def replace_program(self, path: str, argv: tuple[str, ...]) -> None:
        """After a successful exec: another program, without the descriptors that close on exec."""
        self.path, self.argv = path, argv
        self.descriptors = {number: one for number, one in self.descriptors.items() if not one.closes_on_exec}

    def _folder(self, folder: Value) -> str:
        if folder == "AT_FDCWD":
            return self.directory
        return self.descriptor(folder).path or "?"


class ProcessTable:
    """All processes of one log. Which thread belongs to which process is known from the start, since it reads the log ahead."""

    def __init__(self, items: Iterable[Item], directory: str) -> None:
        self._directory = directory
        self._parents: dict[int, tuple[int, bool, int]] = {}
        self.processes: dict[int, Process] = {}
        for item in items:
            if isinstance(item, Syscall) and item.name in _CREATING and (item.result or 0) > 0:
                self._parents[child_of(item)] = (item.pid, is_thread(item), item.result or 0)

    def find(self, pid: int, time: float, line: int) -> Process:
        """The process of a process or thread number; made, from its parent's state, when it is seen for the first time."""
        leader = self._leader(pid)
        process = self.processes.get(leader)
        if process is None:
            process = self._make(leader, time, line)
            self.processes[leader] = process
        return process

    def _leader(self, pid: int) -> int:
        for _ in range(len(self._parents) + 1):
            parent, thread, _ = self._parents.get(pid, (0, False, 0))
            if not thread:
                return pid
            pid = parent
        return pid

    def _make(self, pid: int, time: float, line: int) -> Process:
        maker, _, inner = self._parents.get(pid, (0, False, 0))
        parent = self.processes.get(self._leader(maker)) if maker else None
        if parent is None:
            return Process(pid, None, time, ours=True, directory=self._directory, line=line)
        return Process(
            pid, parent, time, ours=parent.ours, path=parent.path, argv=parent.argv, directory=parent.directory, inner=inner, line=line,
            descriptors=dict(parent.descriptors),
        )  # fmt: skip


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
    if not isinstance(value, str):
        return default
    text = value.split(" ", 1)[0]
    try:
        return int(text, 8) if text.startswith("0") and text.isdigit() else int(text, 0)
    except ValueError:
        return default


def closing(descriptor: Descriptor, flags: Value) -> Descriptor:
    """The descriptor with the close-on-exec mark that its flags give it."""
    marked = isinstance(flags, str) and ("CLOEXEC" in flags)
    return replace(descriptor, closes_on_exec=marked)
