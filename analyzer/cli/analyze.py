"""`fumehood analyze TARGET`: what does this package do?"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from analyzer.acquire import Cache, SimpleIndex
from analyzer.cli.configuration import RulesOption, rule_folders
from analyzer.cli.corpora import CorpusOption
from analyzer.cli.options import LimitOptions, QuietOption, RefreshOption, RunOptions, run_options, sharing
from analyzer.cli.outputs import parse, write_all
from analyzer.cli.printing import print_out
from analyzer.corpus import corpus_for_reports
from analyzer.errors import FumehoodError
from analyzer.pipeline import analyze as analyzed
from analyzer.pipeline.analyze import Analysis
from analyzer.render.progress import Progress
from analyzer.render.terminal.summary import summarize

EXIT_INCOMPLETE = 4


@sharing
def analyze(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="A requirement (six==1.17.0), a wheel, an sdist, a project directory, or the record of an earlier run "
            "(NAME.record), for which options of a run have no effect.",
        ),
    ],
    *,
    run: RunOptions,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FORMAT=PATH",
            help="Write json, html, sarif, markdown, cyclonedx, package-analysis, events, pcap, record, attack-layer or mbc; may be "
            "given again.",
        ),
    ] = None,
    limits: LimitOptions,
    corpus: CorpusOption = "",
    rules: RulesOption = None,
    refresh: RefreshOption = False,
    quiet: QuietOption = False,
) -> None:
    """Install, start, import and exercise a package in a sandbox, and tell what it did.

    Exit: 0 complete · 4 incomplete · 3 nothing analysed · 2 usage · 1 a bug of fumehood.
    """
    outputs = parse(output or [])
    compared = corpus_for_reports(corpus)
    options = run_options(run, limits, rule_folders(rules))
    cache = Cache()

    errors: list[FumehoodError] = []

    def save(analysis: Analysis) -> None:
        errors.extend(write_all(outputs, analysis))

    with Progress(Console(stderr=True), quiet=quiet) as progress:
        report = analyzed(
            target, options, cache, SimpleIndex(cache, refresh=refresh, progress=progress), progress, save, compared
        )
    if not quiet and not any(one.is_standard_output for one in outputs):
        print_out(summarize(report))
    if errors:
        raise type(errors[0])("; ".join(map(str, errors)))
    if report.completeness.status != "complete":
        raise typer.Exit(EXIT_INCOMPLETE)
