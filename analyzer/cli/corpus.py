"""`fumehood corpus`: what earlier runs showed, by which a report tells how usual a behavior is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.console import Console

from analyzer import issues
from analyzer.acquire import Cache, SimpleIndex
from analyzer.acquire.lists import read_requirements
from analyzer.cli.configuration import RulesOption, rule_folders
from analyzer.cli.corpora import CorpusOption
from analyzer.cli.options import LimitOptions, RefreshOption, RunOptions, run_options, sharing
from analyzer.cli.printing import print_out, standard_output
from analyzer.corpus import RANK_DATE, open_corpus
from analyzer.errors import UsageError
from analyzer.pipeline.surveying import Surveyed, add_saved, survey
from analyzer.render.interface import open_atomically
from analyzer.render.progress import Progress
from analyzer.render.terminal.corpus import show_corpus, show_outcome, show_prevalence
from analyzer.render.text import safe_text
from analyzer.rules.loader import ruleset

EXIT_NOTHING = 3
EXIT_SOME = 4
_STANDARD = Path("-")

corpus = typer.Typer(
    help="Keep reports, and tell from them in how many packages a behavior or an issue was seen.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@corpus.command()
def add(
    reports: Annotated[
        list[Path], typer.Argument(metavar="REPORT...", help="Reports (json) or records of runs; complete ones count.")
    ],
    corpus: CorpusOption = "",
    rules: RulesOption = None,
) -> None:
    """Keep reports of earlier runs.

    Exit: 0 all are kept · 4 some are not · 3 none is, or the corpus cannot be used · 2 usage.
    """
    known = ruleset(rule_folders(rules))
    with open_corpus(corpus, make=True) as opened:
        _leave(_tell(add_saved(reports, known, opened)))


@corpus.command()
@sharing
def run(
    targets: Annotated[
        list[str] | None, typer.Argument(metavar="[TARGET]...", help="What `fumehood analyze` takes, any number.")
    ] = None,
    *,
    requirements: Annotated[
        list[Path] | None,
        typer.Option("-r", "--requirement", metavar="FILE", help="A requirements file; may be given again."),
    ] = None,
    corpus: CorpusOption = "",
    again: Annotated[bool, typer.Option("--again", help="Also what the corpus has a report of.")] = False,
    records: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the record of each run in this folder, for `corpus add`.")
    ] = None,
    run: RunOptions,
    limits: LimitOptions,
    rules: RulesOption = None,
    refresh: RefreshOption = False,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="No progress; what became of each is still told.")
    ] = False,
) -> None:
    """Analyze packages and keep their reports; what is there already is not run again, so that a run may be taken up later.

    Exit: 0 all are kept · 4 some are not · 3 none is, or the corpus cannot be used · 2 usage.
    """
    wanted = list(targets or [])
    refused: list[Surveyed] = []
    for path in requirements or []:
        listing = read_requirements(path)
        wanted += [one.target for one in listing.wanted]
        refused += [Surveyed(one.place, "failed", one.why) for one in listing.refused]
    if not wanted and not refused:
        raise UsageError("nothing is named to be analysed: give a TARGET, or -r FILE")
    options = run_options(run, limits, rule_folders(rules))
    cache = Cache()
    with ExitStack() as stack:
        opened = stack.enter_context(open_corpus(corpus, make=True))
        progress = stack.enter_context(Progress(Console(stderr=True), quiet=quiet))
        index = SimpleIndex(cache, refresh=refresh, progress=progress)
        told = _tell(refused)
        told += _tell(survey(wanted, options, cache, index, opened, progress, records, again=again))
    _leave(told)


@corpus.command()
def stats(
    name: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Of a behavior or an issue: in how many packages it was seen.")
    ] = None,
    corpus: CorpusOption = "",
    rules: RulesOption = None,
) -> None:
    """Tell how many packages the corpus has, or how usual a behavior or an issue is."""
    if name is not None and name not in issues.load() and name not in ruleset(rule_folders(rules)).taxonomy:
        raise UsageError(f"no behavior or issue is called {safe_text(name, 80)!r}: `fumehood taxonomy` lists them")
    with open_corpus(corpus) as opened:
        told = opened.prevalence([name or ""])[name or ""]
        shown = (
            show_corpus(opened.name, opened.use(), opened.reports(), told, RANK_DATE)
            if name is None
            else show_prevalence(name, told)
        )
    print_out(shown)


@corpus.command()
def export(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSON lines (docs/corpus.md), gzip for .gz; - for standard output.")
    ],
    corpus: CorpusOption = "",
) -> None:
    """Write all reports that the corpus keeps into a file: the same bytes for the same reports."""
    with open_corpus(corpus) as opened, standard_output() if path == _STANDARD else open_atomically(path) as stream:
        opened.export(stream, path)


@corpus.command("import")
def import_(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="What `fumehood corpus export` wrote.")],
    corpus: CorpusOption = "",
) -> None:
    """Add an exported corpus, all of it or nothing. What somebody else measured is believed: import from whom you trust."""
    with ExitStack() as stack:
        stream: BinaryIO = stack.enter_context(_opened(path))
        opened = stack.enter_context(open_corpus(corpus, make=True))
        new = opened.take(stream, str(path))
        use = opened.use()
    print_out(show_outcome(str(path), "added", f"{new} new; the corpus has {use.packages} packages"))


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}; name a file that `fumehood corpus export` wrote"
        ) from error


def _tell(outcomes: Iterable[Surveyed]) -> Counter[str]:
    """Prints what became of each when that is known; gives how many of each outcome there were."""
    counts = Counter[str]()
    for one in outcomes:
        counts[one.how] += 1
        print_out(show_outcome(one.target, one.how, one.told))
    return counts


def _leave(counts: Counter[str]) -> None:
    if counts["failed"] or counts["left out"]:
        raise typer.Exit(EXIT_SOME if counts["added"] or counts["there"] else EXIT_NOTHING)
