"""acquire → sandbox → record → report."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from analyzer.acquire import Cache, Index, acquire, environment_from
from analyzer.errors import UsageError
from analyzer.model.report import Report
from analyzer.pipeline.judge import judge
from analyzer.sandbox.interface import Limits, Progress, Sandbox
from analyzer.sandbox.leftovers import owned_folder
from analyzer.sandbox.tracer import choose
from analyzer.store.record import Record

_STAGES = {
    "install": "installing",
    "startup": "starting an interpreter",
    "import": "importing every module",
    "execute": "running the entry points",
    "network": "reading the captured packets",
}


@dataclass(frozen=True, slots=True)
class Options:
    """How to analyse: which sandbox ("auto", "docker", "embedded"), runtime, tracer, interpreter and limits."""

    sandbox: str = "auto"
    runtime: str | None = None
    tracer: str = "auto"
    python: str | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Analysis:
    """A report, and the record's folder, which is gone when the analysis is left."""

    report: Report
    record: Record


def analyze(
    target: str, options: Options, cache: Cache, index: Index, progress: Progress, use: Callable[[Analysis], None]
) -> Report:
    """Analyses a target and gives its report. `use` may read the record before it is removed.

    Raises AcquireError, SandboxError or UsageError when there is nothing to report about.
    """
    with closing(choose_sandbox(options, cache.root, progress)) as sandbox:
        return _analyze(sandbox, target, options, cache, index, progress, use)


def _analyze(
    sandbox: Sandbox,
    target: str,
    options: Options,
    cache: Cache,
    index: Index,
    progress: Progress,
    use: Callable[[Analysis], None],
) -> Report:
    cache.prepare()
    environment = environment_from(sandbox.description())
    progress(f"acquiring {target}")
    acquisition = acquire(target, environment, cache, index=index, progress=progress)
    name = f"{acquisition.name} {acquisition.version}".strip()
    with owned_folder() as folder:
        record = Record(folder)
        created = datetime.now(UTC)
        facts = sandbox.run(
            acquisition, record.folder, options.limits, lambda stage: progress(f"{_STAGES.get(stage, stage)}: {name}")
        )
        progress(f"reading the traces of {name}")
        report = judge(record, acquisition, facts, created)
        use(Analysis(report, record))
    return report


def choose_sandbox(options: Options, cache_folder: Path, progress: Progress) -> Sandbox:
    """The sandbox that the options ask for; "auto" takes Docker when an engine answers.

    Each backend is imported only when it is looked at, since the engine's client takes long to load.
    """
    from analyzer.sandbox.embedded import Embedded

    tracer = choose(options.tracer)
    if options.sandbox not in {"auto", "docker", "embedded"}:
        raise UsageError(f"--sandbox {options.sandbox}: unknown; use auto, docker or embedded")
    if options.sandbox != "embedded":
        from analyzer.sandbox.container import Docker
        from analyzer.sandbox.engine import engine_answers

        if options.sandbox == "docker" or options.runtime is not None or engine_answers():
            return Docker(tracer, options.python, options.runtime, cache_folder, progress)
    if options.runtime is not None:
        raise UsageError(f"--runtime {options.runtime}: only the docker sandbox has OCI runtimes")
    return Embedded(tracer, options.python, cache_folder)
