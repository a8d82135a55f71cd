"""The kernel's truth of one traced command: its system calls, as events of the processes that made them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from analyzer.model.event import Detail, FileOpen, Outcome, ProcessExit
from analyzer.trace import control, files, sockets
from analyzer.trace.processes import Process, ProcessTable
from analyzer.trace.strace import Ended, Item, Syscall, Unreadable, read

PROBE_PIPE = "/run/session/events"
"""Where the interpreter probe writes; the one file that is ours in the package's view."""

_DECODERS = {**files.DECODERS, **sockets.DECODERS, **control.DECODERS}


@dataclass(frozen=True, slots=True)
class Act:
    """What one process did: a detail with its time, outcome and the log's line."""

    time: float
    process: Process
    detail: Detail
    outcome: Outcome
    line: int


@dataclass(slots=True)
class KernelTrace:
    """All acts of a command in order, its processes (the launcher's left out), and what could not be read."""

    acts: list[Act] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)
    unreadable: int = 0
    calls: int = 0


def trace(lines: Iterable[str], command: str, directory: str) -> KernelTrace:
    """Reads a log. `command` is the path whose start makes a process the package's; `directory` its working directory."""
    items = list(read(lines))
    table = ProcessTable(items, directory)
    result = KernelTrace()
    for item in items:
        _take(item, table, command, result)
    result.processes = [process for process in table.processes.values() if not process.ours]
    return result


def _take(item: Item, table: ProcessTable, command: str, result: KernelTrace) -> None:
    if isinstance(item, Unreadable):
        result.unreadable += 1
        return
    process = table.find(item.pid, item.time, item.line)
    if isinstance(item, Ended):
        if item.pid == process.pid:
            process.exit = item.signal or f"status {item.status}"
            if not process.ours:
                result.acts.append(Act(item.time, process, ProcessExit(item.status, item.signal), "completed", item.line))
        return
    result.calls += 1
    _decode(item, process, command, result)


def _decode(call: Syscall, process: Process, command: str, result: KernelTrace) -> None:
    decoder = _DECODERS.get(call.name, control.other)
    for detail in decoder(call, process):
        if process.ours and call.name.startswith("exec") and call.result == 0 and process.path == command:
            process.ours = False
            process.started = call.time
        if process.ours or _is_probe(detail, process):
            continue
        failed = bool(call.error) and not getattr(detail, "pending", False)
        outcome: Outcome = "attempted" if failed or call.result is None else "completed"
        result.acts.append(Act(call.time, process, detail, outcome, call.line))


def _is_probe(detail: Detail, process: Process) -> bool:
    """Whether this is the interpreter probe at work; its failing lookup tells the process's own number."""
    path = getattr(detail, "path", "")
    if not path.startswith(PROBE_PIPE):
        return False
    if isinstance(detail, FileOpen) and detail.error:
        number = path.removeprefix(PROBE_PIPE + "/")
        process.inner = int(number) if number.isdigit() else process.inner
    return True
