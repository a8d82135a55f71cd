"""Analyses in real sandboxes, for the tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.acquire import Cache, SimpleIndex
from analyzer.model.report import Report
from analyzer.pipeline import Options, analyze

SANDBOXES = [pytest.param("embedded", marks=pytest.mark.embedded), pytest.param("docker", marks=pytest.mark.docker)]


def report_of(target: str | Path, sandbox: str, cache_directory: Path, **options: object) -> Report:
    """The report of one analysis in the sandbox of that name."""
    cache = Cache(cache_directory)
    chosen = Options(sandbox=sandbox, **options)  # type: ignore[arg-type] # given by name in the tests
    return analyze(str(target), chosen, cache, SimpleIndex(cache), lambda stage: None, lambda analysis: None)


def behaviors(report: Report) -> set[str]:
    """The ids of what was seen."""
    return {behavior.id for behavior in report.behaviors}
