"""The outermost frame: errors and signals become one line and an exit code, after everything has been cleaned up."""

from __future__ import annotations

import sys
import traceback
from importlib import import_module
from io import TextIOWrapper
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

import analyzer
from analyzer.cli.stopping import Stopped, came
from analyzer.errors import FumehoodError
from analyzer.render.text import safe_text

EXIT_BUG = 1
_MAX_MESSAGE = 1000
"""Characters of one line of ours; longer ones come from a program or engine that quotes its whole input."""

_COMMANDS: Final = {
    "analyze": "Tell what a package does, by running it in a sandbox.",
    "vet": "Judge packages under a policy: approve, review or reject.",
    "diff": "Tell what one version does that another one does not.",
    "render": "Write a saved report in other formats.",
    "explain": "Tell why a report has an issue or a behavior.",
    "confirm": "Tell which findings of a scanner are real.",
    "explore": "Open a shell in the sandbox, with the package installed.",
    "cp": "Copy files into a session of explore, or out of it.",
    "taxonomy": "List, search and show behaviors and issues.",
    "corpus": "Keep reports, and tell how usual something is.",
    "doctor": "Say what this machine lacks for the sandboxes.",
}
"""Every command in short. Each is what a module of this package has under its own name: a function, or commands of its own."""


class _Commands(TyperGroup):
    """Loads a command when it is asked for: most of what others take would be half a second for nothing."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override] # typer's own is of a private class
        """All names, in the order of their importance."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]
        """One of them. Of a name that is none, typer looks for those that are alike among all."""
        for name in [cmd_name] if cmd_name in _COMMANDS else _COMMANDS:
            if name not in self.commands:
                self.commands[name] = _loaded(name)
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """The list of `fumehood --help`, for which none is loaded."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


def _loaded(name: str) -> Any:
    found = getattr(import_module(f"analyzer.cli.{name}"), name)
    if isinstance(found, typer.Typer):
        return typer.main.get_group(found)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(name)(found)
    return typer.main.get_command(alone)


app = typer.Typer(
    name="fumehood",
    cls=_Commands,
    help="Opens unknown Python packages in a sealed sandbox and tells what they did.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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
    from analyzer.sandbox.farewell import remove_own  # a third of a second, for what hardly ever comes

    problem = remove_own()
    told = f"interrupted; {safe_text(problem, _MAX_MESSAGE)}" if problem else "interrupted, nothing left behind"
    print(f"fumehood: {told}", file=sys.stderr)  # noqa: T201
    raise Stopped(128 + number)
