"""Well-known packages give complete reports, the same on both sandboxes and with both tracers, without anything that they do not do.

What they do only when they are called is what they are made for: requests requests, and flask serves.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.acquire import Cache, SimpleIndex
from analyzer.model.report import Report
from analyzer.taxonomy import load
from tests.integration.analysing import PLACES, behaviors, report_of

pytestmark = [pytest.mark.index, pytest.mark.embedded, pytest.mark.docker]

PACKAGES = {
    "six==1.17.0": 1,
    "requests==2.32.5": 17,
    "flask==3.1.2": 18,
    "attrs==25.4.0": 19,
    "docopt==0.6.2": 1,
    "markupsafe==3.0.3": 2,
}
"""Requirement and the least number of modules that have to be imported."""

FROM_SDIST = {"markupsafe==3.0.3"}


@pytest.fixture(scope="module", params=PACKAGES)
def reports(
    request: pytest.FixtureRequest, cache_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[Report]:
    """The reports of one package from both sandboxes with both tracers."""
    target = request.param
    if target in FROM_SDIST:
        target = str(sdist(target, cache_directory, tmp_path_factory.mktemp("sdist")))
    return [report_of(target, *place.values, cache_directory) for place in PLACES]


def sdist(requirement: str, cache_directory: Path, folder: Path) -> Path:
    """The source distribution of a pinned requirement, as a local file; nothing of it is run."""
    name, version = requirement.split("==")
    cache = Cache(cache_directory)
    index = SimpleIndex(cache)
    candidate = next(one for one in index.project(name) or () if one.filename == f"{name}-{version}.tar.gz")
    fill = lambda sink: index.download(candidate, sink)  # noqa: E731
    stored = cache.file(candidate.sha256) or cache.add(candidate.filename, fill, sha256=candidate.sha256)
    path = folder / candidate.filename
    path.write_bytes(stored.path.read_bytes())
    return path


def test_all_are_complete(reports: list[Report]) -> None:
    for report in reports:
        assert report.completeness.status == "complete", report.completeness.reasons
        assert {phase.name for phase in report.phases if phase.status not in {"ok", "skipped"}} == set()


def test_all_modules_are_imported(reports: list[Report]) -> None:
    for report in reports:
        imported, _, rest = next(phase.detail for phase in report.phases if phase.name == "import").partition(" of ")
        expected = next(least for target, least in PACKAGES.items() if target.startswith(report.package.name))
        assert int(imported) >= expected
        assert rest.startswith(f"{imported} modules imported")


def test_all_agree_on_behaviors(reports: list[Report]) -> None:
    beyond = set(load().limits("strace"))
    first, *others = (behaviors(report) - beyond for report in reports)
    assert others == [first] * 3
    by_tracer = {(report.sandbox.tracer, frozenset(behaviors(report))) for report in reports}
    assert len(by_tracer) == 2, by_tracer


def test_nothing_touches_the_network(reports: list[Report]) -> None:
    for report in reports:
        assert not {one.id for one in report.behaviors if one.id.startswith("network.") and not one.called_only}
        seen = [*report.network.dns, *report.network.connections, *report.network.http]
        assert {one.phase for one in seen} <= {"execute"}
        assert seen == [] or report.package.name in {"requests", "flask"}


def test_what_they_are_made_for_is_seen_when_they_are_called(reports: list[Report]) -> None:
    wanted = {"requests": "network.http.connect", "flask": "network.tcp.accept"}
    for report in reports:
        assert wanted.get(report.package.name, "") in {*behaviors(report), ""}
        assert report.coverage.callables.called >= 0.9 * report.coverage.callables.found


def test_nothing_is_of_medium_severity(reports: list[Report]) -> None:
    for report in reports:
        unasked = [one for one in report.behaviors if not one.called_only]
        assert not {one.id for one in unasked if one.severity in {"medium", "high", "critical"}}


def test_every_file_is_hashed(reports: list[Report]) -> None:
    for report in reports:
        assert report.package.files[0].role == "target"
        assert all(len(file.sha256) == 64 and file.size > 0 for file in report.package.files)
