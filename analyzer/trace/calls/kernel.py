"""The kernel's truth of one traced command: its system calls, as events of the processes that made them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from analyzer.model.event import (
    Detail,
    FileOpen,
    FileWrite,
    Outcome,
    ProcessAbi,
    ProcessExit,
    ProcessSleep,
    Race,
    SocketAccept,
    SocketConnect,
    SocketSend,
)
from analyzer.trace.calls import control, files, holding, running, sockets
from analyzer.trace.calls.calllog import CallLog
from analyzer.trace.calls.descriptors import OTHER
from analyzer.trace.calls.exhausted import exhausted
from analyzer.trace.calls.kernelacts import Act, KernelTrace, cut_sleeps, outlived
from analyzer.trace.calls.naming import Links
from analyzer.trace.calls.processes import Process, creation_flags
from analyzer.trace.calls.processtable import ProcessTable
from analyzer.trace.calls.restarts import Restarts
from analyzer.trace.calls.states import Fact, States
from analyzer.trace.kernellog.items import KernelItem, Lost
from analyzer.trace.logs.births import CREATING, Born
from analyzer.trace.logs.literals import as_int
from analyzer.trace.logs.strace import Ended, Syscall, Unreadable

__all__ = ["Act", "Follower", "KernelTrace", "follow", "trace"]

PROBE_PIPE = "/run/session/events"
"""Where the interpreter probe writes; the one file that is ours in the package's view."""

_MAX_DIGITS = 10
_AT_ONCE = 100
_ON_CONNECTIONS = (SocketAccept, SocketConnect, SocketSend)
_DECODERS = {**files.DECODERS, **holding.DECODERS, **sockets.DECODERS, **running.DECODERS, **control.DECODERS}


def trace(
    log: CallLog, command: str, directory: str, cut: float = 0.0, links: Links | None = None, epoch: float = 0.0
) -> KernelTrace:
    """Reads a log; the rest as for `Follower`."""
    return follow(log.items(), command, directory, cut, log.births(), links, epoch)


def follow(
    items: Iterable[KernelItem],
    command: str,
    directory: str,
    cut: float = 0.0,
    births: Iterable[Born] = (),
    links: Links | None = None,
    epoch: float = 0.0,
) -> KernelTrace:
    """Takes all items of a log that is over; the rest as for `Follower`."""
    follower = Follower(command, directory, births, links, epoch)
    follower.take(_by_hundreds(items))
    return follower.end(cut)


class Follower:
    """Takes a log's items. The start of `command` (a path) makes a process the package's; `directory` is its folder.

    `births` are those that the items do not tell before the child does anything. `links` are the symbolic links that are there, and
    learn of others. `epoch` is when the monotonic clock was at zero, 0 where that is not known. Nothing is kept of an item but what it
    came to.
    """

    def __init__(
        self,
        command: str,
        directory: str,
        births: Iterable[Born] = (),
        links: Links | None = None,
        epoch: float = 0.0,
    ) -> None:
        self._command = command
        self.table = ProcessTable(births, directory, links, epoch)
        self.result = KernelTrace()
        self._states, self._restarts = States(), Restarts()

    def take(self, items: Iterable[KernelItem]) -> None:
        """Takes the next items."""
        table, result, command, note = self.table, self.result, self._command, self._restarts.note
        for item in items:
            if isinstance(item, Syscall):
                before = len(result.acts)
                _take(item, table, command, result)
                note(item, range(before, len(result.acts)))
            elif isinstance(item, Born):
                table.announce(item)
            elif isinstance(item, Ended):
                _end(item, table, result)
            elif isinstance(item, Unreadable):
                result.unreadable += 1
            elif isinstance(item, Lost):
                result.dropped = max(result.dropped, item.count)
            else:
                _fact(item, self._states, table, result)

    def drain(self) -> list[Act]:
        """The acts since the last time, which are then kept no longer.

        A call that is made again only after this is told twice.
        """
        acts, self.result.acts = self._made_once(), []
        self._restarts = Restarts()
        return acts

    def end(self, cut: float = 0.0) -> KernelTrace:
        """What it all came to. `cut` is when the supervisor ended what was left of the command; 0 where it had nothing to end."""
        result, table = self.result, self.table
        result.acts = self._made_once()
        cut_sleeps(result.acts)
        result.acts += outlived(table.processes, cut)
        result.processes = [process for process in table.processes if not process.ours]
        result.orphans = table.orphans
        return result

    def _made_once(self) -> list[Act]:
        """The acts without those that the kernel made again."""
        superseded = self._restarts.superseded
        if not superseded:
            return self.result.acts
        return [act for place, act in enumerate(self.result.acts) if place not in superseded]


def _by_hundreds(items: Iterable[KernelItem]) -> Iterator[KernelItem]:
    """The same items, read some at a time: turning to each at once makes the processor forget how to do either."""
    left = iter(items)
    while some := list(islice(left, _AT_ONCE)):
        yield from some


def _fact(fact: Fact, states: States, table: ProcessTable, result: KernelTrace) -> None:
    """What is no call. Its thread may be another's or already gone, which makes no process of it."""
    for pid, detail in states.details(fact):
        if isinstance(detail, Race) and fact.line in result.raced:
            continue  # the kernel's own path has told it
        process = table.known(pid, fact.time, fact.line)
        if process is not None and not process.ours and states.is_news(process, detail):
            refused = isinstance(detail, ProcessAbi) and detail.error
            result.keep(Act(fact.time, process, detail, "attempted" if refused else "completed", fact.line, pid))


def _end(item: Ended, table: ProcessTable, result: KernelTrace) -> None:
    process = table.known(item.pid, item.time, item.line)
    if process is None:
        return  # nothing else is known of it, such as that the first process of a container waits for the others
    if not process.ours:
        result.seconds += item.seconds
        result.memory = max(result.memory, item.memory)
    if item.pid == process.pid:
        process.exit = item.signal or f"status {item.status}"
        process.ended, process.end_line = item.time, item.line
        process.descriptors = {}  # nobody asks for them any more, and there may be many processes
        if not process.ours:
            exit_ = ProcessExit(item.status, item.signal)
            result.keep(Act(item.time, process, exit_, "completed", item.line, item.pid))
    table.end(item.pid)


def _take(item: Syscall, table: ProcessTable, command: str, result: KernelTrace) -> None:
    process = table.find(item.pid, item.time, item.line, item.inner)
    result.calls += 1
    if item.inner and item.inner != process.inner:
        process.inner = item.inner
        process.others[item.inner] = process
    if item.name in CREATING:
        if (item.result or 0) > 0:
            table.born(item)
            result.unfollowed += not table.announced and "CLONE_UNTRACED" in creation_flags(item)
        elif item.error == "EAGAIN":
            result.refused += 1
    if item.error and not process.ours and (what := exhausted(item, process)):
        result.exhausted[what] += 1
    _decode(item, process, command, result)
    if not table.begun and not process.ours:
        table.begun, table.first = True, process.inner


def _decode(call: Syscall, process: Process, command: str, result: KernelTrace) -> None:
    decoder = _DECODERS.get(call.name, control.other)
    for detail in decoder(call, process):
        if process.ours and call.name.startswith("exec") and call.result == 0 and process.path == command:
            process.begin(call.time)
        if process.ours or _is_probe(detail, process):
            if isinstance(detail, FileWrite) and not process.ours:
                result.marks.add(detail.head, process, call)
            continue
        if isinstance(detail, Race):
            result.raced.add(call.line)
        failed = bool(call.error) and not getattr(detail, "pending", False) and not _is_by_clock(detail)
        # The one call that strace answers with success in the kernel's place.
        pretended = call.injected and call.name == "ptrace"
        outcome: Outcome = "attempted" if failed or pretended or call.result is None else "completed"
        made = _connection(call, process) if isinstance(detail, _ON_CONNECTIONS) else 0
        result.keep(Act(call.time, process, detail, outcome, call.line, call.pid, made))


def _connection(call: Syscall, process: Process) -> int:
    """The line of the call that made the connection of this one's socket, which accept returns and all others are given."""
    number = call.result if call.name.startswith("accept") else as_int(call.argument(0), -1)
    return process.descriptors.get(-1 if number is None else number, OTHER).made


def _is_by_clock(detail: Detail) -> bool:
    """Whether it is a sleep of which a clock that runs ahead told by a call that fails."""
    return isinstance(detail, ProcessSleep) and detail.note == running.BY_CLOCK


def _is_probe(detail: Detail, process: Process) -> bool:
    """Whether this is the interpreter probe at work; its failing lookup tells the first process's own number.

    That of all others is known from their creation, and nobody can tell another one later.
    """
    path = getattr(detail, "path", "")
    if not path.startswith(PROBE_PIPE) or path[len(PROBE_PIPE) :][:1] not in {"", "/"}:
        return False
    if isinstance(detail, FileOpen) and detail.error and process.inner == 0:
        number = path.removeprefix(PROBE_PIPE + "/")
        process.inner = int(number) if number.isascii() and number.isdigit() and len(number) < _MAX_DIGITS else 0
        process.others[process.inner] = process
    return True
