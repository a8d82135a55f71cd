"""The outermost frame: errors and signals become one line and an exit code, after everything has been cleaned up."""

from __future__ import annotations

import signal
import sys
import traceback
from io import TextIOWrapper
from types import FrameType
from typing import Annotated, NoReturn

import typer

import analyzer
from analyzer.cli.analyze import analyze
from analyzer.cli.doctor import doctor
from analyzer.cli.explain import explain
from analyzer.cli.taxonomy import taxonomy
from analyzer.errors import FumehoodError
from analyzer.render.text import safe_text

EXIT_BUG = 1
_MAX_MESSAGE = 1000
"""Characters of one line of ours; longer ones come from a program or engine that quotes its whole input."""
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

app = typer.Typer(
    name="fumehood",
    help="Opens unknown Python packages in a sealed sandbox and tells what they did.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(analyze)
app.command()(explain)
app.command()(taxonomy)
app.command()(doctor)


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


def main() -> None:
    """Runs the command line and exits."""
    for number in _STOPPING:
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup and background jobs of scripts have it
            signal.signal(number, _stop)
    for stream in (sys.stdout, sys.stderr):
        # The summary has characters that an ASCII terminal lacks; a report must not die of that.
        # One that was closed (`2>&-`) is None.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except FumehoodError as error:
        print(f"fumehood: {safe_text(str(error), _MAX_MESSAGE)}", file=sys.stderr)  # noqa: T201 the command line's own output
        sys.exit(error.exit_code)
    except _Stopped:
        print("fumehood: interrupted, nothing left behind", file=sys.stderr)  # noqa: T201
        raise
    except Exception:  # noqa: BLE001 the outermost frame: everything that gets here is a bug of ours, and says so
        traceback.print_exc()
        print("fumehood: this is a bug of fumehood, not of the package; please report the lines above", file=sys.stderr)  # noqa: T201
        sys.exit(EXIT_BUG)


class _Stopped(SystemExit):
    """A signal asked to stop; its number is in the exit code, as shells tell it."""


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """Unwinds the stack, so that sandboxes are removed.

    Nothing interrupts that: an impatient second Ctrl-C would leave some.
    """
    del frame
    for other in _STOPPING:
        signal.signal(other, _ignore)
    raise _Stopped(128 + number)


def _ignore(number: int, frame: FrameType | None) -> None:
    """Does nothing. SIG_IGN would make Python complain about a signal that came at the same time."""
