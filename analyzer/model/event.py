"""One event: a fact that one observation layer saw, with the raw line that proves it.

An `Event` is a header (when, in which phase, which process, which layer) around one of the detail classes below. The
detail's class attribute `kind` is the name that rules use; its fields are the names that a rule's conditions may
test. Paths are absolute where the working directory was known, and say where a file really is, as far as the trace tells that
(`analyzer/trace/calls/naming.py`); a detail's `asked` is the path that was asked for where that is another one. Text from the
sandbox is kept as it was decoded (bytes that are not UTF-8 as surrogate escapes) and is hostile until a renderer escapes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from analyzer.model.details.file import (
    ConsoleWrite,
    FileAttributes,
    FileCreate,
    FileDelete,
    FileLink,
    FileLock,
    FileMode,
    FileOpen,
    FileQuery,
    FileRead,
    FileRename,
    FileTree,
    FileWrite,
)
from analyzer.model.details.interpreter import InterpreterSilence, PackageMetadata, PythonCall, SilenceName, StepEnd
from analyzer.model.details.network import (
    NetworkDns,
    NetworkExchange,
    NetworkFlow,
    NetworkHttp,
    NetworkSecret,
    NetworkStream,
    NetworkTls,
)
from analyzer.model.details.process import (
    MemoryProtect,
    ProcessAbi,
    ProcessClock,
    ProcessControl,
    ProcessCreate,
    ProcessExec,
    ProcessExit,
    ProcessHandler,
    ProcessLimit,
    ProcessOutlive,
    ProcessPipe,
    ProcessSignal,
    ProcessSleep,
    ProcessSubmit,
    Race,
)
from analyzer.model.details.socket import (
    SocketAccept,
    SocketBind,
    SocketConnect,
    SocketCreate,
    SocketListen,
    SocketOption,
    SocketReceive,
    SocketSend,
    SocketState,
    TcpStateName,
)

__all__ = [
    "DETAILS",
    "PACKAGES",
    "PHASES",
    "Attribution",
    "ConsoleWrite",
    "Detail",
    "Event",
    "FileAttributes",
    "FileCreate",
    "FileDelete",
    "FileLink",
    "FileLock",
    "FileMode",
    "FileOpen",
    "FileQuery",
    "FileRead",
    "FileRename",
    "FileTree",
    "FileWrite",
    "InterpreterSilence",
    "Layer",
    "Location",
    "MemoryProtect",
    "NetworkDns",
    "NetworkExchange",
    "NetworkFlow",
    "NetworkHttp",
    "NetworkSecret",
    "NetworkStream",
    "NetworkTls",
    "Outcome",
    "PackageMetadata",
    "Phase",
    "ProcessAbi",
    "ProcessClock",
    "ProcessControl",
    "ProcessCreate",
    "ProcessExec",
    "ProcessExit",
    "ProcessHandler",
    "ProcessLimit",
    "ProcessOutlive",
    "ProcessPipe",
    "ProcessSignal",
    "ProcessSleep",
    "ProcessSubmit",
    "PythonCall",
    "Race",
    "SilenceName",
    "SocketAccept",
    "SocketBind",
    "SocketConnect",
    "SocketCreate",
    "SocketListen",
    "SocketOption",
    "SocketReceive",
    "SocketSend",
    "SocketState",
    "Source",
    "StepEnd",
    "TcpStateName",
]

Layer = Literal["syscall", "packet", "filesystem", "interpreter"]
Phase = Literal["install", "startup", "import", "execute"]
Outcome = Literal["completed", "attempted"]
Attribution = Literal["package", "dependency", "installer", "interpreter"]

PHASES: tuple[Phase, ...] = ("install", "startup", "import", "execute")

PACKAGES: Final = frozenset[Attribution]({"package", "dependency"})
"""Whose acts are reported: the analysed package's, and those of what it needs."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the raw evidence stands: a file of the record and the line in it, counted from 1 (0: no line)."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Location:
    """The Python code that did it: distribution name, dotted module, file inside the sandbox and line."""

    distribution: str
    module: str
    file: str
    line: int


Detail = (
    ProcessExec | ProcessCreate | ProcessExit | ProcessSignal | ProcessControl | ProcessOutlive | ProcessHandler
    | ProcessSleep | ProcessPipe | ProcessLimit | ProcessClock | ProcessSubmit | ProcessAbi | Race | MemoryProtect
    | FileOpen | FileQuery | FileRead | FileWrite | FileRename | FileDelete | FileCreate | FileLink | FileMode | FileAttributes
    | FileLock | FileTree | ConsoleWrite
    | SocketCreate | SocketConnect | SocketBind | SocketListen | SocketAccept | SocketSend | SocketReceive | SocketOption
    | SocketState
    | NetworkFlow | NetworkDns | NetworkHttp | NetworkTls | NetworkStream | NetworkExchange | NetworkSecret
    | PythonCall | InterpreterSilence | StepEnd | PackageMetadata
)  # fmt: skip

DETAILS: dict[str, type[Detail]] = {detail.kind: detail for detail in get_args(Detail)}
"""Every detail class by its kind: the vocabulary that the rule linter checks against."""


@dataclass(frozen=True, slots=True)
class Event:
    """One observed fact.

    `time` is seconds since the epoch by the sandbox host's clock; `pid` the process's number in the tracer's view (0
    where the layer cannot tell); `process` the program it ran; `location` the Python code that caused it, where known.
    `step` is the number of the traced command, whose processes are one tree; 0 where an event belongs to a whole phase.
    """

    time: float
    phase: Phase
    layer: Layer
    pid: int
    process: str
    outcome: Outcome
    attribution: Attribution
    detail: Detail
    source: Source
    location: Location | None = None
    step: int = 0

    @property
    def kind(self) -> str:
        """The detail's kind, by which rules are indexed."""
        return self.detail.kind
