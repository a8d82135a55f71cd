"""Everything that a run's layers saw, put together to one list of events with authors, and an account of what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from analyzer.model.event import Attribution, Event, FileTree, Location, Phase, PythonCall, Source, StepEnd
from analyzer.trace import network, probe, trees
from analyzer.trace.attribution import Attributor
from analyzer.trace.installed import Installed
from analyzer.trace.kernel import KernelTrace, trace
from analyzer.trace.processes import Process

_INSTALLERS_OWN = ("/.cache/uv/", "/.cache/pip/")


@dataclass(frozen=True, slots=True)
class StepTexts:
    """The raw material of one traced command: where it stands, its command and folder, and its log's lines."""

    phase: Phase
    stem: str
    command: str
    directory: str
    begin: float
    end: float
    strace: Iterable[str]
    probe: Iterable[str]


@dataclass(frozen=True, slots=True)
class SeenProcess:
    """A process with the phase in which it ran and whose it is."""

    phase: Phase
    process: Process
    attribution: Attribution


@dataclass(slots=True)
class Timeline:
    """Events in order of time, processes, and what was lost."""

    events: list[Event] = field(default_factory=list)
    processes: list[SeenProcess] = field(default_factory=list)
    dropped: int = 0
    reasons: list[str] = field(default_factory=list)

    def sort(self) -> None:
        """Puts the events in order of time."""
        self.events.sort(key=lambda event: event.time)


def add_step(timeline: Timeline, step: StepTexts, installed: Installed) -> None:
    """Adds what kernel and interpreter saw of one command."""
    kernel = trace(step.strace, step.command, step.directory)
    calls = []
    broken = 0
    for number, call in probe.read(step.probe):
        if call is None:
            broken += 1
        else:
            calls.append((number, call))
    attributor = Attributor(step.phase, installed, [call for _, call in calls])
    _add_kernel(timeline, step, kernel, attributor)
    inner = {process.inner: process for process in kernel.processes if process.inner}
    for number, call in calls:
        process = inner.get(call.pid)
        if call.name == "start":
            continue
        location = attributor.location(call)
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
                attribution=attributor.author(location, process),
                detail=PythonCall(call.name, call.arguments),
                source=Source(f"steps/{step.stem}.probe", number),
                location=location,
            )
        )
    _account(timeline, step, kernel, broken)


def _add_kernel(timeline: Timeline, step: StepTexts, kernel: KernelTrace, attributor: Attributor) -> None:
    authors: dict[Process, Counter[Attribution]] = {}
    for one in attributor.attribute(kernel.acts):
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
                source=Source(f"steps/{step.stem}.strace", act.line),
                location=one.location,
            )
        )
    default: Attribution = "installer" if step.phase == "install" else "package"
    for process in kernel.processes:
        most = authors[process].most_common(1) if process in authors else []
        timeline.processes.append(SeenProcess(step.phase, process, most[0][0] if most else default))


def _account(timeline: Timeline, step: StepTexts, kernel: KernelTrace, broken: int) -> None:
    if kernel.unreadable:
        timeline.dropped += kernel.unreadable
        timeline.reasons.append(f"{step.phase}: {kernel.unreadable} lines of the system call log could not be read")
    if not kernel.processes:
        timeline.reasons.append(f"{step.phase}: the system call log of {step.stem} does not show the command")
    if broken:
        timeline.dropped += broken
        timeline.reasons.append(f"{step.phase}: {broken} lines of the interpreter probe could not be read")


def add_trees(timeline: Timeline, ends: dict[Phase, float], lines: dict[str, Iterable[str]], installed: Installed) -> None:
    """Adds what each phase left in the writable tree. `ends` gives the time at which each phase was over."""
    before, broken = trees.read(lines["before"])
    for phase, end in ends.items():
        if phase not in lines:
            continue
        after, more = trees.read(lines[phase])
        broken += more
        for number, change in enumerate(trees.compare(before, after)):
            owned = replace(change, distribution=installed.owner(change.path))
            timeline.events.append(
                Event(
                    time=end,
                    phase=phase,
                    layer="filesystem",
                    pid=0,
                    process="",
                    outcome="completed",
                    attribution=_tree_author(owned, phase, installed),
                    detail=owned,
                    source=Source(f"trees/{phase}.jsonl", number),
                )
            )
        before = after
    if broken:
        timeline.dropped += broken
        timeline.reasons.append(f"{broken} lines of the file tree could not be read")


def _tree_author(change: FileTree, phase: Phase, installed: Installed) -> Attribution:
    if "/__pycache__" in change.path:
        return "interpreter"
    if change.distribution:
        return "package" if installed.is_target(change.distribution) else "dependency"
    if phase == "install" and (any(own in change.path for own in _INSTALLERS_OWN) or "/.venv/" in change.path or change.path.startswith("/tmp/")):  # noqa: S108
        return "installer"
    return "package"


def add_network(timeline: Timeline, exchanges: Iterable[str], packets: Iterable[str], phases: list[tuple[float, Phase]]) -> None:
    """Adds the network's events; a packet belongs to the phase that had begun last."""
    record = network.read(exchanges, packets)
    for seen in record.seen:
        phase = next((name for begin, name in reversed(phases) if seen.time >= begin), phases[0][1] if phases else "install")
        author, location, process = _network_author(timeline, seen, phase)
        timeline.events.append(
            Event(
                time=seen.time,
                phase=phase,
                layer="packet",
                pid=process,
                process="",
                outcome="completed",
                attribution=author,
                detail=seen.detail,
                source=Source(f"internet/{'exchanges' if seen.exchange else 'packets'}.jsonl", seen.line),
                location=location,
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


def _network_author(timeline: Timeline, seen: network.Seen, phase: Phase) -> tuple[Attribution, Location | None, int]:
    """The author of the socket call behind a packet: the same peer, at most a few seconds before; nearest first."""
    address, port = getattr(seen.detail, "address", getattr(seen.detail, "server", "")), getattr(seen.detail, "port", 0)
    best: Event | None = None
    for event in timeline.events:
        if event.layer == "syscall" and event.kind.startswith("socket.") and event.phase == phase:
            same = getattr(event.detail, "address", None) == address and getattr(event.detail, "port", None) == port
            if same and (best is None or abs(event.time - seen.time) < abs(best.time - seen.time)):
                best = event
    if best is None:
        return "package", None, 0
    return best.attribution, best.location, best.pid


def add_step_end(timeline: Timeline, phase: Phase, time: float, end: StepEnd, source: Source) -> None:
    """Adds how a module or command ended."""
    timeline.events.append(
        Event(
            time=time,
            phase=phase,
            layer="syscall",
            pid=0,
            process="",
            outcome="completed",
            attribution="package",
            detail=end,
            source=source,
        )
    )
