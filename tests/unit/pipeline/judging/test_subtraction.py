"""What an empty package shows as well is not told; what anything more rests upon is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.model.event import FileDelete, Location
from analyzer.model.package import Acquisition, ServedFile
from analyzer.model.report import Report
from analyzer.pipeline.judging.judge import read
from analyzer.pipeline.judging.reading import read_record
from analyzer.pipeline.judging.subtraction import Subtraction, fingerprints, reported
from analyzer.rules.loader import builtin
from analyzer.store.baseline import Baseline
from analyzer.store.record import BASELINE, Record
from tests.unit.pipeline.recording import SITE, Recording

DELETE = 'unlink("/home/alex/tmpabcd1234") = 0'
OTHER_DELETE = 'unlink("/home/alex/tmp01ab_567") = 0'
KEY = 'openat(AT_FDCWD, "/home/alex/.ssh/id_rsa", O_RDONLY) = 3'
ACQUISITION = Acquisition(
    "sample", "1.0", "wheel", (), (ServedFile("sample-1.0-py3-none-any.whl", Path("unused"), "0" * 64, 10, "target"),)
)


@pytest.fixture
def empty(tmp_path: Path) -> Recording:
    (tmp_path / "empty").mkdir()
    return Recording(tmp_path / "empty")


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    (tmp_path / "own").mkdir()
    return Recording(tmp_path / "own")


def run(recording: Recording, startup: str) -> None:
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    recording.step("startup", startup)


def held_against(recording: Recording, empty: Recording) -> Report:
    """The report of a run whose baseline is another one."""
    record = Record(empty.folder)
    reading = read_record(record)
    counts = fingerprints(record, reading, ACQUISITION).counted(reported(reading.events))
    recording.write(BASELINE, Baseline.of(counts, {}).model_dump_json(exclude_defaults=True))
    return recording.report()


def ids(report: Report) -> set[str]:
    return {behavior.id for behavior in report.behaviors}


def test_what_the_empty_package_shows_too_is_not_told(recording: Recording, empty: Recording) -> None:
    run(empty, DELETE)
    run(recording, OTHER_DELETE)
    assert "file.delete" in ids(recording.report())
    report = held_against(recording, empty)
    assert "file.delete" not in ids(report)
    assert report.sandbox.baseline is not None
    assert report.sandbox.baseline.subtracted >= 1
    assert report.completeness.status == "complete"


def test_without_a_baseline_nothing_changes(recording: Recording) -> None:
    run(recording, DELETE)
    report = recording.report()
    assert report.sandbox.baseline is None
    assert "file.delete" in ids(report)


def test_one_act_more_is_told(recording: Recording, empty: Recording) -> None:
    run(empty, DELETE)
    run(recording, f"{DELETE}\n{OTHER_DELETE}")
    found = next(one for one in held_against(recording, empty).behaviors if one.id == "file.delete")
    assert found.count == 1


def test_each_command_has_the_noise_anew(recording: Recording, empty: Recording) -> None:
    run(empty, DELETE)
    run(recording, DELETE)
    recording.step("startup", OTHER_DELETE)
    assert "file.delete" not in ids(held_against(recording, empty))


def test_another_kind_of_command_has_none(recording: Recording, empty: Recording) -> None:
    run(empty, DELETE)
    run(recording, "")
    recording.step("startup", DELETE, kind="shell")
    assert "file.delete" in ids(held_against(recording, empty))


def test_what_fails_is_not_what_was_done(recording: Recording, empty: Recording) -> None:
    run(empty, 'unlink("/home/alex/x") = -1 ENOENT (No such file or directory)')
    run(recording, 'unlink("/home/alex/x") = 0')
    assert "file.delete" in ids(held_against(recording, empty))


def test_nothing_of_medium_severity_is_left_out(recording: Recording, empty: Recording) -> None:
    """Such an act of an empty package would be a mistake of ours, and hiding it would hide a package's theft as well."""
    run(empty, KEY)
    run(recording, KEY)
    severe = {one.id for one in held_against(recording, empty).behaviors if one.severity not in {"info", "low"}}
    assert severe
    path = "/home/alex/.ssh/id_rsa"
    events, _ = read(Record(recording.folder))
    assert [one.attribution for one in events.events if getattr(one.detail, "path", "") == path] == ["package"]


@pytest.mark.parametrize("file", [f"{SITE}/sample.py", "/tmp/dropped.py", "<string>"])
def test_what_the_packages_own_code_does_is_told(recording: Recording, empty: Recording, file: str) -> None:
    run(empty, DELETE)
    run(recording, DELETE)
    held_against(recording, empty)
    record = Record(recording.folder)
    reading = read_record(record)
    reading.events.events[:] = [
        replace(one, location=Location("", "sample", file, 3)) if isinstance(one.detail, FileDelete) else one
        for one in reading.events.events
    ]
    rules = builtin()
    noise = Subtraction(record.baseline(), record, reading, ACQUISITION, rules.taxonomy)
    assert "file.delete" in {one.behavior for one in noise.told(rules.engine().observe(reported(reading.events)))}
    noise.settle()
    assert [one.attribution for one in reading.events.events if isinstance(one.detail, FileDelete)] == ["package"]


def test_a_baseline_that_could_not_be_had_is_a_limit(recording: Recording) -> None:
    run(recording, DELETE)
    recording.write(BASELINE, Baseline(missing="it was too dark").model_dump_json())
    report = recording.report()
    assert "no baseline: it was too dark" in [limit.text for limit in report.sandbox.limits]
    assert report.completeness.status == "complete"
    assert "file.delete" in ids(report)


def test_names_of_package_and_empty_package_are_one(recording: Recording, empty: Recording) -> None:
    run(empty, 'unlink("/home/alex/.cache/sample-1.0/x") = 0')
    run(recording, 'unlink("/home/alex/.cache/sample-1.0/x") = 0')
    recording.distributions([{"name": "sample", "requested": True, "version": "1.0"}])
    other = replace(ACQUISITION, name="else", version="2.0")
    record = Record(empty.folder)
    found = fingerprints(record, read_record(record), other)
    assert found.normal("else-1.0 sample-1.0") == "{package}-{version} {package}-{version}"
    assert "file.delete" not in ids(held_against(recording, empty))
