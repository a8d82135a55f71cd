"""What processes did: programs, signals, limits, memory, and what they read of the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class ProcessExec:
    """A program was started in a process (execve, execveat). `program` is the file's base name.

    `stdin`, `stdout` and `stderr` say what the three standard streams refer to at that moment: a path, "pipe",
    "socket FAMILY", or "" where they are the phase's own. `asked` is the path that was asked for where links that are not the
    system's own lead from there to the program, else "".
    """

    kind: ClassVar[str] = "process.exec"
    path: str
    program: str
    argv: tuple[str, ...]
    stdin: str
    stdout: str
    stderr: str
    error: str
    asked: str = ""


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
    """A process slept (nanosleep, clock_nanosleep, select without descriptors); `seconds` is how long it really did.

    Where it did not sleep to the end, `note` says why, and `seconds` is what it asked for: the sleep was cut with the process, or shortened
    by a clock that ran ahead. The latter is told of other waits too, as a `wait`. `wanted` is what an interrupted sleep asked for, else 0.
    """

    kind: ClassVar[str] = "process.sleep"
    call: str
    seconds: float
    note: str = ""
    wanted: float = 0.0


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
class ProcessAbi:
    """A system call was made by the interface of another architecture (`abi`: i386, x32, arm), which the sandbox refuses.

    Told once for each call and answer of a program that a process runs. `error` is an errno's name, or SIGSYS where a signal was the
    answer.
    """

    kind: ClassVar[str] = "process.abi"
    abi: str
    call: str
    error: str


@dataclass(frozen=True, slots=True)
class Race:
    """A path or address was changed while the kernel read it: `asked` stood there when `call` began, `found` later."""

    kind: ClassVar[str] = "race"
    call: str
    asked: str
    found: str
