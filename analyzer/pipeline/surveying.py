"""Many packages into a corpus, one after the other: what fails costs only itself, and what is there already is not run again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement

from analyzer.acquire import Cache, Index
from analyzer.acquire.target import parse_target
from analyzer.corpus import Corpus
from analyzer.errors import AcquireError, RecordError, SandboxError, UsageError
from analyzer.kept import replacing
from analyzer.model.report import Report
from analyzer.pipeline.analyze import Analysis, Options, analyze, saved_report
from analyzer.pipeline.records import SUFFIX, keep, record_path
from analyzer.rules.loader import Ruleset
from analyzer.sandbox.interface import Progress

_UNUSUAL = re.compile(r"[^A-Za-z0-9.+_-]+")
_LONGEST = 100

How = Literal["added", "there", "left out", "failed"]


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What became of one target or report. `told` is one line more of it: name and version, or why it is not in the corpus."""

    target: str
    how: How
    told: str


def survey(
    targets: Iterable[str],
    options: Options,
    cache: Cache,
    index: Index,
    corpus: Corpus,
    progress: Progress,
    records: Path | None = None,
    *,
    again: bool = False,
) -> Iterator[Surveyed]:
    """Analyses targets and adds their reports, as they come. With `records`, the record of each is kept in that folder.

    A requirement that a version in the corpus satisfies is not run, unless `again` says so. Raises CorpusError where the corpus itself
    fails, and UsageError for options that are wrong and for a folder of records that cannot be written.
    """
    for target in targets:
        try:
            there = None if again else _version_there(target, corpus)
            if there is not None:
                yield Surveyed(target, "there", there)
                continue
            report = analyze(
                target, options, cache, index, progress, lambda analysis: _keep(analysis, records), corpus=corpus
            )
        except (AcquireError, SandboxError, RecordError) as error:
            yield Surveyed(target, "failed", str(error))
            continue
        yield _added(target, report, corpus)


def add_saved(paths: Iterable[Path], rules: Ruleset, corpus: Corpus) -> Iterator[Surveyed]:
    """Adds reports that were saved, as JSON or as the record of a run. Raises CorpusError where the corpus itself fails."""
    for path in paths:
        try:
            report = saved_report(path, rules, corpus)
        except RecordError as error:
            yield Surveyed(str(path), "failed", str(error))
            continue
        yield _added(str(path), report, corpus)


def _added(target: str, report: Report, corpus: Corpus) -> Surveyed:
    try:
        new = corpus.add(report)
    except RecordError as error:
        return Surveyed(target, "left out", str(error))
    return Surveyed(target, "added" if new else "there", f"{report.package.name} {report.package.version}")


def _version_there(target: str, corpus: Corpus) -> str | None:
    """Name and versions of reports that satisfy a requirement; None for none, and for files and folders, which may have changed."""
    wanted = parse_target(target) if record_path(target) is None else None
    if not isinstance(wanted, Requirement):
        return None
    there = sorted(version for version in corpus.versions(wanted.name) if _satisfies(version, wanted))
    return f"{wanted.name} {', '.join(there)}" if there else None


def _satisfies(version: str, wanted: Requirement) -> bool:
    try:
        return wanted.specifier.contains(version, prereleases=True)
    except ValueError:  # InvalidVersion, or a number of more digits than Python reads
        return not wanted.specifier


def _keep(analysis: Analysis, folder: Path | None) -> None:
    """Keeps the record under the name and version of its package, in place of an earlier one."""
    if folder is None:
        return
    package = analysis.report.package
    name = _UNUSUAL.sub("_", f"{package.name}-{package.version}").lstrip(".")[:_LONGEST]
    path = folder / f"{name}{SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(path) as stream:
            keep(analysis.record, analysis.run, stream)
    except OSError as error:
        raise UsageError(
            f"the record {path} cannot be written: {error.strerror or error}; name another folder"
        ) from error
