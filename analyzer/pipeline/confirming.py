"""Findings of a scanner held against a run of the package that is directed at their places; or against a record, or a report, as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from analyzer.acquire import Cache, Index
from analyzer.archives.archive import read_archive
from analyzer.confirm import Findings, Mapping, confirmation, place_of, places
from analyzer.corpus import Corpus
from analyzer.errors import AcquireError
from analyzer.model.confirmation import Confirmation
from analyzer.model.direction import Direction, Place
from analyzer.model.report import Report
from analyzer.pipeline.analyze import Analysis, Options, analyze
from analyzer.pipeline.informing import informed
from analyzer.pipeline.judging.directed import relative
from analyzer.pipeline.records import record_path
from analyzer.sandbox.interface import Progress
from analyzer.store.reports import load_report

UNDIRECTED: Final = "the run was not directed at this place"
_REPORT: Final = ".json"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The answers, and the report that they were made of."""

    confirmation: Confirmation
    report: Report


@dataclass(slots=True)
class _Files:
    """The names of all files that the package has, as installed and in its archive; `names` is None where they are not known."""

    names: set[str] | None = None
    others: list[Callable[[Analysis], None]] = field(default_factory=list)

    def take(self, analysis: Analysis) -> None:
        """Reads them, and lets others read the analysis, while the record is there."""
        target = analysis.record.installed().target
        self.names = {relative(file) for file in target.files} if target is not None else set()
        self.names |= _archived(analysis)
        for other in self.others:
            other(analysis)


def confirm(
    findings: Findings,
    mapping: Mapping,
    target: str,
    options: Options,
    cache: Cache,
    index: Index,
    progress: Progress,
    use: Callable[[Analysis], None] | None = None,
    corpus: Corpus | None = None,
) -> Confirmed:
    """Runs a target directed at what scanners found in it, and answers each finding; `use` may read the record before it is removed.

    A record, or a report that was saved as JSON, is taken as it is: nothing is run, and what was reached is known only of places that its
    run was directed at. Raises as `analyze` does, and RecordError for a report that cannot be read.
    """
    asked = places(findings.findings)
    files = _Files(others=[use] if use is not None else [])
    if is_report(target):
        progress(f"reading the report {target}")
        report = informed(load_report(Path(target)), corpus)
    else:
        directed = options
        if record_path(target) is None:
            directed = replace(
                options, manner=replace(options.manner, directions=_observable_first(findings, mapping, asked))
            )
        report = analyze(target, directed, cache, index, progress, files.take, corpus)
    report = report.model_copy(update={"directions": aligned(report.directions, asked)})
    return Confirmed(confirmation(findings, mapping, report, files.names), report)


def _observable_first(findings: Findings, mapping: Mapping, asked: tuple[Place, ...]) -> tuple[Place, ...]:
    """The places in the order in which they are worth being watched, since not all may be: those first where something can be seen."""
    decided = ((one, mapping.decide(one)) for one in findings.findings)
    observable = frozenset(place_of(one) for one, decision in decided if decision is not None and decision.behaviors)
    return tuple(sorted(asked, key=lambda place: place not in observable))


def is_report(target: str) -> bool:
    """Whether a target is a saved report: by its ending, since nothing that can be run has that one."""
    return target.endswith(_REPORT) and record_path(target) is None and "\0" not in target


def aligned(directions: list[Direction], asked: tuple[Place, ...]) -> list[Direction]:
    """What a report says of each of some places, in their order; one that its run was not directed at is not known."""
    known: dict[tuple[str, int, int], list[Direction]] = {}
    for one in directions:
        known.setdefault((one.asked, one.line, one.end_line), []).append(one)
    return [_of(place, known.get((place.file, place.line, place.end_line), [])) for place in asked]


def _of(place: Place, found: list[Direction]) -> Direction:
    for one in found:
        if place.module in ("", one.module) and place.function in ("", one.function):
            return one
    return Direction(
        asked=place.file,
        module=place.module,
        function=place.function,
        line=place.line,
        end_line=place.end_line,
        detail=UNDIRECTED,
    )


def _archived(analysis: Analysis) -> set[str]:
    """The files in the target's archive, without the folder that an sdist puts around them; nothing where it is not here."""
    target = analysis.run.acquisition.target
    try:
        names = read_archive(target.path, target.filename, lambda _: False, whole=False).names
    except (AcquireError, OSError):
        return set()
    inner = {name.partition("/")[2] for name in names}
    return {name for name in (*names, *inner) if name and not name.endswith("/")}
