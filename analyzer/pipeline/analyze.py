"""acquire → sandbox → record → report; or, where the target is a record that was kept, only the last step."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from analyzer.acquire import Cache, Index, acquire, environment_from, is_directory
from analyzer.errors import UsageError
from analyzer.model.report import Report
from analyzer.pipeline.baseline import add_baseline
from analyzer.pipeline.judge import Judgement, judge, judgement
from analyzer.pipeline.records import Run, acquisition_name, opened, record_path
from analyzer.rules.loader import Ruleset, ruleset
from analyzer.sandbox.interface import Limits, Manner, Progress, Sandbox
from analyzer.sandbox.leftovers import owned_folder
from analyzer.sandbox.tracer import Tracing
from analyzer.store.record import Record
from analyzer.store.reports import load_report

_STAGES = {
    "install": "installing",
    "startup": "starting an interpreter",
    "import": "importing every module",
    "execute": "running the entry points",
    "network": "reading the captured packets",
}


@dataclass(frozen=True, slots=True)
class Options:
    """How to analyse: which sandbox ("auto", "docker", "embedded"), runtime, tracer, interpreter and limits.

    `manner` is how the phases are carried out; `rules` are folders of the user's own rules, beside those of this version.
    """

    sandbox: str = "auto"
    runtime: str | None = None
    tracer: str = "auto"
    python: str | None = None
    limits: Limits = field(default_factory=Limits)
    manner: Manner = field(default_factory=Manner)
    rules: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """A report with the events that it was made of, the record of both, whose folder is gone when the analysis is left, and its run."""

    judgement: Judgement
    record: Record
    run: Run

    @property
    def report(self) -> Report:
        """The report."""
        return self.judgement.report


def analyze(
    target: str, options: Options, cache: Cache, index: Index, progress: Progress, use: Callable[[Analysis], None]
) -> Report:
    """Analyses a target and gives its report. `use` may read the record before it is removed.

    From a record that was kept, the report is derived again, with this version's rules: no sandbox, cache or index is
    touched, and of the options only the rules have an effect.

    Raises AcquireError, SandboxError, RecordError or UsageError when there is nothing to report about.
    """
    path = record_path(target)
    if options.manner.editable and not is_directory(target):
        raise UsageError(
            f"--editable {target}: only a project directory can be installed as editable; leave the option out"
        )
    if path is not None:
        rules = ruleset(options.rules)
        progress(f"opening the record {target}")
        with opened(path) as (record, run):
            return _report(record, run, rules, progress, use)
    with owned_folder() as folder:
        with closing(choose_sandbox(options, cache.root, progress)) as sandbox:
            rules = ruleset(options.rules)  # while the kernel tracer is loaded
            run = _run(sandbox, target, folder, options, cache, index, progress)
        return _report(Record(folder), run, rules, progress, use)


def _run(
    sandbox: Sandbox,
    target: str,
    folder: Path,
    options: Options,
    cache: Cache,
    index: Index,
    progress: Progress,
) -> Run:
    """Acquires the target, and runs it into the record's folder."""
    cache.prepare()
    environment = environment_from(sandbox.description())
    progress(f"acquiring {target}")
    acquisition = acquire(target, environment, cache, index=index, progress=progress, editable=options.manner.editable)
    name = acquisition_name(acquisition)
    created = datetime.now(UTC)
    facts = sandbox.run(
        acquisition,
        folder,
        options.limits,
        options.manner,
        lambda stage: progress(f"{_STAGES.get(stage, stage)}: {name}"),
    )
    reason = add_baseline(sandbox, acquisition, facts, options.manner, cache, folder, progress)
    return Run(acquisition, replace(facts, reasons=(*facts.reasons, *filter(None, [reason]))), created)


def _report(record: Record, run: Run, rules: Ruleset, progress: Progress, use: Callable[[Analysis], None]) -> Report:
    """What every analysis ends with, whether its record is new or was kept."""
    progress(f"reading the traces of {acquisition_name(run.acquisition)}")
    found = judgement(record, run.acquisition, run.facts, run.created, rules)
    use(Analysis(found, record, run))
    return found.report


def saved_report(path: Path, rules: Ruleset) -> Report:
    """The report of a JSON file, or of a record under these rules. Raises RecordError where it is neither."""
    if record_path(str(path.absolute())) is None:
        return load_report(path)
    with opened(path) as (record, run):
        return judge(record, run.acquisition, run.facts, run.created, rules)


def choose_sandbox(options: Options, cache_folder: Path, progress: Progress) -> Sandbox:
    """The sandbox that the options ask for; "auto" takes Docker when an engine answers.

    Each backend is imported only when it is looked at, since the engine's client takes long to load.
    """
    from analyzer.sandbox.embedded import Embedded

    if options.sandbox not in {"auto", "docker", "embedded"}:
        raise UsageError(f"--sandbox {options.sandbox}: unknown; use auto, docker or embedded")
    if options.sandbox != "embedded":
        from analyzer.sandbox.container import Docker
        from analyzer.sandbox.engine import engine_answers

        if options.sandbox == "docker" or options.runtime is not None or engine_answers():
            return Docker(Tracing(options.tracer), options.python, options.runtime, cache_folder, progress)
    if options.runtime is not None:
        raise UsageError(f"--runtime {options.runtime}: only the docker sandbox has OCI runtimes")
    return Embedded(Tracing(options.tracer), options.python, cache_folder)
