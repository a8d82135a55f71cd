"""One event: a fact that one observation layer saw, with the raw line that proves it.

An `Event` is a header (when, in which phase, which process, which layer) around one of the detail classes below. The
detail's class attribute `kind` is the name that rules use; its fields are the names that a rule's conditions may
test. Paths are absolute and lexically normalised where the working directory was known; text from the sandbox is kept
as it was decoded (bytes that are not UTF-8 as surrogate escapes) and is hostile until a renderer escapes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Layer = Literal["syscall", "packet", "filesystem", "interpreter"]
Phase = Literal["install", "startup", "import", "execute"]
Outcome = Literal["completed", "attempted"]
Attribution = Literal["package", "dependency", "installer", "interpreter"]

PHASES: tuple[Phase, ...] = ("install", "startup", "import", "execute")


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


@dataclass(frozen=True, slots=True)
class ProcessExec:
    """A program was started in a process (execve, execveat). `program` is the file's base name."""

    kind: ClassVar[str] = "process.exec"
    path: str
    program: str
    argv: tuple[str, ...]
    error: str


@dataclass(frozen=True, slots=True)
class ProcessCreate:
    """A process or thread was made (fork, vfork, clone, clone3)."""

    kind: ClassVar[str] = "process.create"
    child: int
    thread: bool
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProcessExit:
    """A process ended, with an exit status or by a signal (0 and "" where it is the other)."""

    kind: ClassVar[str] = "process.exit"
    status: int
    signal: str


@dataclass(frozen=True, slots=True)
class ProcessSignal:
    """A signal was sent to another process (kill, tkill, tgkill, pidfd_send_signal)."""

    kind: ClassVar[str] = "process.signal"
    signal: str
    target: int


@dataclass(frozen=True, slots=True)
class ProcessControl:
    """A process changed what it is or looked into another: ptrace, prctl, setuid, unshare, mount and their like."""

    kind: ClassVar[str] = "process.control"
    call: str
    arguments: tuple[str, ...]
    error: str


@dataclass(frozen=True, slots=True)
class FileOpen:
    """A file was opened or created (open, openat, creat). `access` is what the flags asked for."""

    kind: ClassVar[str] = "file.open"
    path: str
    access: Literal["read", "write", "read-write"]
    flags: tuple[str, ...]
    error: str


@dataclass(frozen=True, slots=True)
class FileWrite:
    """Bytes went into a regular file (write, writev, pwrite64, sendfile, copy_file_range, truncate)."""

    kind: ClassVar[str] = "file.write"
    path: str
    call: str
    size: int


@dataclass(frozen=True, slots=True)
class FileRename:
    """A file or directory got another name (rename, renameat, renameat2)."""

    kind: ClassVar[str] = "file.rename"
    path: str
    target: str
    error: str


@dataclass(frozen=True, slots=True)
class FileDelete:
    """A file was unlinked, or a directory removed."""

    kind: ClassVar[str] = "file.delete"
    path: str
    directory: bool
    error: str


@dataclass(frozen=True, slots=True)
class FileCreate:
    """A directory or a special file was made (mkdir, mkdirat, mknod)."""

    kind: ClassVar[str] = "file.create"
    path: str
    type: Literal["directory", "fifo", "device", "socket"]
    error: str


@dataclass(frozen=True, slots=True)
class FileLink:
    """A second name for a file: `path` is the new name, `target` what it points to, as it was written."""

    kind: ClassVar[str] = "file.link"
    path: str
    target: str
    symbolic: bool
    error: str


@dataclass(frozen=True, slots=True)
class FileMode:
    """Permissions or owner of a file were changed (chmod and chown families). `mode` is octal text, "" for chown."""

    kind: ClassVar[str] = "file.mode"
    path: str
    call: str
    mode: str
    error: str


@dataclass(frozen=True, slots=True)
class FileTree:
    """What a phase left in the writable tree, found by comparing it before and after.

    `change` is created, modified or deleted; `type` is file, directory, symlink or other; `head` is the first bytes
    as text with escapes; `target` a symbolic link's text; `distribution` the installed distribution whose RECORD
    lists the path.
    """

    kind: ClassVar[str] = "file.tree"
    path: str
    change: Literal["created", "modified", "deleted"]
    type: Literal["file", "directory", "symlink", "other"]
    mode: str
    size: int
    target: str
    head: str
    distribution: str


@dataclass(frozen=True, slots=True)
class SocketCreate:
    """A socket was made. `family` and `type` as the kernel names them (AF_INET, SOCK_STREAM)."""

    kind: ClassVar[str] = "socket.create"
    family: str
    type: str
    protocol: str
    error: str


@dataclass(frozen=True, slots=True)
class SocketConnect:
    """A socket was connected, or tried to. `error` is "" for success and for EINPROGRESS, which `pending` tells."""

    kind: ClassVar[str] = "socket.connect"
    family: str
    type: str
    address: str
    port: int
    pending: bool
    error: str


@dataclass(frozen=True, slots=True)
class SocketBind:
    """A socket got a local address."""

    kind: ClassVar[str] = "socket.bind"
    family: str
    type: str
    address: str
    port: int
    error: str


@dataclass(frozen=True, slots=True)
class SocketListen:
    """A socket waits for connections; address and port from its bind, where that was seen."""

    kind: ClassVar[str] = "socket.listen"
    family: str
    type: str
    address: str
    port: int
    error: str


@dataclass(frozen=True, slots=True)
class SocketAccept:
    """accept() was entered on a listening socket; `address` and `port` are the peer's once one came."""

    kind: ClassVar[str] = "socket.accept"
    family: str
    type: str
    address: str
    port: int
    error: str


@dataclass(frozen=True, slots=True)
class SocketSend:
    """Bytes were sent on a socket; `size` is what the kernel took, `head` the first bytes as text with escapes."""

    kind: ClassVar[str] = "socket.send"
    family: str
    type: str
    address: str
    port: int
    size: int
    head: str
    error: str


@dataclass(frozen=True, slots=True)
class SocketReceive:
    """Bytes came in on a socket; `size` is 0 at the end of a stream."""

    kind: ClassVar[str] = "socket.receive"
    family: str
    type: str
    address: str
    port: int
    size: int
    error: str


@dataclass(frozen=True, slots=True)
class NetworkFlow:
    """One TCP connection or one UDP exchange as packets show it; `sent` and `received` are payload bytes.

    `established` is whether the TCP handshake was finished; `incoming` whether the package was the side that was
    called.
    """

    kind: ClassVar[str] = "network.flow"
    transport: Literal["tcp", "udp", "icmp", "other"]
    address: str
    port: int
    sent: int
    received: int
    established: bool
    incoming: bool


@dataclass(frozen=True, slots=True)
class NetworkDns:
    """A DNS question on the wire, with the server that was asked and the answers that the simulated internet gave."""

    kind: ClassVar[str] = "network.dns"
    name: str
    type: str
    server: str
    port: int
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NetworkHttp:
    """An HTTP exchange, plain or inside TLS."""

    kind: ClassVar[str] = "network.http"
    method: str
    url: str
    host: str
    address: str
    port: int
    path: str
    status: int
    request_bytes: int
    response_bytes: int
    tls: bool
    standard_port: bool


@dataclass(frozen=True, slots=True)
class NetworkTls:
    """A TLS ClientHello. `trusted` is whether the client accepted the simulated internet's certificate."""

    kind: ClassVar[str] = "network.tls"
    name: str
    address: str
    port: int
    alpn: tuple[str, ...]
    trusted: bool


@dataclass(frozen=True, slots=True)
class PythonCall:
    """A call that only the interpreter can see, such as `time.time`, or one of its audit events."""

    kind: ClassVar[str] = "python.call"
    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepEnd:
    """A module or command of a phase ended: `subject` names it, `reason` is the last thing that it said.

    `fatal` tells that without it the phase is in vain: the installation, or a top-level module.
    """

    kind: ClassVar[str] = "step.end"
    subject: str
    status: Literal["ok", "failed", "timeout", "skipped"]
    reason: str
    fatal: bool


Detail = (
    ProcessExec | ProcessCreate | ProcessExit | ProcessSignal | ProcessControl
    | FileOpen | FileWrite | FileRename | FileDelete | FileCreate | FileLink | FileMode | FileTree
    | SocketCreate | SocketConnect | SocketBind | SocketListen | SocketAccept | SocketSend | SocketReceive
    | NetworkFlow | NetworkDns | NetworkHttp | NetworkTls
    | PythonCall | StepEnd
)  # fmt: skip

DETAILS: dict[str, type[Detail]] = {
    detail.kind: detail
    for detail in (
        ProcessExec, ProcessCreate, ProcessExit, ProcessSignal, ProcessControl,
        FileOpen, FileWrite, FileRename, FileDelete, FileCreate, FileLink, FileMode, FileTree,
        SocketCreate, SocketConnect, SocketBind, SocketListen, SocketAccept, SocketSend, SocketReceive,
        NetworkFlow, NetworkDns, NetworkHttp, NetworkTls,
        PythonCall, StepEnd,
    )
}  # fmt: skip
"""Every detail class by its kind: the vocabulary that the rule linter checks against."""


@dataclass(frozen=True, slots=True)
class Event:
    """One observed fact.

    `time` is seconds since the epoch by the sandbox host's clock; `pid` the process's number in the tracer's view (0
    where the layer cannot tell); `process` the program it ran; `location` the Python code that caused it, where known.
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

    @property
    def kind(self) -> str:
        """The detail's kind, by which rules are indexed."""
        return self.detail.kind
