"""`fumehood vet`: may these packages be used, under this policy?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.configuration import RulesOption, rule_folders
from analyzer.cli.corpora import CorpusOption
from analyzer.cli.options import LimitOptions, QuietOption, RefreshOption, RunOptions, run_options, sharing
from analyzer.cli.policies import PolicyOption


@sharing
def vet(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TARGET]...",
            help="As `fumehood analyze` takes them; a lock file (pylock.toml); a report (json) or record, which is only judged.",
        ),
    ] = None,
    *,
    requirements: Annotated[
        list[Path] | None,
        typer.Option(
            "-r", "--requirement", metavar="FILE", help="A requirements file or lock file; may be given again."
        ),
    ] = None,
    environment: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="What is installed in a virtual environment or a Python's prefix."),
    ] = None,
    policy: PolicyOption = None,
    corpus: CorpusOption = "",
    jobs: Annotated[
        int | None,
        typer.Option(
            "-j", "--jobs", min=1, max=64, metavar="N", help="How many at once; one for each CPU, as memory allows."
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Run each package anew, even where its report was kept.")
    ] = False,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FORMAT=PATH",
            help="Write json, sarif, markdown or cyclonedx (of all), folder (reports of each), or html (of a single package); may be "
            "given again.",
        ),
    ] = None,
    run: RunOptions,
    limits: LimitOptions,
    rules: RulesOption = None,
    refresh: RefreshOption = False,
    quiet: QuietOption = False,
) -> None:
    """Judge packages under a policy: those named, those of a list, or those installed, several at once.

    Exit: 0 nothing against them · 10 the policy is violated · 4 something is incomplete or not analysed · 3 nothing analysed · 2 usage ·
    1 a bug of fumehood.
    """
    # What only this command needs takes a tenth of what all of them do to load.
    from analyzer.cli.vetting import Request, carry_out

    code = carry_out(
        Request(
            targets=tuple(targets or ()),
            lists=tuple(requirements or ()),
            environments=tuple(environment or ()),
            policy=policy,
            corpus=corpus,
            jobs=jobs,
            fresh=fresh,
            refresh=refresh,
            quiet=quiet,
            outputs=tuple(output or ()),
            run=run,
            limits=limits,
            options=run_options(run, limits, rule_folders(rules)),
        )
    )
    if code:
        raise typer.Exit(code)
