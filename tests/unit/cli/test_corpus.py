"""`fumehood corpus`, without any sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from analyzer.cli.app import app
from analyzer.errors import FumehoodError
from analyzer.render.json import render_json
from tests.unit.corpus.entries import READS, report


def fumehood(*words: str, code: int) -> str:
    """What a command printed, errors included."""
    result = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    error = result.exception if isinstance(result.exception, FumehoodError) else None
    assert (error.exit_code if error else result.exit_code) == code, (result.output, result.exception)
    return result.stdout + result.stderr + (f"{error}\n" if error else "")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FUMEHOOD_CORPUS", "corpus.sqlite")
    (tmp_path / "own.json").write_text(render_json(report("somebody-s-own", [READS])))
    (tmp_path / "cut.json").write_text(render_json(report("cut", status="incomplete")))
    return tmp_path


def test_from_reports_to_an_export_and_back(folder: Path) -> None:
    told = fumehood("corpus", "add", "own.json", "cut.json", "none.json", code=4)
    assert "added    own.json  somebody-s-own 1.0\n" in told
    assert "left out cut.json  the report of cut 1.0 is incomplete and is left out: a log was cut\n" in told
    assert "failed   none.json  the report none.json cannot be read: No such file or directory\n" in told
    fumehood("corpus", "export", "all.jsonl.gz", code=0)
    told = fumehood("corpus", "import", "all.jsonl.gz", "--corpus", "other.sqlite", code=0)
    assert "all.jsonl.gz  " in told
    first = fumehood("corpus", "export", "-", code=0)
    assert '"name":"somebody-s-own"' in first
    told = fumehood("corpus", "stats", READS, "--corpus", "other.sqlite", code=0)
    assert told.startswith(f"{READS}  Prevalence: ")
    told = fumehood("corpus", "stats", code=0)
    assert told.startswith("Corpus  ")
    assert "corpus.sqlite" in told


@pytest.mark.parametrize(
    ("words", "code", "telling"),
    [
        (["stats", "--corpus", "none.sqlite"], 3, "there is no corpus none.sqlite: "),
        (["export", "x", "--corpus", "own.json"], 3, "the corpus own.json cannot be read: it is no database"),
        (["stats", "no.such.thing"], 2, "no behavior or issue is called 'no.such.thing'"),
        (["stats", "--corpus", "mysql://x"], 2, "--corpus mysql://…: only SQLite"),
        (["import", "none"], 2, "none cannot be read: No such file or directory"),
        (["import", "own.json"], 3, "own.json is no corpus: "),
        (["add", "cut.json"], 3, "left out cut.json"),
        (["run"], 2, "nothing is named to be analysed"),
        (["run", "-r", "none.txt"], 2, "none.txt"),
    ],
)
def test_what_goes_wrong_is_told_in_one_line(folder: Path, words: list[str], code: int, telling: str) -> None:
    told = fumehood("corpus", *words, code=code)
    assert telling in told
    assert len(told.splitlines()) == 1
