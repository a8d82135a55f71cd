"""`fumehood explore TARGET`: try a package by hand, in the sandbox."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.cli.configuration import RulesOption, rule_folders
from analyzer.cli.corpora import CorpusOption
from analyzer.cli.options import LimitOptions, QuietOption, RefreshOption, RunOptions, run_options, sharing
from analyzer.errors import UsageError

if TYPE_CHECKING:
    from analyzer.model.exploration import Session


@sharing
def explore(
    target: Annotated[
        str,
        typer.Argument(metavar="TARGET", help="A requirement (six==1.17.0), a wheel, an sdist or a project directory."),
    ],
    *,
    shell: Annotated[bool, typer.Option("--shell", help="Open a shell; so it is without another of these.")] = False,
    repl: Annotated[bool, typer.Option("--repl", help="Open a Python prompt instead of a shell.")] = False,
    command: Annotated[
        str, typer.Option(metavar="TEXT", help="Run a command line of the shell's instead, at a terminal.")
    ] = "",
    behaviors: Annotated[
        str,
        typer.Option(
            metavar="pane|lines|off",
            help="Where behaviors show: below the session, between its lines, or in the report alone.",
        ),
    ] = "pane",
    record: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Record the terminal, as asciicast version 2.")
    ] = None,
    record_keys: Annotated[
        bool, typer.Option("--record-keys", help="Record what is typed too, also where it is not shown.")
    ] = False,
    run: RunOptions,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FORMAT=PATH",
            help="Write a report at the end, as analyze does; may be given again.",
        ),
    ] = None,
    limits: LimitOptions,
    corpus: CorpusOption = "",
    rules: RulesOption = None,
    refresh: RefreshOption = False,
    quiet: QuietOption = False,
) -> None:
    """Open a shell in the sandbox with the package installed, and tell what was done in it.

    --timeout bounds the installation and the session; without it, a session may last 8 hours.

    Exit: 0 the session is told completely · 4 something of it is missing · 3 nothing was opened · 2 usage · 1 a bug of
    fumehood.
    """
    # Other commands do without all that it takes.
    from analyzer.cli.exploring import Request, carry_out

    folders = rule_folders(rules)
    options = run_options(run, limits, folders)
    options = replace(options, limits=options.limits.for_session(run.timeout))
    code = carry_out(
        Request(
            target=target,
            session=_session(shell=shell, repl=repl, command=command),
            options=options,
            behaviors=_one_of(behaviors, ("pane", "lines", "off"), "--behaviors"),
            record=record,
            record_keys=record_keys,
            outputs=tuple(output or ()),
            corpus=corpus,
            refresh=refresh,
            quiet=quiet,
        )
    )
    if code:
        raise typer.Exit(code)


def _session(*, shell: bool, repl: bool, command: str) -> Session:
    """What is opened. Raises UsageError where that are two things."""
    from analyzer.model.exploration import Opened, Session

    if shell + repl + bool(command) > 1:
        raise UsageError("--shell, --repl and --command exclude each other: give one of them")
    opened: Opened = "python" if repl else "command" if command else "shell"
    if "\0" in command:
        raise UsageError("--command: a command line has no NUL; leave it out")
    return Session(opened=opened, command=command)


def _one_of(word: str, known: tuple[str, ...], option: str) -> str:
    if word not in known:
        raise UsageError(f"{option} {word}: unknown; use {', '.join(known)}")
    return word
