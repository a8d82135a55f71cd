"""From a record to a report: a pure function of what the run left behind and of this version's rules and taxonomy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import analyzer
from analyzer import issues
from analyzer.corpus import Corpus
from analyzer.model.package import Acquisition
from analyzer.model.report import BaselineUse, Limit, Package, PackageFile, PhaseResult, Report, SandboxFacts
from analyzer.pipeline.collecting import seldom_collecting
from analyzer.pipeline.content import content_of
from analyzer.pipeline.informing import informed
from analyzer.pipeline.judging import behaviors, files
from analyzer.pipeline.judging.clock import clock_limits, fast_clock
from analyzer.pipeline.judging.commands import missing_commands
from analyzer.pipeline.judging.completeness import completeness
from analyzer.pipeline.judging.directed import directions
from analyzer.pipeline.judging.during import During
from analyzer.pipeline.judging.exploration import exploration_of
from analyzer.pipeline.judging.fitting import fitted
from analyzer.pipeline.judging.network import network
from analyzer.pipeline.judging.placed import Placed
from analyzer.pipeline.judging.processes import processes
from analyzer.pipeline.judging.reading import Reading, read_record
from analyzer.pipeline.judging.subtraction import Subtraction, reported
from analyzer.pipeline.judging.targets import targets_of
from analyzer.pipeline.project import project_of
from analyzer.rules.loader import Ruleset
from analyzer.sandbox.interface import RunFacts
from analyzer.store.record import Record
from analyzer.taxonomy import Taxonomy
from analyzer.trace.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Judgement:
    """A report, and what it was made of: all events of the run in order of time, and what ran at each."""

    report: Report
    events: Timeline
    during: During


def judge(
    record: Record,
    acquisition: Acquisition,
    facts: RunFacts,
    created: datetime,
    rules: Ruleset,
    corpus: Corpus | None = None,
) -> Report:
    """The report of a record, held against a corpus where one is given. Raises RecordError for a record that this version cannot read."""
    return judgement(record, acquisition, facts, created, rules, corpus).report


def judgement(
    record: Record,
    acquisition: Acquisition,
    facts: RunFacts,
    created: datetime,
    rules: Ruleset,
    corpus: Corpus | None = None,
) -> Judgement:
    """The report of a record, with the events. Raises RecordError as `judge` does."""
    with seldom_collecting():
        reading = read_record(record)
        report = informed(fitted(_report(record, reading, acquisition, facts, created, rules)), corpus)
        return Judgement(report, reading.events, reading.during)


def _report(
    record: Record, reading: Reading, acquisition: Acquisition, facts: RunFacts, created: datetime, rules: Ruleset
) -> Report:
    events, target = reading.events, reading.installed.target
    engine = rules.engine()
    name = target.name if target else acquisition.name
    directed = directions(record, reading)
    targets = targets_of(record, reading, acquisition, rules)
    context = behaviors.Context(record.numbered_lines, reading.during, name, targets, Placed(directed))
    noise = Subtraction(record.baseline(), record, reading, acquisition, rules.taxonomy)
    found = behaviors.collect(noise.told(engine.observe(reported(events))), rules.taxonomy, context)
    noise.settle()
    if engine.forgotten:
        events.reasons.append(
            f"{engine.forgotten} unfinished sequences of events were too many to follow: a behavior may be missing"
        )
    missing = missing_commands(events.events, record.search_path(), context)
    nodes, left_out = processes(events, reading.during)
    content, unread = content_of(record, rules.lists)
    whole = completeness(record, reading, facts, missing, unread)
    project = project_of(record, acquisition, created)
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
        project=project,
        sandbox=SandboxFacts(
            backend=facts.backend,
            runtime=facts.runtime,
            tracer=facts.tracer,
            python=facts.python,
            network=facts.network,
            usage=facts.usage,
            tracer_note=facts.tracer_note,
            limits=_limits(facts, rules.taxonomy, noise.use()) + clock_limits(reading.steps),
            baseline=noise.use(),
            clock=fast_clock(reading.steps),
        ),
        completeness=whole,
        coverage=reading.coverage,
        phases=reading.phases,
        behaviors=found,
        issues=issues.find(found, issues.load(), content, project, whole),
        content=content,
        network=network(events, context),
        processes=nodes,
        processes_left_out=left_out,
        files=files.files(events, context.distribution),
        exploration=exploration_of(record, reading.steps),
        directions=directed,
    )


def _limits(facts: RunFacts, taxonomy: Taxonomy, baseline: BaselineUse | None) -> list[Limit]:
    """What the run could not see or tell apart: on that host, and by that tracer anywhere."""
    here = [Limit(text=text) for text in facts.limits]
    if baseline is not None and baseline.missing:
        here.append(Limit(text=f"no baseline: {baseline.missing}"))
    return here + [Limit(text=text, behavior=behavior) for behavior, text in taxonomy.limits(facts.tracer).items()]


def read(record: Record) -> tuple[Timeline, list[PhaseResult]]:
    """All events of a record in order of time, and how its phases went. Raises RecordError as `judge` does."""
    with seldom_collecting():
        reading = read_record(record)
        return reading.events, reading.phases
