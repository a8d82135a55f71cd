"""`fumehood confirm` of a saved report, for which nothing is run: what is read first, what is written, and how it exits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from analyzer.cli.confirm import confirm
from analyzer.errors import FindingsError, FumehoodError, RecordError, UsageError
from analyzer.model.direction import Direction, Place
from analyzer.model.report import Report
from analyzer.pipeline.confirming import UNDIRECTED, aligned, is_report
from tests.unit.render.eventful import rich_report

APPLICATION = typer.Typer()
APPLICATION.command()(confirm)
HEADER = "tool,rule,message,severity,file,line,behavior\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, with a complete report and findings of which one is confirmed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    report = rich_report()
    whole = report.completeness.model_copy(update={"status": "complete", "reasons": []})
    (tmp_path / "complete.json").write_text(report.model_copy(update={"completeness": whole}).model_dump_json())
    (tmp_path / "report.json").write_text(report.model_dump_json())
    seen = report.behaviors[0].id
    (tmp_path / "found.csv").write_text(f"{HEADER}own,r1,said,high,,,{seen}\nown,r2,said,low,nowhere.py,3,{seen}\n")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(APPLICATION, [*words, "--corpus", "none"])


def refusal(*words: str) -> FumehoodError:
    error = run(*words).exception
    assert isinstance(error, FumehoodError), error
    assert "\n" not in str(error)
    return error


def test_the_answers_are_shown() -> None:
    result = run("found.csv", "complete.json")
    assert result.exit_code == 0
    assert "1 CONFIRMED" in result.stdout


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("complete.json",), 0),
        (("complete.json", "--fail-on", "confirmed"), 10),
        (("report.json",), 4),
        (("report.json", "--fail-on", "confirmed"), 4),
        (("report.json", "--fail-on", "never"), 4),
    ],
)
def test_exit_codes(words: tuple[str, ...], status: int) -> None:
    assert run("found.csv", *words, "-q").exit_code == status


def test_what_is_written(folder: Path) -> None:
    names = ("json", "sarif", "markdown", "table", "report")
    outputs = [word for name in names for word in ("-o", f"{name}=out.{name}")]
    assert run("found.csv", "complete.json", "-q", *outputs).exit_code == 0
    answers = json.loads((folder / "out.json").read_text())["answers"]
    assert [one["finding"]["rule"] for one in answers] == ["r1", "r2"]
    assert json.loads((folder / "out.sarif").read_text())["version"] == "2.1.0"
    report = Report.model_validate_json((folder / "out.report").read_bytes())
    assert [one.detail for one in report.directions] == [UNDIRECTED]


def test_standard_output_is_for_one_document() -> None:
    result = run("found.csv", "complete.json", "-o", "json=-")
    assert json.loads(result.stdout)["counts"]["confirmed"] == 1


@pytest.mark.parametrize(
    ("words", "kind", "told"),
    [
        (("absent.csv", "complete.json"), FindingsError, "absent.csv"),
        (("complete.json", "complete.json"), FindingsError, "no known scanner"),
        (("found.csv", "absent.json"), RecordError, "absent.json"),
        (("found.csv", "found.json"), RecordError, "found.json"),
        (("found.csv", "complete.json", "--fail-on", "x"), UsageError, "--fail-on"),
        (("found.csv", "complete.json", "-o", "html=a.html"), UsageError, "unknown format"),
        (("found.csv", "complete.json", "-o", "record=a.record"), UsageError, "give its record"),
        (("found.csv", "complete.json", "--mapping", "absent.yaml"), UsageError, "absent.yaml"),
    ],
)
def test_refusals(words: tuple[str, ...], kind: type[FumehoodError], told: str) -> None:
    error = refusal(*words)
    assert isinstance(error, kind)
    assert told in str(error)


def test_findings_are_read_before_anything_runs(folder: Path) -> None:
    (folder / "bad.sarif").write_text('{"version": "2.1.0", "runs": 3}')
    assert isinstance(refusal("bad.sarif", "absent-package-that-is-never-looked-for"), FindingsError)


def test_only_a_saved_report_is_one() -> None:
    assert is_report("a.json")
    assert not any(is_report(word) for word in ("six", "a.json.record", "a.whl", "a\0.json"))


def test_directions_of_other_runs_are_put_in_order() -> None:
    told = [
        Direction(asked="a.py", line=3, end_line=3, reached="line"),
        Direction(asked="b.py", line=1, end_line=1, function="f"),
    ]
    places = (Place("b.py", 1, 1, function="g"), Place("a.py", 3, 3), Place("b.py", 1, 1))
    assert [(one.asked, one.reached, one.detail) for one in aligned(told, places)] == [
        ("b.py", "unknown", UNDIRECTED),
        ("a.py", "line", ""),
        ("b.py", "unknown", ""),
    ]
