"""Everything that a run's layers saw as one list of events with authors, and an account of what is missing."""

from __future__ import annotations

import posixpath
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from analyzer.model.event import (
    Attribution,
    Detail,
    Event,
    FileCreate,
    FileLink,
    FileOpen,
    FileRename,
    FileTree,
    FileWrite,
    Layer,
    Phase,
    PythonCall,
    Source,
    StepEnd,
)
from analyzer.trace import network, probe, trees
from analyzer.trace.attribution import Attributor
from analyzer.trace.bytecode import is_cached
from analyzer.trace.calllog import CallLog
from analyzer.trace.installed import Installed
from analyzer.trace.kernel import KernelTrace, trace
from analyzer.trace.metadata import metadata
from analyzer.trace.missing import missing
from analyzer.trace.peers import Peers
from analyzer.trace.processes import Process

_CLOCK_SECONDS = 1.0
_PACKAGES: frozenset[Attribution | None] = frozenset({"package", "dependency"})
_TEMPORARY = "/tmp/"  # noqa: S108 the sandbox's own
_NO_STEP: tuple[Phase, int] = ("install", 0)
_INSTALLERS_OWN = ("/.cache/uv/", "/.cache/pip/")


@dataclass(frozen=True, slots=True)
class StepTexts:
    """The raw material of one traced command: where it stands, its command and folder, its log, and the probe's lines.

    `step` is its number, `cut` when the supervisor ended what was left of it (0: nothing was), and `processes` the limit
    on their number (0: not known).
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


@dataclass(frozen=True, slots=True)
class SeenProcess:
    """A process with the phase in which it ran and whose it is."""

    phase: Phase
    process: Process
    attribution: Attribution


@dataclass(slots=True)
class Timeline:
    """Events in order of time, processes, what was lost, and what each step's processes used where its log tells that.

    `used` has seconds of processor time of all, and bytes of memory of the largest, by the step's number.
    """

    events: list[Event] = field(default_factory=list)
    processes: list[SeenProcess] = field(default_factory=list)
    dropped: int = 0
    reasons: list[str] = field(default_factory=list)
    used: dict[int, tuple[float, int]] = field(default_factory=dict)

    def sort(self) -> None:
        """Puts the events in order of time."""
        self.events.sort(key=lambda event: event.time)


def add_step(timeline: Timeline, step: StepTexts, installed: Installed) -> None:
    """Adds what kernel and interpreter saw of one command."""
    kernel = trace(step.log, step.command, step.directory, step.cut)
    calls = []
    broken = 0
    for number, call in probe.read(step.probe):
        if call is None or not step.begin - _CLOCK_SECONDS <= call.time <= step.end + _CLOCK_SECONDS:
            broken += 1
        else:
            calls.append((number, call))
    user_home = posixpath.dirname(step.directory)
    attributor = Attributor(step.phase, installed, [call for _, call in calls], user_home)
    timeline.used[step.step] = kernel.seconds, kernel.memory
    _add_kernel(timeline, step, kernel, attributor)
    _add_calls(timeline, step, kernel, attributor, calls)
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
    for number, call in calls:
        if call.name == "start":
            continue
        process = inner.get(call.pid)
        location, attribution = attributor.call(call, process)
        if location is None:
            continue
        timeline.events.append(
            Event(
                time=call.time,
                phase=step.phase,
                layer="interpreter",
                pid=process.pid if process else 0,
                process=process.program if process else "python",
                outcome="completed",
                attribution=attribution,
                detail=PythonCall(call.name, call.arguments),
                source=Source(f"steps/{step.stem}.probe", number),
                location=location,
                step=step.step,
            )
        )


def _add_kernel(timeline: Timeline, step: StepTexts, kernel: KernelTrace, attributor: Attributor) -> None:
    authors: dict[Process, Counter[Attribution]] = {}
    for one in attributor.attribute(kernel):
        act = one.act
        authors.setdefault(act.process, Counter())[one.attribution] += 1
        timeline.events.append(
            Event(
                time=act.time,
                phase=step.phase,
                layer="syscall",
                pid=act.process.pid,
                process=act.process.program,
                outcome=act.outcome,
                attribution=one.attribution,
                detail=act.detail,
                source=Source(step.log.name, act.line),
                location=one.location,
                step=step.step,
            )
        )
    default: Attribution = "installer" if step.phase == "install" else "package"
    for process in kernel.processes:
        most = authors[process].most_common(1) if process in authors else []
        timeline.processes.append(SeenProcess(step.phase, process, most[0][0] if most else default))


def add_trees(
    timeline: Timeline, ends: dict[Phase, float], lines: dict[str, Iterable[str]], installed: Installed
) -> None:
    """Adds what each phase left in the writable tree. `ends` gives the time at which each phase was over."""
    before, broken = trees.read(lines["before"])
    for phase, end in ends.items():
        if phase not in lines:
            continue
        after, more = trees.read(lines[phase])
        broken += more
        makers = _makers(timeline, phase)
        for change in trees.compare(before, after):
            owner = installed.owner(change.path)
            owned = replace(change, distribution=owner, own=installed.is_target(owner))
            source = Source(f"trees/{phase}.jsonl", after[change.path].line if change.path in after else 0)
            event = _of_phase(phase, end, "filesystem", owned, source)
            author = _tree_author(owned, phase, installed, makers, after)
            timeline.events.append(replace(event, attribution=author))
        before = after
    if broken:
        timeline.dropped += broken
        timeline.reasons.append(f"{broken} lines of the file tree could not be read")


def _makers(timeline: Timeline, phase: Phase) -> dict[str, Attribution]:
    """Who made each path in a phase, as system calls show it; the package where it is one of several."""
    makers: dict[str, Attribution] = {}
    for event in timeline.events:
        if event.layer != "syscall" or event.phase != phase or event.outcome != "completed":
            continue
        detail = event.detail
        if isinstance(detail, FileOpen) and detail.access == "read":
            continue
        if isinstance(detail, FileOpen | FileCreate | FileLink | FileWrite | FileRename):
            path = detail.target if isinstance(detail, FileRename) else detail.path
            if makers.get(path) not in _PACKAGES:
                makers[path] = event.attribution
    return makers


def _tree_author(
    change: FileTree, phase: Phase, installed: Installed, makers: dict[str, Attribution], after: trees.Tree
) -> Attribution:
    if is_cached(change.path, after):
        return "interpreter"
    if change.distribution:
        return "package" if installed.is_target(change.distribution) else "dependency"
    if phase != "install":
        maker = makers.get(change.path, "package")
        return maker if maker in _PACKAGES else "package"
    if change.path in makers:
        return makers[change.path]
    # Where only the installer ran, files are not traced: then what lies in its own places is its own.
    places = _INSTALLERS_OWN if makers else (*_INSTALLERS_OWN, "/.venv/")
    own = any(place in change.path for place in places) or change.path.startswith(_TEMPORARY)
    return "installer" if own else "package"


def add_network(
    timeline: Timeline, exchanges: Iterable[str], packets: Iterable[str], steps: list[tuple[float, Phase, int]]
) -> None:
    """Adds the network's events. A packet belongs to the step that had begun last; steps are (begin, phase, number)."""
    record = network.read(exchanges, packets)
    peers = Peers(timeline.events)
    begins = [begin for begin, _, _ in steps]
    for seen in record.seen:
        place = max(bisect_right(begins, seen.time) - 1, 0)
        phase, number = steps[place][1:] if steps else _NO_STEP
        caller = peers.caller(seen, phase)
        timeline.events.append(
            Event(
                time=seen.time,
                phase=phase,
                layer="packet",
                pid=caller.pid if caller else 0,
                process=caller.process if caller else "",
                outcome="completed",
                attribution=caller.attribution if caller else "package",
                detail=seen.detail,
                source=Source(f"internet/{'exchanges' if seen.exchange else 'packets'}.jsonl", seen.line),
                location=caller.location if caller else None,
                step=number,
            )
        )
    timeline.dropped += record.dropped + record.broken
    timeline.reasons += record.reasons
    if record.dropped:
        timeline.reasons.append(f"{record.dropped} packets were dropped by the capture")
    if record.broken:
        timeline.reasons.append(f"{record.broken} lines of the network's record could not be read")
    if not record.finished:
        timeline.reasons.append("the packet capture was not dissected to its end")
    if not record.served:
        timeline.reasons.append("the simulated internet did not come to an orderly end")


def add_metadata(timeline: Timeline, time: float, installed: Installed) -> None:
    """Adds what the analysed distribution says of itself. `time` is when the install phase was over."""
    if installed.target is not None:
        source = Source("distributions.json", 0)
        timeline.events.append(_of_phase("install", time, "filesystem", metadata(installed.target), source))


def add_step_end(timeline: Timeline, phase: Phase, time: float, end: StepEnd, source: Source, step: int = 0) -> None:
    """Adds how a module or command ended; `step` is the command's number."""
    timeline.events.append(replace(_of_phase(phase, time, "syscall", end, source), step=step))


def _of_phase(phase: Phase, time: float, layer: Layer, detail: Detail, source: Source) -> Event:
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
