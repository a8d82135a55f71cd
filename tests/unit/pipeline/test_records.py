"""Which targets are records, and that a report from a kept record is the run's own."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analyzer.acquire import Cache, SimpleIndex
from analyzer.errors import RecordError, UsageError
from analyzer.model.package import Acquisition, ServedFile
from analyzer.model.report import Usage
from analyzer.pipeline import Options, analyze
from analyzer.pipeline.analyze import Analysis
from analyzer.pipeline.judging.judge import judge
from analyzer.pipeline.records import Run, check_name, keep, opened, record_path
from analyzer.render.json import render_json
from analyzer.rules.loader import ruleset
from analyzer.sandbox.interface import RunFacts
from analyzer.store.record import Record
from tests.unit.pipeline.recording import Recording

TARGET = ServedFile("sample-1.0-py3-none-any.whl", Path("/somewhere"), "0" * 64, 10, "target")
RUN = Run(
    Acquisition("sample", "1.0", "wheel", (), (TARGET,)),
    RunFacts("embedded", "bubblewrap", "strace", "3.11.2", "simulated", Usage(
        peak_memory_bytes=10_000_000, cpu_seconds=0.25, max_processes=3), ("something \udcff was lost",)),
    datetime(2026, 1, 2, 3, 4, 5, 999_999, tzinfo=UTC),
)  # fmt: skip
CALLS = """
socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP) = 3
connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.7")}, 16) = 0
unlink("/home/alex/x\\377y") = 0
"""


@pytest.fixture
def record(tmp_path: Path) -> Record:
    folder = tmp_path / "folder"
    folder.mkdir()
    recording = Recording(folder)
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    recording.step("import", CALLS, driver='{"begin": "sample"}\n{"end": "sample", "error": ""}\n{"done": true}\n')
    return Record(folder)


@pytest.fixture
def kept(record: Record, tmp_path: Path) -> Path:
    path = tmp_path / "run.record"
    with path.open("wb") as stream:
        keep(record, RUN, stream)
    return path


def analyzed(path: Path, uses: list[Analysis] | None = None) -> bytes | str:
    """The JSON report of a record, by the pipeline; its cache could not be made."""
    cache = Cache(Path("/dev/null/none"))
    use = (lambda analysis: None) if uses is None else uses.append
    options = Options(sandbox="docker", runtime="none", python="9.9")
    return render_json(analyze(str(path), options, cache, SimpleIndex(cache), lambda stage: None, use))


def test_the_report_is_the_runs_own(record: Record, kept: Path) -> None:
    report = judge(record, RUN.acquisition, RUN.facts, RUN.created, ruleset(()))
    assert {behavior.id for behavior in report.behaviors} >= {"network.tcp.connect"}
    assert report.created == "2026-01-02T03:04:05Z"
    assert report.completeness.reasons[0] == r"something \udcff was lost"
    assert analyzed(kept) == render_json(report)


def test_a_record_of_a_record_is_the_same(kept: Path) -> None:
    again = io.BytesIO()
    with opened(kept) as (record, run):
        keep(record, run, again)
    assert again.getvalue() == kept.read_bytes()


def test_a_record_keeps_the_name_of_what_ran_it(record: Record, tmp_path: Path) -> None:
    path = tmp_path / "old.record"
    with path.open("wb") as stream:
        keep(record, replace(RUN, generator="fumehood 0.0.1"), stream)
    with opened(path) as (_, run):
        assert run.generator == "fumehood 0.0.1"


def test_nothing_stays_behind(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    uses: list[Analysis] = []
    analyzed(kept, uses)
    assert uses[0].record.folder.parent == tmp_path / "tmp"
    kept.write_bytes(kept.read_bytes()[:-100])
    with pytest.raises(RecordError):
        analyzed(kept)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_broken_file_inside_is_named_with_the_archive(record: Record, tmp_path: Path) -> None:
    (record.folder / "steps.jsonl").write_text('{"step": "one"}\n')
    path = tmp_path / "broken.record"
    with path.open("wb") as stream:
        keep(record, RUN, stream)
    with pytest.raises(RecordError, match=r"broken\.record: steps\.jsonl is not of this version's format"):
        analyzed(path)


def test_it_is_taken_whatever_it_is_called(kept: Path, tmp_path: Path) -> None:
    other = kept.rename(tmp_path / "run.bin")
    assert record_path(str(other)) == other


@pytest.mark.parametrize(
    "name", ["sample-1.0-py3-none-any.whl", "sample-1.0.tar.gz", "sample-1.0.zip", "sample-1.0.tgz"]
)
def test_the_file_of_a_package_is_never_taken_for_a_record(kept: Path, tmp_path: Path, name: str) -> None:
    """Else a package could hold the report that it wants."""
    assert record_path(str(kept.rename(tmp_path / name))) is None
    with pytest.raises(UsageError, match="would be taken for a package"):
        check_name(tmp_path / name)


def test_a_word_is_a_requirement(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.rename(tmp_path / "six")
    monkeypatch.chdir(tmp_path)
    assert record_path("six") is None
    assert record_path("./six") == Path("six")


@pytest.mark.parametrize(
    "target", ["", " ", "six==1.17.0", "a/b", "x\0.record", "https://files.example/x", "x" * 5000 + "/y"]
)
def test_anything_else_names_no_record(target: str) -> None:
    assert record_path(target) is None


def test_a_project_folder_names_no_record(tmp_path: Path) -> None:
    (tmp_path / "project.record").mkdir()
    assert record_path(str(tmp_path / "project.record")) is None


def test_its_ending_is_enough_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"none\.record does not exist: check the path"):
        analyzed(tmp_path / "none.record")
    (tmp_path / "text.record").write_text("hello")
    with pytest.raises(RecordError, match=r"text\.record is no record: name a file that"):
        analyzed(tmp_path / "text.record")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.record")
    with pytest.raises(RecordError, match="is no record"):
        analyzed(tmp_path / "pipe.record")
