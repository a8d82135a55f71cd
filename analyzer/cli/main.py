"""The outermost frame: errors and signals become one line and an exit code, after everything has been cleaned up."""

from __future__ import annotations

import signal
import sys
import traceback
from types import FrameType
from typing import Annotated, NoReturn

import typer

import analyzer
from analyzer.cli.analyze import analyze
from analyzer.cli.doctor import doctor
from analyzer.errors import FumehoodError
from analyzer.render.text import safe_text

EXIT_BUG = 1
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="fumehood",
    help="Opens unknown Python packages in a sealed sandbox and tells what they did.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(analyze)
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
    signal.signal(signal.SIGTERM, _terminated)
    for stream in (sys.stdout, sys.stderr):
        # The summary has characters that an ASCII terminal lacks; a report must not die of that.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # always a TextIOWrapper here
    try:
        app()
    except FumehoodError as error:
        print(f"fumehood: {safe_text(str(error))}", file=sys.stderr)  # noqa: T201 the command line's own output
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("fumehood: interrupted, nothing left behind", file=sys.stderr)  # noqa: T201
        sys.exit(EXIT_INTERRUPTED)
    except Exception:  # noqa: BLE001 the outermost frame: everything that gets here is a bug of ours, and says so
        traceback.print_exc()
        print("fumehood: this is a bug of fumehood, not of the package; please report the lines above", file=sys.stderr)  # noqa: T201
        sys.exit(EXIT_BUG)


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    """SIGTERM unwinds the stack like Ctrl-C, so that sandboxes are removed."""
    del frame
    raise SystemExit(128 + number)
