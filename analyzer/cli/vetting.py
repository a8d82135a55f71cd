"""Carrying out `fumehood vet`: the lists are read, the workers started, and what they bring is judged and told."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil
from rich.console import Console

from analyzer.acquire import Cache
from analyzer.cli import worker
from analyzer.cli.options import LimitOptions, RunOptions
from analyzer.cli.policies import policy_of
from analyzer.cli.printing import print_out
from analyzer.cli.vet_inputs import Inputs, read_inputs
from analyzer.cli.vet_outputs import parse, write_all
from analyzer.corpus import corpus_for_reports, open_corpus
from analyzer.errors import UsageError
from analyzer.pipeline import Options
from analyzer.pipeline.analyze import check_words
from analyzer.pipeline.vetting import Judge, Outcome
from analyzer.pipeline.workers import Workers
from analyzer.render.several import SeveralProgress
from analyzer.render.terminal.vet import result_line, summarize_vetting
from analyzer.render.text import safe_text
from analyzer.rules.loader import ruleset
from analyzer.sandbox.interface import MIB
from analyzer.sandbox.leftovers import owned_folder

if TYPE_CHECKING:
    from analyzer.corpus import Corpus
    from analyzer.pipeline.worker import Said

EXIT_NOTHING: Final = 3
EXIT_INCOMPLETE: Final = 4
EXIT_VIOLATED: Final = 10

_MAX_LINE: Final = 1000
_OWN_BYTES: Final = 400 * MIB
"""What one worker and its sandbox take beside the package, with room to spare."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for. `options` are what `run`, `limits` and the rules mean."""

    targets: tuple[str, ...]
    lists: tuple[Path, ...]
    environments: tuple[Path, ...]
    policy: Path | None
    corpus: str
    jobs: int | None
    fresh: bool
    refresh: bool
    quiet: bool
    outputs: tuple[str, ...]
    run: RunOptions
    limits: LimitOptions
    options: Options


def carry_out(request: Request) -> int:
    """Does it, and gives the exit code. Raises UsageError before anything is started, and what keeps all from being analysed."""
    check_words(request.options)
    policy = policy_of(request.policy, ruleset(request.options.rules))
    inputs = read_inputs(request.targets, request.lists, request.environments)
    _check_editable(inputs, editable=request.run.editable)
    outputs = parse(list(request.outputs), inputs.count)
    with _corpus(request.corpus) as compared, owned_folder() as folder:
        judge = Judge(folder, policy, datetime.now(UTC).date(), compared)
        outcome = Outcome(policy, inputs.refused, inputs.notes)
        crew = Workers(worker.command(), _setup(request, inputs, folder), request.jobs or _jobs(request.limits), folder)
        with SeveralProgress(Console(stderr=True), len(inputs.tasks), quiet=request.quiet) as progress, crew:
            _vet(inputs, crew, judge, outcome, progress)
        if not request.quiet and not any(one.is_standard_output for one in outputs):
            told = (outcome.severest_first(), outcome.numbers(), outcome.decision, policy.name, outcome.notes)
            print_out(summarize_vetting(*told))
        errors = write_all(outputs, outcome, judge)
    if errors:
        raise type(errors[0])("; ".join(map(str, errors)))
    return exit_code(outcome)


def exit_code(outcome: Outcome) -> int:
    """What the command ends with: what is not known comes before what the policy says of the rest."""
    if outcome.decision is None:
        return EXIT_NOTHING
    if not outcome.is_whole:
        return EXIT_INCOMPLETE
    return EXIT_VIOLATED if outcome.is_violated else 0


def _vet(inputs: Inputs, crew: Workers, judge: Judge, outcome: Outcome, progress: SeveralProgress) -> None:
    """Has all tasks done, and judges each as it comes."""
    for task, said in crew.run(inputs.tasks):
        if not said.is_last:
            progress.stage(task.number, task.target, said.text)
            continue
        _tell_bug(said)
        anchors = tuple(inputs.anchors.get(task.number, ()))
        one = judge.judged(task, tuple(inputs.places[task.number]), said, anchors)
        outcome.vetted.append(one)
        progress.done(task.number, result_line(one))


def _tell_bug(said: Said) -> None:
    """Shows what a worker's bug left, which is asked for; a message may quote what a package wrote."""
    for line in said.text.splitlines() if said.kind == "bug" else ():
        print(safe_text(line, _MAX_LINE), file=sys.stderr)  # noqa: T201 the command line's own output


def _check_editable(inputs: Inputs, *, editable: bool) -> None:
    wrong = next((one.target for one in inputs.tasks if not Path(one.target).is_dir()), None)
    if editable and wrong is not None:
        raise UsageError(
            f"--editable {safe_text(wrong, 200)}: only a project directory can be installed as editable; leave the option out"
        )


@contextmanager
def _corpus(url: str) -> Iterator[Corpus | None]:
    """The corpus to compare with; one that the user names has to be there. Raises UsageError and CorpusError."""
    compared = open_corpus(url) if url and corpus_for_reports(url) is not None else corpus_for_reports(url)
    if compared is None:
        yield None
        return
    with compared:
        yield compared


def _jobs(limits: LimitOptions) -> int:
    """As many as there are CPUs, as long as each package can have the memory that it may use."""
    each = limits.memory * MIB + _OWN_BYTES
    return max(1, min(len(os.sched_getaffinity(0)), psutil.virtual_memory().available // each))


def _setup(request: Request, inputs: Inputs, folder: Path) -> bytes:
    """What each worker is told first."""
    setup = worker.Setup(
        run=request.run,
        limits=request.limits,
        rules=request.options.rules,
        cache=Cache().root,
        folder=folder,
        fresh=request.fresh,
        refresh=request.refresh,
        constraints=tuple(inputs.constraints),
    )
    return setup.model_dump_json().encode()
