"""Everything that a run's layers saw as one list of events with authors, and an account of what is missing."""

from __future__ import annotations

import posixpath
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from analyzer.model.event import (
    Attribution,
    Detail,
    Event,
    Layer,
    Phase,
    SocketState,
    Source,
    StepEnd,
)
from analyzer.trace.accounts import Accounts
from analyzer.trace.authors import building, silence
from analyzer.trace.authors.attribution import Attributor
from analyzer.trace.authors.installed import Installed
from analyzer.trace.authors.metadata import metadata
from analyzer.trace.calls.calllog import CallLog
from analyzer.trace.calls.crowd import most_at_once
from analyzer.trace.calls.kernel import KernelTrace, trace
from analyzer.trace.calls.missing import missing
from analyzer.trace.calls.naming import Links
from analyzer.trace.calls.processes import Process
from analyzer.trace.events import event_of_act, event_of_call, event_of_packet, is_start_of
from analyzer.trace.logs import probe
from analyzer.trace.packets import network
from analyzer.trace.packets.connections import SocketUse
from analyzer.trace.packets.mismatches import mismatches
from analyzer.trace.packets.peers import Peers
from analyzer.trace.tree.makers import Makers

_CLOCK_SECONDS = 1.0
NO_STEP: tuple[Phase, int] = ("install", 0)
"""Phase and number where no step had begun."""


@dataclass(frozen=True, slots=True)
class StepTexts:
    """The raw material of one traced command: where it stands, its command and folder, its log, and the probe's lines.

    `step` is its number, `cut` when the supervisor ended what was left of it (0: nothing was), and `processes` the limit
    on their number (0: not known). `ends` are the driver's subjects that came to an end, in order, and `heard` is whether all of the
    probe's lines were kept. `epoch` is when the machine's monotonic clock was at zero (0: not known).
    """

    phase: Phase
    stem: str
    command: str
    directory: str
    begin: float
    end: float
    log: CallLog
    probe: Iterable[str]
    step: int = 0
    cut: float = 0.0
    processes: int = 0
    ends: tuple[str, ...] = ()
    heard: bool = True
    epoch: float = 0.0


@dataclass(frozen=True, slots=True)
class SeenProcess:
    """A process with the phase and the number of the step in which it ran, and whose it is.

    `author` tells the installer's build backends from itself.
    """

    phase: Phase
    process: Process
    attribution: Attribution
    step: int = 0
    author: str = ""


class Used(NamedTuple):
    """Seconds of processor time of all processes of a step, bytes of memory of the largest, and how many lived at one time."""

    seconds: float = 0.0
    memory: int = 0
    processes: int = 0


@dataclass(slots=True)
class Timeline:
    """Events in order of time, processes, what was lost, and what each step's processes used where its log tells that.

    `used` is by the step's number. `accounts` are what each
    layer brought, `makers` who touched which path, `sockets` on which connection a call was, and `cut` what the simulated internet
    says that it cut. `links` are the symbolic links that are there when the next step begins, as far as that is known.
    """

    events: list[Event] = field(default_factory=list)
    processes: list[SeenProcess] = field(default_factory=list)
    dropped: int = 0
    reasons: list[str] = field(default_factory=list)
    used: dict[int, Used] = field(default_factory=dict)
    accounts: Accounts = field(default_factory=Accounts)
    makers: Makers = field(default_factory=Makers)
    sockets: dict[tuple[int, int], SocketUse] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)
    links: Links = field(default_factory=Links)

    def sort(self) -> None:
        """Puts the events in order of time."""
        self.events.sort(key=lambda event: event.time)


def add_step(timeline: Timeline, step: StepTexts, installed: Installed) -> None:
    """Adds what kernel and interpreter saw of one command."""
    kernel = trace(step.log, step.command, step.directory, step.cut, timeline.links, step.epoch)
    calls = []
    broken = number = 0
    for number, call in probe.read(step.probe):
        if call is None or not step.begin - _CLOCK_SECONDS <= call.time <= step.end + _CLOCK_SECONDS:
            broken += 1
        else:
            calls.append((number, call))
    user_home = posixpath.dirname(step.directory)
    told = [call for _, call in calls if not call.is_sign]
    attributor = Attributor(step.phase, installed, told, user_home, kernel.marks)
    timeline.used[step.step] = Used(kernel.seconds, kernel.memory, most_at_once(kernel.processes))
    timeline.accounts.add("syscall", kernel.calls + kernel.unreadable, kernel.unreadable, kernel.dropped)
    timeline.accounts.add("interpreter", number, broken)
    _add_kernel(timeline, step, kernel, attributor)
    _add_calls(timeline, step, kernel, attributor, calls)
    if step.heard:
        _add_silence(timeline, step, kernel, calls)
    for lost, reason in missing(kernel, step.log.unit, step.stem, broken, step.processes):
        timeline.dropped += lost
        timeline.reasons.append(f"{step.phase}: {reason}")


def _add_calls(
    timeline: Timeline,
    step: StepTexts,
    kernel: KernelTrace,
    attributor: Attributor,
    calls: Iterable[tuple[int, probe.ProbeCall]],
) -> None:
    inner = {process.inner: process for process in kernel.processes if process.inner}
    first = next((process for process in kernel.processes if not process.ours), None)
    for number, call in calls:
        if first is not None and not first.inner and call.name == "start" and is_start_of(first, call):
            inner.setdefault(call.pid, first)
        if call.is_sign:
            continue
        source = Source(f"steps/{step.stem}.probe", number)
        event = event_of_call(attributor, call, inner.get(call.pid), step.phase, step.step, source)
        if event is not None:
            timeline.events.append(event)


def _add_silence(
    timeline: Timeline, step: StepTexts, kernel: KernelTrace, calls: Iterable[tuple[int, probe.ProbeCall]]
) -> None:
    silences, lost = silence.silences(kernel, calls, step.ends)
    timeline.events += silence.events(silences, step.phase, step.step, f"steps/{step.stem}.probe")
    reasons = [one.reason for one in silences if one.reason]
    if lost:
        timeline.dropped += lost
        timeline.accounts.add("interpreter", 0, 0, lost)
        reasons.append(f"{lost} lines of the interpreter probe were lost")
    timeline.reasons += [f"{step.phase}: {reason}" for reason in reasons]


def _add_kernel(timeline: Timeline, step: StepTexts, kernel: KernelTrace, attributor: Attributor) -> None:
    authors: dict[Process, Counter[Attribution]] = {}
    for one in attributor.attribute(kernel):
        act = one.act
        authors.setdefault(act.process, Counter())[one.attribution] += 1
        if act.connection or isinstance(act.detail, SocketState):
            timeline.sockets[step.step, act.line] = SocketUse(act.connection, act.thread)
        timeline.events.append(event_of_act(one, step.phase, step.step, step.log.name))
    default: Attribution = "installer" if step.phase == "install" else "package"
    for process in kernel.processes:
        most = authors[process].most_common(1) if process in authors else []
        author = building.backend(process) if step.phase == "install" else ""
        timeline.processes.append(SeenProcess(step.phase, process, most[0][0] if most else default, step.step, author))


def add_network(
    timeline: Timeline, exchanges: Iterable[str], packets: Iterable[str], steps: list[tuple[float, Phase, int]]
) -> Peers:
    """Adds the network's events, and gives what they were joined with.

    A packet belongs to the step that had begun last; steps are (begin, phase, number).
    """
    record = network.read(exchanges, packets)
    peers = Peers(timeline.events, timeline.sockets, record.seen)
    timeline.events += list(mismatches(timeline.events, record.seen, peers.connections))
    begins = [begin for begin, _, _ in steps]
    for seen in record.seen:
        place = max(bisect_right(begins, seen.time) - 1, 0)
        phase, number = steps[place][1:] if steps else NO_STEP
        timeline.events.append(event_of_packet(seen, peers.caller(seen, phase, number), phase, number))
    timeline.cut += record.cut
    timeline.dropped += record.dropped + record.broken
    timeline.accounts.add("packet", len(record.seen) + record.broken, record.broken, record.dropped)
    timeline.reasons += record.reasons
    if record.dropped:
        timeline.reasons.append(f"{record.dropped} packets were dropped by the capture")
    if record.broken:
        timeline.reasons.append(f"{record.broken} lines of the network's record could not be read")
    if not record.finished:
        timeline.reasons.append("the packet capture was not dissected to its end")
    if not record.served:
        timeline.reasons.append("the simulated internet did not come to an orderly end")
    return peers


def add_metadata(timeline: Timeline, time: float, installed: Installed) -> None:
    """Adds what the analysed distribution says of itself. `time` is when the install phase was over."""
    if installed.target is not None:
        source = Source("distributions.json", 0)
        timeline.events.append(of_phase("install", time, "filesystem", metadata(installed.target), source))


def add_step_end(timeline: Timeline, phase: Phase, time: float, end: StepEnd, source: Source, step: int = 0) -> None:
    """Adds how a module or command ended; `step` is the command's number."""
    timeline.events.append(replace(of_phase(phase, time, "syscall", end, source), step=step))


def of_phase(phase: Phase, time: float, layer: Layer, detail: Detail, source: Source) -> Event:
    """An event of no process that is known, until told otherwise by the package."""
    return Event(
        time=time,
        phase=phase,
        layer=layer,
        pid=0,
        process="",
        outcome="completed",
        attribution="package",
        detail=detail,
        source=source,
    )
