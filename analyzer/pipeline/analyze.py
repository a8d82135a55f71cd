"""acquire → sandbox → record → report; or, where the target is a record that was kept, only the last step."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from analyzer.acquire import Cache, Index, acquire, environment_from, is_directory
from analyzer.content.process import FileReader
from analyzer.corpus import Corpus
from analyzer.errors import UsageError
from analyzer.model.package import Acquisition
from analyzer.model.report import Report
from analyzer.pipeline.asking import UNASKED, advisories_of, ask, keep_project
from analyzer.pipeline.content import keep_content
from analyzer.pipeline.informing import informed
from analyzer.pipeline.records import Run, acquisition_name, opened, record_path
from analyzer.rules.loader import Ruleset, ruleset
from analyzer.sandbox.interface import Limits, Manner, Progress, Sandbox
from analyzer.sandbox.leftovers import owned_folder
from analyzer.sandbox.tracer import Tracing, check_tracer
from analyzer.store.project import ProjectFacts
from analyzer.store.record import Record
from analyzer.store.reports import load_report

if TYPE_CHECKING:
    from analyzer.pipeline.judging.judge import Judgement

# What judges a record takes long to import, and is not needed before there is one: it is imported then, so that a session begins soon.

_STAGES = {
    "install": "installing",
    "startup": "starting an interpreter",
    "import": "importing every module",
    "execute": "running the entry points",
    "session": "opening a session",
    "not installed": "it is not installed",
    "network": "reading the captured packets",
}


@dataclass(frozen=True, slots=True)
class Options:
    """How to analyse: which sandbox ("auto", "docker", "embedded"), runtime, tracer, interpreter and limits.

    `manner` is how the phases are carried out; `rules` are folders of the user's own rules, beside those of this version. `osv` are
    files or folders with vulnerabilities in the OSV format.
    """

    sandbox: str = "auto"
    runtime: str | None = None
    tracer: str = "auto"
    python: str | None = None
    limits: Limits = field(default_factory=Limits)
    manner: Manner = field(default_factory=Manner)
    rules: tuple[Path, ...] = ()
    osv: tuple[Path, ...] = ()


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
    target: str,
    options: Options,
    cache: Cache,
    index: Index,
    progress: Progress,
    use: Callable[[Analysis], None],
    corpus: Corpus | None = None,
) -> Report:
    """Analyses a target and gives its report, held against a corpus where one is given. `use` may read the record before it is removed.

    From a record that was kept, the report is derived again, with this version's rules: no sandbox, cache or index is
    touched, and of the options only the rules and `osv` have an effect.

    Raises AcquireError, SandboxError, RecordError or UsageError when there is nothing to report about.
    """
    path = record_path(target)
    if options.manner.editable and not is_directory(target):
        raise UsageError(
            f"--editable {target}: only a project directory can be installed as editable; leave the option out"
        )
    advisories = advisories_of(options.osv)
    if path is not None:
        rules = ruleset(options.rules)
        progress(f"opening the record {target}")
        _prepare(corpus)
        with opened(path) as (record, run):
            if advisories is not None:
                keep_project(record, run.acquisition, record.project() or UNASKED, advisories)
            return _report(record, run, rules, progress, use, corpus)
    with owned_folder() as folder:
        with closing(choose_sandbox(options, cache.root, progress)) as sandbox:
            # While the kernel tracer is loaded; whoever waits for a session needs those of this version later.
            early = ruleset(options.rules) if options.manner.session is None or options.rules else None
            acquisition = acquired(target, sandbox, options, cache, index, progress)
            said = ask(acquisition, index)
            _prepare(corpus)  # while the package runs
            run = _run(sandbox, acquisition, folder, options, cache, progress, said)
        return _report(Record(folder), run, early if early is not None else ruleset(), progress, use, corpus)


def acquired(
    target: str, sandbox: Sandbox, options: Options, cache: Cache, index: Index, progress: Progress
) -> Acquisition:
    """The target with all that it needs, for the interpreter in a sandbox. Raises AcquireError and SandboxError."""
    cache.prepare()
    environment = environment_from(sandbox.description())
    progress(f"acquiring {target}")
    return acquire(target, environment, cache, index=index, progress=progress, editable=options.manner.editable)


def analyze_acquired(
    acquisition: Acquisition,
    sandbox: Sandbox,
    options: Options,
    cache: Cache,
    rules: Ruleset,
    progress: Progress,
    said: ProjectFacts,
) -> Report:
    """The report of what was acquired, from a sandbox that stays open. `said` is what the index says. Raises as `analyze` does."""
    with owned_folder() as folder:
        run = _run(sandbox, acquisition, folder, options, cache, progress, said)
        return _report(Record(folder), run, rules, progress, _leave)


def _leave(analysis: Analysis) -> None:
    """Nothing but the report is wanted."""
    del analysis


def _run(
    sandbox: Sandbox,
    acquisition: Acquisition,
    folder: Path,
    options: Options,
    cache: Cache,
    progress: Progress,
    said: ProjectFacts,
) -> Run:
    """Runs what was acquired into the record's folder."""
    name = acquisition_name(acquisition)
    created = datetime.now(UTC)
    with FileReader(acquisition) as reader:
        facts = sandbox.run(
            acquisition,
            folder,
            options.limits,
            options.manner,
            lambda stage: progress(f"{_STAGES.get(stage, stage)}: {name}"),
        )
        from analyzer.pipeline.baseline import add_baseline

        reasons = [
            *facts.reasons,
            add_baseline(sandbox, acquisition, facts, options.manner, cache, folder, progress),
            keep_project(Record(folder), acquisition, said, advisories_of(options.osv)),
            keep_content(Record(folder), reader, lambda: progress(f"reading the files of {name}")),
        ]
    return Run(acquisition, replace(facts, reasons=tuple(filter(None, reasons))), created)


def _prepare(corpus: Corpus | None) -> None:
    """Begins to open the corpus, which is asked when the traces are read."""
    if corpus is not None:
        corpus.prepare()


def _report(
    record: Record,
    run: Run,
    rules: Ruleset,
    progress: Progress,
    use: Callable[[Analysis], None],
    corpus: Corpus | None = None,
) -> Report:
    """What every analysis ends with, whether its record is new or was kept."""
    from analyzer.pipeline.judging.judge import judgement

    progress(f"reading the traces of {acquisition_name(run.acquisition)}")
    found = judgement(record, run.acquisition, run.facts, run.created, rules, corpus)
    use(Analysis(found, record, run))
    return found.report


def saved_report(path: Path, rules: Ruleset, corpus: Corpus | None = None) -> Report:
    """The report of a JSON file, or of a record under these rules, either held against a corpus where one is given.

    Raises RecordError where it is neither.
    """
    from analyzer.pipeline.judging.judge import judge

    if record_path(str(path.absolute())) is None:
        return informed(load_report(path), corpus)
    with opened(path) as (record, run):
        return judge(record, run.acquisition, run.facts, run.created, rules, corpus)


def check_words(options: Options) -> None:
    """Sees that the sandbox and the tracer are known ones, before anything is started. Raises UsageError."""
    if options.sandbox not in {"auto", "docker", "embedded"}:
        raise UsageError(f"--sandbox {options.sandbox}: unknown; use auto, docker or embedded")
    check_tracer(options.tracer)


def choose_sandbox(options: Options, cache_folder: Path, progress: Progress) -> Sandbox:
    """The sandbox that the options ask for; "auto" takes Docker when an engine answers.

    Each backend is imported only when it is looked at, since the engine's client takes long to load.
    """
    from analyzer.sandbox.embedded import Embedded

    check_words(options)
    if options.sandbox != "embedded":
        from analyzer.sandbox.docker.engine import engine_answers
        from analyzer.sandbox.docker.sandbox import Docker

        if options.sandbox == "docker" or options.runtime is not None or engine_answers():
            return Docker(Tracing(options.tracer), options.python, options.runtime, cache_folder, progress)
    if options.runtime is not None:
        raise UsageError(f"--runtime {options.runtime}: only the docker sandbox has OCI runtimes")
    return Embedded(Tracing(options.tracer), options.python, cache_folder)
