"""What the kernel's log holds beyond system calls and ends of processes.

Each has the thread and the time (seconds since the epoch) at which it was recorded, and its record's number from 1.
"""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.trace.logs.births import Born
from analyzer.trace.logs.strace import Item


@dataclass(frozen=True, slots=True)
class TcpState:
    """A TCP socket changed its state; the names as in include/net/tcp_states.h without `TCP_`.

    `pid` is the thread that connected the socket or listens on it, whichever ran when the state changed; 0 for an accepted
    connection and where that was not seen.
    """

    pid: int
    time: float
    family: str
    old: str
    new: str
    local_address: str
    local_port: int
    address: str
    port: int
    line: int


@dataclass(frozen=True, slots=True)
class ClockRead:
    """The C library's clock function was called, which needs no system call."""

    pid: int
    time: float
    clock: str
    line: int


@dataclass(frozen=True, slots=True)
class Submission:
    """The kernel took an operation from an io_uring queue, which needs no system call."""

    pid: int
    time: float
    operation: str
    line: int


@dataclass(frozen=True, slots=True)
class Changed:
    """What a call named was another thing when the kernel looked, or at the call's end, than at its beginning."""

    pid: int
    time: float
    call: str
    asked: str
    found: str
    line: int


@dataclass(frozen=True, slots=True)
class Lost:
    """Records that found no room in the kernel's buffer."""

    count: int
    line: int


KernelItem = Item | Born | TcpState | ClockRead | Submission | Changed | Lost
