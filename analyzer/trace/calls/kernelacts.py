"""What the kernel saw of one traced command: acts of its processes, and an account of what could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from analyzer.model.event import Detail, Outcome, ProcessExit, ProcessOutlive, ProcessSleep
from analyzer.trace.calls import running
from analyzer.trace.calls.marks import Marks
from analyzer.trace.calls.processes import Process

MAX_OF_A_KIND = 100_000
"""Acts of one kind that are kept of a command, since each costs the analyzer 3 KiB of memory. After a flood, other kinds have room."""


class Act(NamedTuple):
    """What one process did: a detail with its time, outcome and the log's line.

    `thread` is which of its threads did it, in the tracer's numbering; 0 where that is not known. `connection` is the log's line of the
    call that made the connection on which a socket's call was, 0 where there is none.
    """

    time: float
    process: Process
    detail: Detail
    outcome: Outcome
    line: int
    thread: int = 0
    connection: int = 0


@dataclass(slots=True)
class KernelTrace:
    """All acts of a command in order, its processes (the launcher's left out), and what could not be read.

    `orphans` counts processes whose creation is not in the log, `unfollowed` those made so that strace is not told of
    them (CLONE_UNTRACED), `dropped` records that never came into it, and `refused`
    processes and threads that the kernel did not make because there were too many (EAGAIN, clone(2)). `seconds` of processor
    time were used by all, and `memory` bytes by the largest of those that ended, where the log tells them. `marks` tell who wrote
    which line of the interpreter probe. `raced` are the log's lines of calls that opened another file than the one asked for.
    `kinds` counts the acts by their kind, those left out (`beyond`) too, and `exhausted` the calls
    that failed for want of something, by what that was.
    """

    acts: list[Act] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)
    unreadable: int = 0
    calls: int = 0
    orphans: int = 0
    unfollowed: int = 0
    dropped: int = 0
    refused: int = 0
    seconds: float = 0.0
    memory: int = 0
    marks: Marks = field(default_factory=Marks)
    raced: set[int] = field(default_factory=set)
    kinds: Counter[type[Detail]] = field(default_factory=Counter)
    beyond: int = 0
    exhausted: Counter[str] = field(default_factory=Counter)

    def keep(self, act: Act) -> None:
        """Adds an act, unless there are too many of its kind."""
        kind = type(act.detail)
        self.kinds[kind] += 1
        if self.kinds[kind] > MAX_OF_A_KIND:
            self.beyond += 1
        else:
            self.acts.append(act)


def outlived(processes: list[Process], cut: float) -> Iterator[Act]:
    """The processes that went on after the command itself had ended, until the supervisor ended them."""
    first = next((process for process in processes if not process.ours), None)
    if first is None or not cut or not first.ended or first.ended >= cut:
        return
    for process in processes:
        if not process.ours and process.exit == "SIGKILL" and process.ended >= cut:
            detail = ProcessOutlive(process.path, process.program, process.argv)
            yield Act(process.ended, process, detail, "completed", process.end_line)


def cut_sleeps(acts: list[Act]) -> None:
    """Tells what sleeps asked for that were the last act of their thread, in a process that was ended."""
    if not any(isinstance(act.detail, ProcessSleep) and act.detail.wanted for act in acts):
        return
    seen: set[tuple[Process, int]] = set()
    for place in range(len(acts) - 1, -1, -1):
        act = acts[place]
        if isinstance(act.detail, ProcessExit) or (act.process, act.thread) in seen:
            continue
        seen.add((act.process, act.thread))
        killed = not act.process.exit.startswith("status")
        if isinstance(act.detail, ProcessSleep) and act.detail.wanted and killed:
            acts[place] = act._replace(detail=running.cut_sleep(act.detail))
