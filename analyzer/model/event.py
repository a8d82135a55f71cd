"""One event: a fact that one observation layer saw, with the raw line that proves it.

An `Event` is a header (when, in which phase, which process, which layer) around one of the detail classes below. The
detail's class attribute `kind` is the name that rules use; its fields are the names that a rule's conditions may
test. Paths are absolute and lexically normalised where the working directory was known; text from the sandbox is kept
as it was decoded (bytes that are not UTF-8 as surrogate escapes) and is hostile until a renderer escapes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

Layer = Literal["syscall", "packet", "filesystem", "interpreter"]
Phase = Literal["install", "startup", "import", "execute"]
Outcome = Literal["completed", "attempted"]
Attribution = Literal["package", "dependency", "installer", "interpreter"]

TcpStateName = Literal["connecting", "connected", "refused", "listening", "accepted"]

SilenceName = Literal["changed", "absent", "ended", "unanswered", "forged"]

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
    """A program was started in a process (execve, execveat). `program` is the file's base name.

    `stdin`, `stdout` and `stderr` say what the three standard streams refer to at that moment: a path, "pipe",
    "socket FAMILY", or "" where they are the phase's own.
    """

    kind: ClassVar[str] = "process.exec"
    path: str
    program: str
    argv: tuple[str, ...]
    stdin: str
    stdout: str
    stderr: str
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
class ProcessOutlive:
    """A process still ran when the command of its phase had ended and its time to finish was over; it was ended then."""

    kind: ClassVar[str] = "process.outlive"
    path: str
    program: str
    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProcessHandler:
    """A process chose what a signal does to it (rt_sigaction)."""

    kind: ClassVar[str] = "process.handler"
    signal: str
    action: Literal["default", "ignore", "handle"]


@dataclass(frozen=True, slots=True)
class ProcessSleep:
    """A process slept (nanosleep, clock_nanosleep, select without descriptors); `seconds` is how long it really did."""

    kind: ClassVar[str] = "process.sleep"
    call: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ProcessPipe:
    """A pipe was made (pipe, pipe2)."""

    kind: ClassVar[str] = "process.pipe"
    call: str
    error: str


@dataclass(frozen=True, slots=True)
class ProcessLimit:
    """A resource limit was set (setrlimit, prlimit64), not only asked for."""

    kind: ClassVar[str] = "process.limit"
    resource: str
    target: int
    error: str


@dataclass(frozen=True, slots=True)
class MemoryProtect:
    """Memory became executable while it was, or after it had been, writable (mmap, mprotect, pkey_mprotect).

    Mappings of program files are not told. `protection` is of PROT_READ, PROT_WRITE, PROT_EXEC.
    """

    kind: ClassVar[str] = "memory.protect"
    call: str
    protection: tuple[str, ...]
    size: int
    error: str


@dataclass(frozen=True, slots=True)
class ProcessControl:
    """A process changed what it is or looked into another: ptrace, prctl, setuid, unshare, mount and their like."""

    kind: ClassVar[str] = "process.control"
    call: str
    arguments: tuple[str, ...]
    error: str


@dataclass(frozen=True, slots=True)
class ProcessClock:
    """A program other than an interpreter read a clock through the C library, which needs no system call.

    Told once for each program that a process runs. `clock` is named as in linux/time.h; `path` is the program's.
    """

    kind: ClassVar[str] = "process.clock"
    clock: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class ProcessSubmit:
    """An operation was taken from an io_uring queue, which needs no system call of its own (IORING_OP_CONNECT)."""

    kind: ClassVar[str] = "process.submit"
    operation: str


@dataclass(frozen=True, slots=True)
class Race:
    """A path or address was changed while the kernel read it: `asked` stood there when `call` began, `found` later."""

    kind: ClassVar[str] = "race"
    call: str
    asked: str
    found: str


@dataclass(frozen=True, slots=True)
class FileOpen:
    """A file was opened or created (open, openat, creat). `access` is what the flags asked for."""

    kind: ClassVar[str] = "file.open"
    path: str
    access: Literal["read", "write", "read-write"]
    flags: tuple[str, ...]
    error: str


@dataclass(frozen=True, slots=True)
class FileQuery:
    """It was asked whether a path may be used (access, faccessat)."""

    kind: ClassVar[str] = "file.query"
    path: str
    call: str
    error: str


@dataclass(frozen=True, slots=True)
class FileRead:
    """Bytes of a file came into memory (read, readv, pread64, preadv, preadv2, mmap), or the kernel copied them elsewhere.

    Told the first time that a process does it through a descriptor; `size` is what that call gave or mapped.
    """

    kind: ClassVar[str] = "file.read"
    path: str
    call: str
    size: int


@dataclass(frozen=True, slots=True)
class FileWrite:
    """Bytes went into a regular file (write, writev, pwrite64, sendfile, copy_file_range, truncate).

    `head` is the first bytes as text with escapes, where the call names them; `source` the file that they were copied
    from, where the kernel copied them.
    """

    kind: ClassVar[str] = "file.write"
    path: str
    call: str
    size: int
    head: str
    source: str


@dataclass(frozen=True, slots=True)
class ConsoleWrite:
    """Bytes went to the standard output or error stream that the phase gave."""

    kind: ClassVar[str] = "console.write"
    stream: Literal["stdout", "stderr"]
    size: int
    head: str


@dataclass(frozen=True, slots=True)
class FileRename:
    """A file or directory got another name (rename, renameat, renameat2).

    `appended` is what the new name has beyond the old one, such as ".locked"; "" where it is another name.
    """

    kind: ClassVar[str] = "file.rename"
    path: str
    target: str
    appended: str
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
class FileAttributes:
    """Times or extended attributes of a file were set (utimensat, setxattr and their like).

    `age` is by how many seconds the new time of modification lies in the past; 0 for now, and where no time was given.
    """

    kind: ClassVar[str] = "file.attributes"
    path: str
    call: str
    name: str
    age: int
    error: str


@dataclass(frozen=True, slots=True)
class FileLock:
    """A file was locked (flock, fcntl)."""

    kind: ClassVar[str] = "file.lock"
    path: str
    call: str
    error: str


@dataclass(frozen=True, slots=True)
class FileTree:
    """What a phase left in the writable tree, found by comparing it before and after.

    `change` is created, modified or deleted; `type` is file, directory, symlink or other; `head` is the first bytes
    as text with escapes; `target` a symbolic link's text; `distribution` the installed distribution whose RECORD
    lists the path, and `own` whether that is the analysed one.
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
    own: bool


@dataclass(frozen=True, slots=True)
class SocketOption:
    """An option of a socket was set, with its level and name as the kernel's headers spell them."""

    kind: ClassVar[str] = "socket.option"
    family: str
    type: str
    level: str
    name: str
    error: str


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
class SocketState:
    """The kernel's own account of a TCP socket, whichever way it was asked (a system call, io_uring, other memory).

    Address and port are the peer's, unspecified and 0 for one that listens.
    """

    kind: ClassVar[str] = "socket.state"
    family: str
    state: TcpStateName
    address: str
    port: int
    local_address: str
    local_port: int


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
    """An HTTP exchange, plain or inside TLS.

    `headers` are the request's, "name: value" with the name in lower case; `body` is the first bytes of the request's
    body as text with escapes. Both are empty where only packets tell of the request.
    """

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
    headers: tuple[str, ...]
    body: str


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
class NetworkStream:
    """What one connection or datagram carried, as the simulated internet met it.

    `protocol` is named by the first bytes of the package: http, tls, dns, ssh, smtp, ftp, irc, redis, mqtt, amqp,
    stratum, socks, tor, ntp, stun, bittorrent, ldap, telnet, postgres, mysql, smb, unknown, or silent where it waited
    for the server to speak. `sent` is in bytes; `head` is the first of them as text with escapes, decrypted where `tls`.
    """

    kind: ClassVar[str] = "network.stream"
    transport: Literal["tcp", "udp"]
    address: str
    port: int
    protocol: str
    sent: int
    head: str
    tls: bool


@dataclass(frozen=True, slots=True)
class PackageMetadata:
    """What an installed distribution says of itself. `repository` is its source repository's address, or ""."""

    kind: ClassVar[str] = "package.metadata"
    name: str
    version: str
    license: str
    repository: str
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PythonCall:
    """A call that only the interpreter can see, such as `time.time`, or one of its audit events."""

    kind: ClassVar[str] = "python.call"
    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InterpreterSilence:
    """The interpreter probe was changed, was missing, or fell silent, or somebody wrote lines in its name.

    `how`: "changed" (`what` of it), "absent" from an interpreter (`what` is its path), not heard when an interpreter "ended" (`what` it
    had told last), "unanswered" (`what` the driver was at), or "forged" (`what` is wrong with the line).
    """

    kind: ClassVar[str] = "interpreter.silence"
    how: SilenceName
    what: str


@dataclass(frozen=True, slots=True)
class StepEnd:
    """A module or command of a phase ended: `subject` names it, `reason` is the last thing that it said.

    `fatal` tells that without it the phase is in vain: the installation, or a top-level module. For whole commands,
    `cpu_seconds` is what its processes used together, `memory_bytes` the peak of the largest one, and `processes` the most
    that lived at one time; 0 for modules.
    """

    kind: ClassVar[str] = "step.end"
    subject: str
    status: Literal["ok", "failed", "timeout", "skipped"]
    reason: str
    fatal: bool
    cpu_seconds: float = 0.0
    memory_bytes: int = 0
    processes: int = 0


Detail = (
    ProcessExec | ProcessCreate | ProcessExit | ProcessSignal | ProcessControl | ProcessOutlive | ProcessHandler
    | ProcessSleep | ProcessPipe | ProcessLimit | ProcessClock | ProcessSubmit | Race | MemoryProtect
    | FileOpen | FileQuery | FileRead | FileWrite | FileRename | FileDelete | FileCreate | FileLink | FileMode | FileAttributes
    | FileLock | FileTree | ConsoleWrite
    | SocketCreate | SocketConnect | SocketBind | SocketListen | SocketAccept | SocketSend | SocketReceive | SocketOption
    | SocketState
    | NetworkFlow | NetworkDns | NetworkHttp | NetworkTls | NetworkStream
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
