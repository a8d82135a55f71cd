"""`-o record=PATH` and `fumehood analyze RUN.record`, as whole commands without any tool of a sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from analyzer.pipeline.records import keep
from analyzer.store.record import Record
from tests.unit.pipeline.recording import Recording
from tests.unit.pipeline.test_records import RUN


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    recording = Recording(folder)
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    recording.write("internet/capture.pcap", "packets")
    path = tmp_path / "run.record"
    with path.open("wb") as stream:
        keep(Record(folder), RUN, stream)
    return path


def fumehood(
    *words: str | Path, cwd: Path, stdout: int | IO[bytes] = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": "/nonexistent",
        "HOME": "/nonexistent",
        "FUMEHOOD_CORPUS": "none",
        "LANG": "C.UTF-8",
        "DOCKER_HOST": "unix:///nonexistent",
    }
    command = [sys.executable, "-m", "analyzer", "analyze", *map(str, words)]
    checkout = Path(__file__).parents[3]
    environment["PYTHONPATH"] = str(checkout)
    return subprocess.run(
        command, env=environment, cwd=cwd, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False
    )


def test_every_output_is_made_of_a_record(kept: Path, tmp_path: Path) -> None:
    outputs = [f"{name}={tmp_path / 'again'}.{name}" for name in ("json", "html", "events", "pcap", "record")]
    answer = fumehood(kept, *(word for output in outputs for word in ("-o", output)), cwd=tmp_path)
    assert answer.returncode == 4, answer.stderr  # as the run itself: something was lost
    assert answer.stdout.startswith("sample 1.0 INCOMPLETE")
    assert answer.stderr.splitlines() == [f"opening the record {kept}", "reading the traces of sample 1.0"]
    assert json.loads((tmp_path / "again.json").read_text())["created"] == "2026-01-02T03:04:05Z"
    assert (tmp_path / "again.pcap").read_text() == "packets"
    assert (tmp_path / "again.record").read_bytes() == kept.read_bytes()
    assert (tmp_path / "again.html").read_text().startswith("<!doctype html>")
    header, *events = map(json.loads, (tmp_path / "again.events").read_text().splitlines())
    assert (
        header["events"] == len(events) == json.loads((tmp_path / "again.json").read_text())["completeness"]["events"]
    )
    assert {event["attribution"] for event in events} > {"installer"}


def test_a_dash_is_standard_output(kept: Path, tmp_path: Path) -> None:
    answer = fumehood(kept, "-q", "-o", "events=-", cwd=tmp_path)
    lines = answer.stdout.splitlines()
    assert json.loads(lines[0])["events"] == len(lines) - 1
    assert answer.returncode == 4
    assert fumehood(kept, "-o", "json=-", cwd=tmp_path).stdout.startswith("{")
    assert not (tmp_path / "-").exists()


@pytest.mark.parametrize("output", ["events=-", "json=-"])
def test_a_full_device_is_said_in_a_sentence(kept: Path, tmp_path: Path, output: str) -> None:
    with open("/dev/full", "wb") as full:
        answer = fumehood(kept, "-q", "-o", output, cwd=tmp_path, stdout=full)
    assert answer.returncode == 2
    assert "fumehood: standard output cannot be written (No space left on device): name a file\n" in answer.stderr


def test_a_record_may_be_written_over_itself(kept: Path, tmp_path: Path) -> None:
    before = kept.read_bytes()
    assert fumehood("run.record", "-q", "-o", "record=run.record", cwd=tmp_path).returncode == 4
    assert kept.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("none.record", None, "does not exist: check the path of the record"),
        ("text.record", b"hello", "is no record: name a file that `fumehood analyze -o record=PATH` wrote"),
        ("cut.record", b"", "is damaged or truncated"),
    ],
)
def test_nothing_is_analysed_of_what_is_no_record(
    kept: Path, tmp_path: Path, name: str, content: bytes | None, problem: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content or kept.read_bytes()[:-50])
    answer = fumehood(name, "-q", "-o", "json=x.json", cwd=tmp_path)
    assert answer.returncode == 3
    assert answer.stderr.startswith(f"fumehood: {name} ")
    assert problem in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert not (tmp_path / "x.json").exists()


def test_a_record_cannot_be_named_like_a_package(kept: Path, tmp_path: Path) -> None:
    answer = fumehood(kept, "-o", "record=sample-1.0.zip", cwd=tmp_path)
    assert answer.returncode == 2
    assert "name a file that ends in .record" in answer.stderr


def test_the_sandbox_options_have_no_effect(kept: Path, tmp_path: Path) -> None:
    answer = fumehood(kept, "-q", "--sandbox", "docker", "--python", "9.9", "--tracer", "kernel", cwd=tmp_path)
    assert (answer.returncode, answer.stderr) == (4, "")
