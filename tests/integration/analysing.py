"""Analyses in real sandboxes, for the tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.acquire import Cache, SimpleIndex
from analyzer.model.report import Report
from analyzer.pipeline import Options, analyze
from analyzer.sandbox.interface import Manner

SANDBOXES = [pytest.param("embedded", marks=pytest.mark.embedded), pytest.param("docker", marks=pytest.mark.docker)]

PLACES = [
    pytest.param("embedded", "kernel", marks=pytest.mark.embedded),
    pytest.param("embedded", "strace", marks=pytest.mark.embedded),
    pytest.param("docker", "kernel", marks=pytest.mark.docker),
    pytest.param("docker", "strace", marks=pytest.mark.docker),
]
"""Every sandbox with every tracer: what a package does is the same in all of them."""

everywhere = pytest.mark.parametrize(("sandbox", "tracer"), PLACES)


def report_of(
    target: str | Path,
    sandbox: str,
    tracer: str,
    cache_directory: Path,
    manner: Manner | None = None,
    python: str | None = None,
) -> Report:
    """The report of one analysis in the sandbox of that name, by the tracer of that name."""
    cache = Cache(cache_directory)
    chosen = Options(sandbox=sandbox, tracer=tracer, python=python, manner=manner or Manner())
    report = analyze(str(target), chosen, cache, SimpleIndex(cache), lambda stage: None, lambda analysis: None)
    assert report.sandbox.tracer == tracer
    return report


def behaviors(report: Report) -> set[str]:
    """The ids of what was seen."""
    return {behavior.id for behavior in report.behaviors}
