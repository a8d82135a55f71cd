"""What others say of a target, as it gets into the record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzer.acquire.index import Candidate, Index
from analyzer.acquire.known import Known, vulnerability
from analyzer.errors import UsageError
from analyzer.model.package import Acquisition, ServedFile
from analyzer.pipeline.asking import advisories_of, ask, keep_project
from analyzer.store.project import ProjectFacts
from analyzer.store.record import Record
from tests.unit.pipeline.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.acquire.cache import Sink

FILE = "sample-1.0-py3-none-any.whl"
OSV = {
    "id": "PYSEC-1",
    "affected": [{"package": {"ecosystem": "PyPI", "name": "Sample"}, "versions": ["1.0"], "ranges": []}],
}


class Knowing(Index):
    """Lists one file, and knows one vulnerability of it, in words that no encoding has."""

    def project(self, name: str) -> Sequence[Candidate]:
        times = {"uploaded": "2026-01-01T00:00:00Z", "yanked": True}
        return [Candidate(name, "1.0", FILE, "wheel", "https://x.example/", "0" * 64, **times)]  # type: ignore[arg-type]

    def metadata(self, candidate: Candidate) -> None:
        return None

    def download(self, candidate: Candidate, sink: Sink) -> None:
        raise NotImplementedError

    def known(self, name: str, version: str) -> Known:
        return Known((vulnerability("PYSEC-1", (), ("weak: ü\ud800",), ["1.1"], None, "index"),), "n" * 5000)


@pytest.fixture
def record(tmp_path: Path) -> Record:
    recording = Recording(tmp_path)
    recording.installed()
    return Record(tmp_path)


@pytest.fixture
def osv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("osv") / "list.json"
    path.write_text(json.dumps(OSV))
    return path


def acquired(version: str = "1.0") -> Acquisition:
    target = ServedFile(FILE, Path("unused"), "0" * 64, 10, "target", "sample")
    return Acquisition("sample", version, "requirement", (), (target,))


def test_what_the_index_says_gets_into_the_record(record: Record) -> None:
    facts = ask(acquired(), Knowing())
    assert keep_project(record, acquired(), facts, None) == ""
    found = record.project()
    assert found == facts
    assert (found.listed, found.releases, found.upload, found.yanked) == (True, 1, "2026-01-01T00:00:00Z", True)
    assert found.vulnerabilities is not None
    assert found.vulnerabilities[0].summary == "weak: ü\\ud800"
    assert found.osv is None


def test_the_list_of_the_users_is_asked_for_the_version_that_was_installed(record: Record, osv: Path) -> None:
    advisories = advisories_of([osv])
    for version, hits in (("1.0", 1), ("2.0", 0), ("", 1)):
        assert keep_project(record, acquired(version), ProjectFacts(), advisories) == ""
        found = record.project()
        assert found is not None
        assert found.osv is not None
        assert len(found.osv) == hits
        assert "1 record of PyPI" in found.osv_note


def test_a_version_that_nobody_knows(tmp_path: Path, osv: Path) -> None:
    Recording(tmp_path)
    record = Record(tmp_path)
    assert keep_project(record, acquired(""), ProjectFacts(), advisories_of([osv])) == ""
    found = record.project()
    assert found is not None
    assert found.osv is None
    assert "its version is not" in found.osv_note


def test_a_record_that_cannot_be_written_is_a_reason(record: Record) -> None:
    (record.folder / "project.json").mkdir()
    assert "could not be written" in keep_project(record, acquired(), ProjectFacts(), None)


def test_no_list_and_a_wrong_one(tmp_path: Path) -> None:
    assert advisories_of([]) is None
    with pytest.raises(UsageError, match="--osv"):
        advisories_of([tmp_path / "missing"])
