"""A package that somebody tries by hand: the path of `analyze`, with a session in the place of what we would run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from analyzer.errors import UsageError
from analyzer.pipeline.analyze import Analysis, Options, analyze
from analyzer.pipeline.records import record_path

if TYPE_CHECKING:
    from analyzer.acquire import Cache, Index
    from analyzer.corpus import Corpus
    from analyzer.model.exploration import Session
    from analyzer.model.report import Report
    from analyzer.sandbox.interface import Progress
    from analyzer.sandbox.session.terminal import Attach

_BY_HAND: Final = "explored by hand"
"""How the reason begins that every such report has."""


def explore(
    target: str,
    options: Options,
    session: Session,
    attach: Attach,
    cache: Cache,
    index: Index,
    progress: Progress,
    use: Callable[[Analysis], None],
    corpus: Corpus | None = None,
) -> Report:
    """Installs a target, opens a session whose terminal `attach` is told, and gives the report of what was observed.

    Raises as `analyze` does, and UsageError for a record, of which nothing can be tried any more.
    """
    check_explorable(target, options)
    manner = replace(options.manner, session=session, attach=attach, callables=False)
    return analyze(target, replace(options, manner=manner), cache, index, progress, use, corpus)


def check_explorable(target: str, options: Options) -> None:
    """Sees that there is something to be tried by hand. Raises UsageError."""
    if record_path(target) is not None:
        raise UsageError(
            f"{target} is the record of an earlier run, which cannot be explored: `fumehood analyze` reads it"
        )
    if options.manner.driver is not None or options.manner.fast_clock:
        raise UsageError(
            "--driver and --fast-clock are for runs of fumehood's own: leave them out, and run the script by hand"
        )


def is_whole(report: Report) -> bool:
    """Whether nothing but the exploring by hand makes the report incomplete."""
    return report.completeness.status != "failed" and all(
        reason.startswith(_BY_HAND) for reason in report.completeness.reasons
    )
