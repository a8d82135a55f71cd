"""`fumehood diff A B`: what does this version do that the other one does not?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from analyzer.acquire import Cache, SimpleIndex, is_directory
from analyzer.archives.archive import ARCHIVE_SUFFIXES
from analyzer.cli.configuration import RulesOption, rule_folders
from analyzer.cli.options import LimitOptions, QuietOption, RefreshOption, RunOptions, run_options, sharing
from analyzer.cli.printing import STANDARD_OUTPUT, print_out, standard_output
from analyzer.errors import UsageError
from analyzer.pipeline.analyze import saved_report
from analyzer.pipeline.difference import difference
from analyzer.pipeline.records import record_path
from analyzer.pipeline.reuse import Bench
from analyzer.render.interface import obstacle, open_atomically
from analyzer.render.json import render_json
from analyzer.render.progress import Progress
from analyzer.render.terminal.diff import show_difference
from analyzer.render.text import safe_text

if TYPE_CHECKING:
    from analyzer.model.difference import Difference
    from analyzer.model.report import Report
    from analyzer.pipeline import Options

EXIT_NEW: Final = 10
EXIT_INCOMPLETE: Final = 4

_FORMAT: Final = "json"
_SIDE: Final = "A report (json), a record, or a target as `fumehood analyze` takes it, which is analysed first."


@sharing
def diff(
    a: Annotated[str, typer.Argument(metavar="A", help=_SIDE)],
    b: Annotated[str, typer.Argument(metavar="B", help="The same, of what is held against A.")],
    *,
    run: RunOptions,
    output: Annotated[
        list[str] | None,
        typer.Option("-o", "--output", metavar="json=PATH", help="Write the difference; may be given again."),
    ] = None,
    limits: LimitOptions,
    rules: RulesOption = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Run each target anew, even where its report was kept.")
    ] = False,
    refresh: RefreshOption = False,
    quiet: QuietOption = False,
) -> None:
    """Tell what one version of a package does that another one does not.

    Exit: 0 nothing new · 10 a new behavior or issue in B · 4 incomplete · 3 nothing analysed · 2 usage · 1 a bug of fumehood.
    """
    paths = [_path(word) for word in output or []]
    options = run_options(run, limits, rule_folders(rules))
    cache = Cache()
    with Bench(options, cache, fresh=fresh) as bench, Progress(Console(stderr=True), quiet=quiet) as progress:
        sides = _Sides(bench, options, SimpleIndex(cache, refresh=refresh, progress=progress), progress)
        found = difference(sides.report(a), sides.report(b), (a, b))
    if not quiet and not any(path in STANDARD_OUTPUT for path in paths):
        print_out(show_difference(found))
    for path in paths:
        _write(found, path)
    if not found.is_complete:
        raise typer.Exit(EXIT_INCOMPLETE)
    if found.has_new:
        raise typer.Exit(EXIT_NEW)


@dataclass(frozen=True, slots=True)
class _Sides:
    """Gives the report of what the user named."""

    bench: Bench
    options: Options
    index: SimpleIndex
    progress: Callable[[str], None]

    def report(self, word: str) -> Report:
        """Raises as `analyze` does, and RecordError where a report or record cannot be read."""
        if is_saved(word):
            self.progress(f"reading {word}")
            return saved_report(Path(word), self.bench.rules)
        if self.options.manner.editable and not is_directory(word):
            raise UsageError(
                f"--editable {word}: only a project directory can be installed as editable; leave the option out"
            )
        return self.bench.report(word, self.index, self.progress).report


def is_saved(word: str) -> bool:
    """Whether a word names a report or record: by its ending, or as a path to a file that is no package.

    A word without a separator and without such an ending is a requirement, even where a file of that name lies about.
    """
    if not word.strip() or "\0" in word:
        return False
    if word.endswith(".json") or record_path(word) is not None:
        return True
    try:
        return "/" in word and not word.endswith(ARCHIVE_SUFFIXES) and Path(word).is_file()
    except OSError:
        return False


def _path(word: str) -> Path:
    """Where an output goes. Raises UsageError for another format, and for a path that cannot be written."""
    name, separator, text = word.partition("=")
    if name != _FORMAT or not separator or not text:
        raise UsageError(f"-o {safe_text(word, 300)}: a difference is written as json=PATH")
    path = Path(text)
    problem = "" if path in STANDARD_OUTPUT else obstacle(path)
    if problem:
        raise UsageError(f"-o {safe_text(word, 300)}: {problem}")
    return path


def _write(found: Difference, path: Path) -> None:
    with standard_output() if path in STANDARD_OUTPUT else open_atomically(path) as stream:
        stream.write(render_json(found).encode())
