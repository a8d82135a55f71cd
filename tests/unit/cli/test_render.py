"""`fumehood render`: a saved report in other formats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from analyzer.cli.render import render
from analyzer.errors import FumehoodError, RecordError, UsageError
from analyzer.render.interface import RENDERERS
from analyzer.render.vetting import VETTING_RENDERERS
from tests.unit.render.eventful import rich_report
from tests.unit.render.hostile import hostile_report
from tests.unit.render.vettings import heading, packages

APPLICATION = typer.Typer()
APPLICATION.command()(render)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, with a report."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "report.json").write_text(rich_report().model_dump_json())
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(APPLICATION, [*words, "--corpus", "none"])


def refusal(*words: str) -> FumehoodError:
    error = run(*words).exception
    assert isinstance(error, FumehoodError), error
    assert "\n" not in str(error)
    assert len(str(error)) < 600
    return error


def test_a_report_in_every_format(folder: Path) -> None:
    words = [word for name in RENDERERS for word in ("-o", f"{name}=out.{name}")]
    result = run("report.json", *words)
    assert (result.exit_code, result.stdout) == (0, "")
    assert {path.name for path in folder.glob("out.*")} == {f"out.{name}" for name in RENDERERS}
    assert json.loads((folder / "out.json").read_text()) == json.loads((folder / "report.json").read_text())
    assert (folder / "out.markdown").read_text().startswith("### `acme-telemetry 1.4.2`: incomplete")


def test_without_a_format_the_summary_is_shown() -> None:
    result = run("report.json")
    assert result.exit_code == 0
    assert "acme-telemetry" in result.stdout


def test_a_report_of_hostile_text(folder: Path) -> None:
    (folder / "report.json").write_text(hostile_report().model_dump_json())
    assert run("report.json", "-o", "markdown=a.md", "-o", "sarif=a.sarif").exit_code == 0
    assert "\x1b" not in (folder / "a.md").read_text()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "No such file"),
        (b"", "not a report of fumehood"),
        (b"\xff\x00garbage", "not a report of fumehood"),
        (b"[" * 100_000, "not a report of fumehood"),
        (b'{"schema_version": "1"}', "which this fumehood cannot read"),
        (b'{"schema_version": "2", "package": {}}', "has schema version 2, and this fumehood reads 1: upgrade it"),
    ],
)
def test_what_is_no_report_is_one_line(folder: Path, content: bytes | None, told: str) -> None:
    if content is not None:
        (folder / "x.json").write_bytes(content)
    error = refusal("x.json", "-o", "sarif=x.sarif")
    assert isinstance(error, RecordError)
    assert told in str(error)
    assert not (folder / "x.sarif").exists()


def test_what_vet_wrote_of_many(folder: Path) -> None:
    document = heading(packages=packages()).model_dump_json()
    (folder / "all.json").write_text(document)
    words = [word for name in VETTING_RENDERERS for word in ("-o", f"{name}=all.{name}")]
    assert run("all.json", *words).exit_code == 0
    for name, renderer in VETTING_RENDERERS.items():
        assert (folder / f"all.{name}").read_text() == renderer.render(heading(), packages())
    for wrong in (["-o", "html=x.html"], ["-o", "sarif=y.sarif", "-o", "json=x.json"], []):
        error = refusal("all.json", *wrong)
        assert isinstance(error, UsageError)
        assert "several packages" in str(error)
    assert not (folder / "y.sarif").exists()
    (folder / "all.json").write_text(document.replace('"schema_version":"1"', '"schema_version":"2"', 1))
    assert "has schema version 2" in str(refusal("all.json", "-o", "sarif=x.sarif"))


@pytest.mark.parametrize("name", ["x.record", "."])
def test_a_record_or_folder_that_is_none(folder: Path, name: str) -> None:
    if name != ".":
        (folder / name).write_bytes(b"garbage")
    assert isinstance(refusal(name), RecordError)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("pcap=x", "unknown format; this version writes attack-layer, cyclonedx, html, json, markdown, mbc, package-analysis, sarif"),
        ("sarif", "give FORMAT=PATH"),
        ("sarif=no/such/x", "does not exist"),
    ],
)  # fmt: skip
def test_a_wrong_output_is_told_before_the_report_is_read(word: str, told: str) -> None:
    error = refusal("missing.json", "-o", word)
    assert isinstance(error, UsageError)
    assert told in str(error)
