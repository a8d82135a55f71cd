"""`fumehood confirm FINDINGS TARGET`: which of a scanner's findings are real?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from analyzer.cli.configuration import RulesOption, rule_folders
from analyzer.cli.corpora import CorpusOption
from analyzer.cli.options import LimitOptions, QuietOption, RefreshOption, RunOptions, run_options, sharing

if TYPE_CHECKING:
    from analyzer.cli.printing import Output
    from analyzer.errors import FumehoodError
    from analyzer.pipeline.analyze import Analysis
    from analyzer.pipeline.confirming import Confirmed

EXIT_INCOMPLETE, EXIT_CONFIRMED = 4, 10


@sharing
def confirm(
    findings: Annotated[
        Path,
        typer.Argument(
            metavar="FINDINGS",
            help="What a scanner wrote: SARIF, JSON of Bandit, GuardDog, Semgrep or capslock, or CSV.",
        ),
    ],
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="As `fumehood analyze` takes it; of a record or a report (json) nothing is run, it is only read.",
        ),
    ],
    *,
    mapping: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="What behaviors show which findings, beside what is known; may be given again."
        ),
    ] = None,
    fail_on: Annotated[
        str, typer.Option(metavar="never|confirmed", help="Whether a confirmed finding makes the exit status 10.")
    ] = "never",
    run: RunOptions,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FORMAT=PATH",
            help="Write the answers as json, sarif, markdown or table, the report of the run (report), or its record, events or pcap; "
            "may be given again.",
        ),
    ] = None,
    limits: LimitOptions,
    corpus: CorpusOption = "",
    rules: RulesOption = None,
    refresh: RefreshOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run a package directed at what a scanner found in it, and tell of each finding: confirmed, not triggered, or not observable.

    Exit: 0 complete · 10 a finding is confirmed, with --fail-on confirmed · 4 incomplete · 3 nothing analysed · 2 usage · 1 a bug of
    fumehood.
    """
    # What only this command needs takes a tenth of what all of them do to load.
    from analyzer.acquire import Cache, SimpleIndex
    from analyzer.cli.printing import print_out
    from analyzer.confirm import load_mapping, read_findings
    from analyzer.corpus import corpus_for_reports
    from analyzer.errors import UsageError
    from analyzer.pipeline.confirming import confirm as confirmed
    from analyzer.render.progress import Progress
    from analyzer.render.terminal.confirmation import show_confirmation

    if fail_on not in {"never", "confirmed"}:
        raise UsageError(f"--fail-on {fail_on}: unknown; use never or confirmed")
    outputs = _parse(output or [], target)
    known = load_mapping(mapping or ())
    read = read_findings(findings)
    options = run_options(run, limits, rule_folders(rules))
    compared = corpus_for_reports(corpus)
    cache = Cache()
    errors: list[FumehoodError] = []
    with Progress(Console(stderr=True), quiet=quiet) as progress:
        index = SimpleIndex(cache, refresh=refresh, progress=progress)
        found = confirmed(
            read, known, target, options, cache, index, progress, lambda one: _save(outputs, one, errors), compared
        )
    if not quiet and not any(one.is_standard_output for one in outputs):
        print_out(show_confirmation(found.confirmation))
    _write(outputs, found, read.document, errors)
    if errors:
        raise type(errors[0])("; ".join(map(str, errors)))
    if found.report.completeness.status != "complete":
        raise typer.Exit(EXIT_INCOMPLETE)
    if fail_on == "confirmed" and found.confirmation.counts.confirmed:
        raise typer.Exit(EXIT_CONFIRMED)


_REPORT = "report"
_OF_A_RECORD = ("events", "pcap", "record")


def _parse(words: list[str], target: str) -> list[Output]:
    """The outputs of the command line. Raises UsageError as `outputs.parse` does, and where a report has not what they need."""
    from analyzer.cli.outputs import parse
    from analyzer.errors import UsageError
    from analyzer.pipeline.confirming import is_report
    from analyzer.render.confirmation import CONFIRMATION_RENDERERS

    outputs = parse(words, (*CONFIRMATION_RENDERERS, _REPORT, *_OF_A_RECORD))
    missing = next((one for one in outputs if one.format in _OF_A_RECORD), None)
    if missing is not None and is_report(target):
        raise UsageError(
            f"-o {missing.format}={missing.path}: a report has none of the run itself; give its record as TARGET"
        )
    return outputs


def _save(outputs: list[Output], analysis: Analysis, errors: list[FumehoodError]) -> None:
    """Writes what only the record has, while it is there."""
    from analyzer.cli.outputs import write_all

    errors.extend(write_all([one for one in outputs if one.format in _OF_A_RECORD], analysis))


def _write(outputs: list[Output], found: Confirmed, document: bytes, errors: list[FumehoodError]) -> None:
    """Writes the answers and the report; notes what went wrong. One that cannot be written costs no other."""
    from analyzer.cli.printing import standard_output
    from analyzer.errors import FumehoodError
    from analyzer.render.confirmation import find_confirmation_renderer
    from analyzer.render.interface import open_atomically
    from analyzer.render.json import render_json

    for output in outputs:
        if output.format in _OF_A_RECORD:
            continue
        try:
            if output.format == _REPORT:
                text = render_json(found.report)
            else:
                text = find_confirmation_renderer(output.format).render(found.confirmation, document)
            with standard_output() if output.is_standard_output else open_atomically(output.path) as stream:
                stream.write(text.encode())
        except FumehoodError as error:
            errors.append(error)
