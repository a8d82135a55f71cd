"""The report's key `project`: from the record, from ranks, and from the corpus of the day."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from analyzer.corpus import RANK_DATE, Corpus, rank
from analyzer.errors import CorpusError, RecordError
from analyzer.model.prevalence import Anomaly, CorpusUse, Prevalence
from analyzer.model.report import Project, Report
from analyzer.pipeline.informing import informed
from analyzer.pipeline.project import counted, project_from, renewed
from analyzer.pipeline.rarity import FEW_RELEASES, TELLING_CORPUS, YOUNG_DAYS
from analyzer.store.project import ProjectFacts, RecordedVulnerability
from tests.unit.pipeline.recording import Recording

RUN = "2026-01-02T00:00:00Z"
"""When `Recording.report` says that it was run."""

OLD = {
    "format": 1, "listed": True, "releases": 40, "first_upload": "2012-01-01T00:00:00Z", "upload": "2025-12-31T00:00:00Z",
    "yanked": False, "vulnerabilities": [],
}  # fmt: skip
WEAK = {
    "id": "PYSEC-1",
    "aliases": ["CVE-1"],
    "summary": "It is weak.",
    "fixed_in": ["1.1"],
    "link": "https://x.example/1",
}


class Counting(Corpus):
    """A corpus that knows how many packages need each."""

    def __init__(self, dependents: int, packages: int) -> None:
        self._dependents = dependents
        self._packages = packages

    def dependents(self, name: str) -> int:
        assert name == "sample"
        return self._dependents

    def prevalence(self, ids: Collection[str]) -> dict[str, Prevalence]:
        return {}

    def anomalies(self, behaviors: Collection[str], kinds: Collection[str], besides: str = "") -> list[Anomaly]:
        return []

    def use(self) -> CorpusUse:
        return CorpusUse(packages=self._packages)


class Gone(Counting):
    def dependents(self, name: str) -> int:
        raise CorpusError("it is gone")


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    """A quiet run of a package."""
    made = Recording(tmp_path)
    made.installed()
    made.step("install", argv=["/opt/uv/uv"])
    made.step("import")
    return made


def told(recording: Recording, **change: Any) -> Project:
    recording.write("project.json", json.dumps(OLD | change))
    project = recording.report().project
    assert project is not None
    return project


def ids(report: Report) -> set[str]:
    return {issue.id for issue in report.issues}


def test_a_record_of_an_earlier_version_tells_nothing(recording: Recording) -> None:
    report = recording.report()
    assert report.project is None
    assert not {one for one in ids(report) if one.startswith(("vulnerability", "project"))}


def test_what_the_index_said(recording: Recording) -> None:
    project = told(recording, vulnerabilities=[WEAK], notes=["something is not known"])
    assert (project.releases, project.first_upload, project.upload) == (40, OLD["first_upload"], OLD["upload"])
    assert (project.yanked, project.dependents, project.notes) == (False, None, ["something is not known"])
    assert (project.rank, project.rank_date) == (rank("sample"), RANK_DATE)
    assert project.vulnerabilities is not None
    assert [one.model_dump() for one in project.vulnerabilities] == [WEAK | {"source": "index"}]


def test_a_vulnerable_version_is_an_issue(recording: Recording) -> None:
    before = ids(recording.report())
    recording.write("project.json", json.dumps(OLD | {"osv": [WEAK], "vulnerabilities": None}))
    (found,) = [one for one in recording.report().issues if one.id not in before]
    assert [fact.source for fact in found.facts] == ["osv"]
    assert "PYSEC-1" in found.facts[0].detail


def test_a_young_component_is_an_issue(recording: Recording) -> None:
    before = ids(recording.report())
    assert rank("sample") is None
    project = told(recording, first_upload="2025-12-21T00:00:00Z", releases=2)
    assert project.rare == [
        f"it is not in the list of the most downloaded projects of {RANK_DATE}",
        "it has 2 releases",
        "its first release was 12 days old when it was run",
    ]
    (found,) = [one for one in recording.report().issues if one.id not in before]
    assert [fact.detail for fact in found.facts] == project.rare


@pytest.mark.parametrize(
    ("first", "is_young"),
    [
        ("2026-01-01T00:00:00Z", True),
        ("2099-01-01T00:00:00Z", True),  # a clock is wrong
        ("2012-01-01T00:00:00Z", False),
        ("2025-02-31T00:00:00Z", False),  # no such day
        (None, False),
    ],
)
def test_age_is_that_at_the_time_of_the_run(recording: Recording, first: str | None, is_young: bool) -> None:
    assert bool(told(recording, first_upload=first).rare) is is_young


def test_a_file_that_is_no_release_has_no_rank(recording: Recording) -> None:
    facts = ProjectFacts(notes=("it was given by its path",), osv=())
    project = project_from(facts, "requests", None)
    assert (project.rank, project.rank_date, project.releases, project.rare) == (None, "", None, [])
    assert project.vulnerabilities == []
    assert project.notes == ["it was given by its path"]
    assert project_from(ProjectFacts(listed=True), "requests", None).rank == rank("requests")


def test_the_corpus_counts_who_needs_it(recording: Recording) -> None:
    told(recording)
    report = recording.report()
    for dependents, packages, is_rare in (
        (0, TELLING_CORPUS, True),
        (0, TELLING_CORPUS - 1, False),
        (3, TELLING_CORPUS, False),
    ):
        found = counted(report, Counting(dependents, packages))
        assert found.project is not None
        assert (found.project.dependents, bool(found.project.rare)) == (dependents, is_rare)
        assert ("project.rare" in ids(found)) == ("project.rare" in ids(report)) or is_rare
        assert bool(ids(found) - ids(report)) is is_rare
        # What a smaller corpus then says is not what the larger one left.
        assert ids(counted(found, Counting(1, TELLING_CORPUS))) == ids(report)


def test_a_corpus_that_is_gone_costs_only_what_it_knows(recording: Recording) -> None:
    told(recording, releases=1)
    report = recording.report()
    found = informed(report, Gone(0, 10))
    assert found.project == report.project
    assert found.corpus is not None
    assert found.corpus.missing == "it is gone"


def test_a_report_without_a_project_is_not_counted(recording: Recording) -> None:
    report = recording.report()
    assert counted(report, Gone(0, 10)) is report
    recording.write("project.json", json.dumps({"format": 1}))
    unlisted = recording.report()
    assert counted(unlisted, Gone(0, 10)) is unlisted


@pytest.mark.parametrize("created", ["", "soon", "2026-01-02", "2026-01-02T00:00:00"])
def test_the_times_of_a_stranger_are_any_text(recording: Recording, created: str) -> None:
    told(recording, first_upload="2026-01-01T00:00:00Z")
    report = recording.report().model_copy(update={"created": created})
    found = counted(report, Counting(1, 10)).project
    assert found is not None
    assert found.rare == []


def test_a_kept_report_is_told_anew(recording: Recording) -> None:
    told(recording)
    report = recording.report()
    facts = ProjectFacts.model_validate(OLD).model_copy(
        update={"vulnerabilities": (RecordedVulnerability(id="PYSEC-9"),)}
    )
    found = renewed(report, facts)
    assert found.project is not None
    assert found.project.vulnerabilities is not None
    assert [one.id for one in found.project.vulnerabilities] == ["PYSEC-9"]
    assert len(ids(found) - ids(report)) == 1
    assert renewed(found, ProjectFacts.model_validate(OLD)) == report
    assert (FEW_RELEASES, YOUNG_DAYS) < (40, 5000)


def test_what_a_stranger_wrote_is_refused(recording: Recording) -> None:
    recording.write("project.json", '{"format": 1, "releases": "many"}')
    with pytest.raises(RecordError, match=r"project\.json"):
        recording.report()
