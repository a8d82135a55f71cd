"""What the kernel tracer tells beyond system calls, as event details with the thread that they belong to.

A TCP socket's state often changes in whatever thread runs when a packet comes. The kernel side notes who connects a socket or
listens on it, and gives that thread with each later change; only an accepted connection is a new socket that is nobody's yet,
and belongs to who listens on its port.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.model.event import Detail, ProcessAbi, ProcessClock, ProcessSubmit, Race, SocketState, TcpStateName
from analyzer.trace.calls.processes import Process
from analyzer.trace.kernellog.items import Changed, ClockRead, Submission, TcpState
from analyzer.trace.logs.strace import Foreign

Fact = TcpState | ClockRead | Submission | Changed | Foreign

_MAX_TOLD = 65536


class States:
    """Who listens on which port, as far as the log told it, and what needs no telling twice."""

    def __init__(self) -> None:
        self._listening: dict[int, int] = {}
        self._told: set[tuple[Process, str, tuple[str, ...], Detail]] = set()

    def details(self, fact: Fact) -> Iterator[tuple[int, Detail]]:
        """Thread and detail of a fact; none for changes of state that tell nothing."""
        if isinstance(fact, TcpState):
            yield from self._state(fact)
        elif isinstance(fact, ClockRead):
            yield fact.pid, ProcessClock(fact.clock)
        elif isinstance(fact, Submission):
            yield fact.pid, ProcessSubmit(fact.operation)
        elif isinstance(fact, Foreign):
            yield fact.pid, ProcessAbi(fact.abi, fact.call, fact.error)
        else:
            yield fact.pid, Race(fact.call, fact.asked, fact.found)

    def is_news(self, process: Process, detail: Detail) -> bool:
        """Whether a detail is told: reads of a clock, operations and foreign calls of one kind once for each program of a process."""
        if not isinstance(detail, ProcessClock | ProcessSubmit | ProcessAbi):
            return True
        key = (process, process.path, process.argv, detail)
        if key in self._told:
            return False
        if len(self._told) < _MAX_TOLD:
            self._told.add(key)
        return True

    def _state(self, fact: TcpState) -> Iterator[tuple[int, Detail]]:
        if fact.new == "SYN_SENT":
            yield fact.pid, _detail(fact, "connecting")
        elif fact.new == "LISTEN":
            self._listening[fact.local_port] = fact.pid
            yield fact.pid, _detail(fact, "listening")
        elif fact.old == "SYN_SENT" and fact.new in {"ESTABLISHED", "CLOSE"}:
            state: TcpStateName = "connected" if fact.new == "ESTABLISHED" else "refused"
            yield fact.pid, _detail(fact, state)
        elif fact.old == "SYN_RECV" and fact.new == "ESTABLISHED" and fact.local_port in self._listening:
            # The other side of a connection to what is not the package's own is seen here too, and is not an accept of its.
            yield self._listening[fact.local_port], _detail(fact, "accepted")


def _detail(fact: TcpState, state: TcpStateName) -> SocketState:
    return SocketState(fact.family, state, fact.address, fact.port, fact.local_address, fact.local_port)
