"""The outermost frame: errors and signals become one line and an exit code, after everything has been cleaned up."""

from __future__ import annotations

import sys
import traceback
from io import TextIOWrapper
from typing import Annotated

import typer

import analyzer
from analyzer.cli.analyze import analyze
from analyzer.cli.confirm import confirm
from analyzer.cli.corpus import corpus
from analyzer.cli.cp import cp
from analyzer.cli.diff import diff
from analyzer.cli.doctor import doctor
from analyzer.cli.explain import explain
from analyzer.cli.explore import explore
from analyzer.cli.render import render
from analyzer.cli.stopping import Stopped, came
from analyzer.cli.taxonomy import taxonomy
from analyzer.cli.vet import vet
from analyzer.errors import FumehoodError
from analyzer.render.text import safe_text
from analyzer.sandbox.farewell import remove_own

EXIT_BUG = 1
_MAX_MESSAGE = 1000
"""Characters of one line of ours; longer ones come from a program or engine that quotes its whole input."""

app = typer.Typer(
    name="fumehood",
    help="Opens unknown Python packages in a sealed sandbox and tells what they did.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command(short_help="Tell what a package does, by running it in a sandbox.")(analyze)
app.command(short_help="Judge packages under a policy: approve, review or reject.")(vet)
app.command(short_help="Tell what one version does that another one does not.")(diff)
app.command(short_help="Write a saved report in other formats.")(render)
app.command(short_help="Tell why a report has an issue or a behavior.")(explain)
app.command(short_help="Tell which findings of a scanner are real.")(confirm)
app.command(short_help="Open a shell in the sandbox, with the package installed.")(explore)
app.command(short_help="Copy files into a session of explore, or out of it.")(cp)
app.command(short_help="List, search and show behaviors and issues.")(taxonomy)
app.add_typer(corpus, name="corpus", short_help="Keep reports, and tell how usual something is.")
app.command(short_help="Say what this machine lacks for the sandboxes.")(doctor)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fumehood {analyzer.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Opens unknown Python packages in a sealed sandbox and tells what they did."""
    del version


def run() -> None:
    """Runs the command line and exits."""
    for stream in (sys.stdout, sys.stderr):
        # The summary has characters that an ASCII terminal lacks; a report must not die of that.
        # One that was closed (`2>&-`) is None.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(prog_name=app.info.name)
    except SystemExit:
        _leave_if_stopped()
        raise
    except FumehoodError as error:
        _leave_if_stopped()
        print(f"fumehood: {safe_text(str(error), _MAX_MESSAGE)}", file=sys.stderr)  # noqa: T201 the command line's own output
        sys.exit(error.exit_code)
    except Exception:  # noqa: BLE001 the outermost frame: everything that gets here is a bug of ours, and says so
        _leave_if_stopped()
        for line in traceback.format_exc().splitlines():  # a message may quote what a package wrote
            print(safe_text(line, _MAX_MESSAGE), file=sys.stderr)  # noqa: T201
        print("fumehood: this is a bug of fumehood, not of the package; please report the lines above", file=sys.stderr)  # noqa: T201
        sys.exit(EXIT_BUG)


def _leave_if_stopped() -> None:
    """After a signal, removes what still is there, since it may have come while something was removed already, and ends.

    Whatever the signal has become on its way: code in C makes other errors of ours, or lets them go.
    """
    number = came()
    if not number:
        return
    problem = remove_own()
    told = f"interrupted; {safe_text(problem, _MAX_MESSAGE)}" if problem else "interrupted, nothing left behind"
    print(f"fumehood: {told}", file=sys.stderr)  # noqa: T201
    raise Stopped(128 + number)
