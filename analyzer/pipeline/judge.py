"""From a record to a report: a pure function of what the run left behind and of this version's rules and taxonomy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import analyzer
from analyzer.model.event import PHASES, Attribution, Event, Phase, Source, StepEnd
from analyzer.model.package import Acquisition
from analyzer.model.report import Limit, Package, PackageFile, PhaseResult, Report, SandboxFacts
from analyzer.pipeline import behaviors, summary
from analyzer.pipeline.collecting import seldom_collecting
from analyzer.pipeline.outcome import completeness, phase_results, unfinished_modules
from analyzer.rules.loader import Ruleset
from analyzer.sandbox.interface import RunFacts
from analyzer.store.record import DriverLine, Record, StepRecord
from analyzer.taxonomy import Taxonomy
from analyzer.trace import timeline
from analyzer.trace.installed import Installed
from analyzer.trace.timeline import StepTexts, Timeline

_REPORTED: frozenset[Attribution] = frozenset({"package", "dependency"})
"""Whose behaviors are told; what the installer or the interpreter does by itself is left out."""


def judge(record: Record, acquisition: Acquisition, facts: RunFacts, created: datetime, rules: Ruleset) -> Report:
    """The report of a record. Raises RecordError for a record that this version cannot read."""
    with seldom_collecting():
        return _judge(record, acquisition, facts, created, rules)


def _judge(record: Record, acquisition: Acquisition, facts: RunFacts, created: datetime, rules: Ruleset) -> Report:
    steps = record.steps()
    installed = record.installed()
    events, phases = _read(record, steps, installed)
    engine = rules.engine()
    observations = engine.observe(reported(events))
    found = behaviors.collect(observations, rules.taxonomy, record.numbered_lines)
    if engine.forgotten:
        events.reasons.append(
            f"{engine.forgotten} unfinished sequences of events were too many to follow: a behavior may be missing"
        )
    target = installed.target
    return Report(
        generator=f"fumehood {analyzer.__version__}",
        created=created.isoformat(timespec="seconds").replace("+00:00", "Z"),
        package=Package(
            name=acquisition.name,
            version=target.version if target else acquisition.version,
            files=[
                PackageFile(filename=file.filename, sha256=file.sha256, size=file.size, role=file.role)
                for file in acquisition.files
            ],
        ),
        sandbox=SandboxFacts(
            backend=facts.backend,
            runtime=facts.runtime,
            tracer=facts.tracer,
            python=facts.python,
            network=facts.network,
            usage=facts.usage,
            tracer_note=facts.tracer_note,
            limits=_limits(facts, rules.taxonomy),
        ),
        completeness=completeness(record, steps, phases, events, facts),
        phases=phases,
        behaviors=found,
        network=summary.network(events),
        processes=summary.processes(events),
        files=summary.files(events),
    )


def _limits(facts: RunFacts, taxonomy: Taxonomy) -> list[Limit]:
    """What the run could not see: on that host, and by that tracer anywhere."""
    here = [Limit(text=text) for text in facts.limits]
    return here + [Limit(text=text, behavior=behavior) for behavior, text in taxonomy.limits(facts.tracer).items()]


def read(record: Record) -> tuple[Timeline, list[PhaseResult]]:
    """All events of a record in order of time, and how its phases went. Raises RecordError as `judge` does."""
    with seldom_collecting():
        return _read(record, record.steps(), record.installed())


def _read(record: Record, steps: list[StepRecord], installed: Installed) -> tuple[Timeline, list[PhaseResult]]:
    events = _timeline(record, steps, installed)
    phases = phase_results(record, steps, installed)
    _add_ends(events, record, steps, phases, installed)
    events.sort()
    return events, phases


def reported(events: Timeline) -> Iterator[Event]:
    """The events that behaviors are told of."""
    return (event for event in events.events if event.attribution in _REPORTED)


def _timeline(record: Record, steps: list[StepRecord], installed: Installed) -> Timeline:
    events = Timeline()
    directory, processes = record.working_directory(), record.process_limit()
    for step in steps:
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
            ),
            installed,
        )
    ends: dict[Phase, float] = {
        phase: max((step.end for step in steps if step.phase == phase), default=0.0) for phase in PHASES
    }
    trees: dict[str, Iterable[str]] = {
        name: record.lines(f"trees/{name}.jsonl") for name in ("before", *PHASES) if record.has(f"trees/{name}.jsonl")
    }
    if "before" in trees:
        timeline.add_trees(events, {phase: end for phase, end in ends.items() if phase in trees}, trees, installed)
    timeline.add_metadata(events, ends["install"], installed)
    begins = [(step.begin, step.phase, step.step) for step in steps]
    timeline.add_network(
        events, record.lines("internet/exchanges.jsonl"), record.lines("internet/packets.jsonl"), begins
    )
    return events


def _add_ends(
    events: Timeline, record: Record, steps: list[StepRecord], phases: list[PhaseResult], installed: Installed
) -> None:
    """How each command and module ended, as events that rules can see."""
    for number, step in enumerate(steps, 1):
        source = Source("steps.jsonl", number)
        reason = next((phase.detail for phase in phases if phase.name == "install"), "")
        installing = step.phase == "install"
        seconds, memory = events.used.get(step.step, (0.0, 0))
        whole = StepEnd(
            subject=step.subject,
            status=step.status,
            reason=reason if installing else "",
            fatal=installing,
            cpu_seconds=max(step.cpu_seconds, seconds),
            memory_bytes=max(step.memory_bytes, memory),
        )
        modules = _module_ends(record, step, installed) if step.phase == "import" else []
        for end in (whole, *modules):
            timeline.add_step_end(events, step.phase, step.end, end, source, step.step)


def _module_ends(record: Record, step: StepRecord, installed: Installed) -> list[StepEnd]:
    lines = list(record.driver_lines(step))
    lines += [DriverLine(end=module, error=why) for module, why in unfinished_modules(step, record).items()]
    known = installed.target.modules if installed.target is not None else ()
    return [
        StepEnd(line.end, "failed" if line.error else "ok", line.error, "." not in line.end and line.end in known)
        for line in lines
        if line.end
    ]
