"""From the files of a record to one list of events: every command's traces, the file trees, the network, and how all ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analyzer.model.event import PHASES, Phase, Source, StepEnd
from analyzer.model.report import Coverage, PhaseResult
from analyzer.pipeline.judging.coverage import coverage
from analyzer.pipeline.judging.driven import Driven, driven, ended_how
from analyzer.pipeline.judging.during import During
from analyzer.pipeline.judging.outcome import phase_results
from analyzer.store.record import Record, StepRecord
from analyzer.trace import changes, secrets, timeline
from analyzer.trace.authors.installed import Installed
from analyzer.trace.calls.naming import Links
from analyzer.trace.events import EXCHANGES, PACKETS
from analyzer.trace.timeline import StepTexts, Timeline, Used
from analyzer.trace.tree import trees

UNHEARD = "the interpreter probe's log was cut"
"""How the supervisor tells it (`probes/hood/execution.py`)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a record tells: its events in order of time, what ran at each, how the phases went, and what was reached.

    `drivers` is what the driver said of each step, by the step's number.
    """

    steps: list[StepRecord]
    installed: Installed
    events: Timeline
    during: During
    phases: list[PhaseResult]
    coverage: Coverage
    drivers: Mapping[int, Driven]


def read_record(record: Record) -> Reading:
    """Reads a record. Raises RecordError for one that this version cannot read."""
    steps, installed = record.steps(), record.installed()
    drivers = {step.step: driven(record, step) for step in steps}
    events = _timeline(record, steps, drivers, installed)
    reached = coverage(steps, drivers, installed)
    phases = phase_results(record, steps, installed, reached)
    _add_ends(events, steps, drivers, phases, installed)
    events.sort()
    return Reading(steps, installed, events, During(steps, drivers, events.makers), phases, reached, drivers)


def _timeline(record: Record, steps: list[StepRecord], drivers: Mapping[int, Driven], installed: Installed) -> Timeline:
    events = Timeline()
    directory, processes = record.working_directory(), record.process_limit()
    known = ""
    for step in steps:
        known = know_links(events.links, record, step.phase, known)
        timeline.add_step(
            events,
            StepTexts(
                phase=step.phase,
                stem=step.stem,
                command=step.argv[0] if step.argv else "",
                directory=directory,
                begin=step.begin,
                end=step.end,
                log=record.call_log(step),
                probe=record.lines(f"steps/{step.stem}.probe"),
                step=step.step,
                cut=step.cut,
                processes=processes,
                ends=tuple(subject.name for subject in drivers[step.step].subjects if subject.end is not None),
                heard=not any(UNHEARD in reason for reason in step.reasons),
                epoch=step.epoch,
            ),
            installed,
        )
    ends: dict[Phase, float] = {
        phase: max((step.end for step in steps if step.phase == phase and _is_before_tree(step)), default=0.0)
        for phase in PHASES
    }
    looks: dict[str, Iterable[str]] = {
        name: record.lines(f"trees/{name}.jsonl") for name in ("before", *PHASES) if record.has(f"trees/{name}.jsonl")
    }
    if "before" in looks:
        changes.add_trees(events, {phase: end for phase, end in ends.items() if phase in looks}, looks, installed)
    timeline.add_metadata(events, ends["install"], installed)
    begins = [(step.begin, step.phase, step.step) for step in steps]
    peers = timeline.add_network(events, record.lines(EXCHANGES), record.lines(PACKETS), begins)
    # Records of earlier versions have neither.
    if any(record.has(f"internet/{name}") for name in ("secrets.json", "secrets.jsonl")):
        secrets.add_secrets(events, record.lines("internet/secrets.jsonl"), begins, peers)
    return events


def know_links(links: Links, record: Record, phase: Phase, known: str) -> str:
    """Brings the symbolic links up to date with the tree that was looked at last before a phase; gives its name, as `known` has it."""
    earlier = ["before", *PHASES[: PHASES.index(phase)]]
    last = next((name for name in reversed(earlier) if record.has(f"trees/{name}.jsonl")), "")
    if last and last != known:
        found, whole = trees.links(record.lines(f"trees/{last}.jsonl"))
        links.replace(found, whole=whole)
    return last


def _is_before_tree(step: StepRecord) -> bool:
    """Imports at later dates come after those of the phase, whose tree was kept by then."""
    return step.phase == "execute" or not step.is_later


def _add_ends(
    events: Timeline,
    steps: list[StepRecord],
    drivers: dict[int, Driven],
    phases: list[PhaseResult],
    installed: Installed,
) -> None:
    """How each command and module ended, as events that rules can see."""
    reason = next((phase.detail for phase in phases if phase.name == "install"), "")
    for number, step in enumerate(steps, 1):
        source = Source("steps.jsonl", number)
        installing = step.phase == "install"
        used = events.used.get(step.step, Used())
        whole = StepEnd(
            subject=step.subject,
            status=step.status,
            reason=reason if installing else "",
            fatal=installing,
            cpu_seconds=max(step.cpu_seconds, used.seconds),
            memory_bytes=max(step.memory_bytes, used.memory),
            processes=used.processes,
        )
        modules = _module_ends(step, drivers[step.step], installed) if step.kind == "import" else []
        for time, end in ((step.end, whole), *modules):
            timeline.add_step_end(events, step.phase, time, end, source, step.step)


def _module_ends(step: StepRecord, said: Driven, installed: Installed) -> list[tuple[float, StepEnd]]:
    known = frozenset(installed.target.modules if installed.target is not None else ())
    ends = []
    for subject in said.subjects:
        error = subject.error if subject.end is not None else ended_how(step)
        fatal = "." not in subject.name and subject.name in known
        end = StepEnd(subject.name, "failed" if error else "ok", error, fatal)
        ends.append((step.end if subject.end is None else subject.end, end))
    return ends
