"""`fumehood diff` on saved reports, without any tool of a sandbox; once as a program, else within this one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from analyzer.cli.app import app
from analyzer.cli.diff import is_saved
from analyzer.errors import FumehoodError
from analyzer.model.report import Completeness, Report
from analyzer.render.json import render_json
from tests.unit.render.hostile import hostile_report
from tests.unit.render.sample import behavior, evidence, quiet_report

CHECKOUT = Path(__file__).parents[3]
INCOMPLETE = Completeness(status="incomplete", reasons=["import was cut"], events=1, dropped=0)
READS = behavior("file.read", "Reads files", "low", [evidence("/home/alex/x", 1.0, target="~/x")])
STEALS = behavior("steal.ssh-key.read", "Reads SSH keys", "high", [evidence("/x/.ssh/id", 1.0, target="~/.ssh/id")])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    reports = {
        "quiet": quiet_report(behaviors=[READS]),
        "loud": quiet_report(behaviors=[READS, STEALS]),
        "cut": quiet_report(behaviors=[READS, STEALS], completeness=INCOMPLETE),
        "hostile": hostile_report(),
    }
    for name, report in reports.items():
        (tmp_path / f"{name}.json").write_text(render_json(report), encoding="utf-8")
    return tmp_path


@dataclass(frozen=True)
class Answer:
    """How a command ended; `error` is the line of a FumehoodError."""

    code: int
    stdout: str
    error: str


Run = Callable[..., Answer]


@pytest.fixture
def fumehood(folder: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Run:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("FUMEHOOD_CACHE", str(folder / "cache"))

    def run(*words: str) -> Answer:
        try:
            code, error = app(["diff", *words], standalone_mode=False) or 0, ""
        except FumehoodError as problem:
            code, error = problem.exit_code, str(problem)
        return Answer(code, capsysbinary.readouterr().out.decode(), error)

    return run


def test_the_program(folder: Path) -> None:
    environment = {
        "PATH": "/nonexistent", "HOME": str(folder), "LANG": "C.UTF-8", "DOCKER_HOST": "unix:///nonexistent",
        "PYTHONPATH": str(CHECKOUT),
    }  # fmt: skip
    command = [sys.executable, "-m", "analyzer", "diff", "quiet.json", "loud.json"]
    answer = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert answer.returncode == 10, answer.stderr
    assert answer.stdout.splitlines()[0] == "six 1.17.0 → six 1.17.0 1 NEW BEHAVIOR"
    assert answer.stderr.splitlines() == ["reading quiet.json", "reading loud.json"]


def test_nothing_new(fumehood: Run) -> None:
    answer = fumehood("quiet.json", "quiet.json")
    assert (answer.code, answer.stdout.splitlines()[0]) == (0, "six 1.17.0 → six 1.17.0 NOTHING NEW")
    assert "A and B are the same file" in answer.stdout
    answer = fumehood("loud.json", "quiet.json")
    assert (answer.code, answer.stdout.splitlines()[0]) == (
        0,
        "six 1.17.0 → six 1.17.0 NOTHING NEW · 1 no longer seen",
    )


def test_a_new_behavior(folder: Path, fumehood: Run) -> None:
    answer = fumehood("quiet.json", "loud.json", "-o", "json=found.json", "-o", "json=-")
    assert answer.code == 10, answer.error
    found = json.loads((folder / "found.json").read_text())
    assert json.loads(answer.stdout) == found
    assert [one["id"] for one in found["new_behaviors"]] == ["steal.ssh-key.read"]
    assert found["a"]["target"] == "quiet.json"
    shown = fumehood("quiet.json", "loud.json").stdout
    assert shown.splitlines()[0] == "six 1.17.0 → six 1.17.0 1 NEW BEHAVIOR"
    assert "high      Reads SSH keys · steal.ssh-key.read" in shown
    quiet = fumehood("quiet.json", "loud.json", "-q")
    assert (quiet.code, quiet.stdout) == (10, "")


@pytest.mark.parametrize("words", [("quiet.json", "cut.json"), ("cut.json", "quiet.json"), ("cut.json", "cut.json")])
def test_an_incomplete_report_is_told_first(fumehood: Run, words: tuple[str, str]) -> None:
    answer = fumehood(*words)
    assert answer.code == 4
    lines = answer.stdout.splitlines()
    assert any("INCOMPLETE: import was cut" in line for line in lines[1:3])
    assert "NOTHING NEW " not in answer.stdout.replace("NOTHING NEW WAS SEEN, WHICH PROVES NOTHING", "")


def test_hostile_text_stays_text(folder: Path, fumehood: Run) -> None:
    answer = fumehood("quiet.json", "hostile.json", "-o", "json=found.json")
    assert answer.code in {4, 10}, answer.error
    assert "\x1b" not in answer.stdout
    assert all(line.isprintable() for line in (folder / "found.json").read_text(encoding="utf-8").splitlines())


def _newer(report: str) -> str:
    return report.replace('"schema_version": "1"', '"schema_version": "2"', 1)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("quiet.json", "gone.json"), 3, "the report gone.json cannot be read: No such file or directory"),
        (("newer.json", "quiet.json"), 3, "newer.json has schema version 2, and this fumehood reads 1: upgrade it"),
        (("./notes.txt", "quiet.json"), 3, "notes.txt is not a report of fumehood"),
        (("quiet.json", "gone.record"), 3, "gone.record"),
        (("quiet.json", "quiet.json", "-o", "html=x.html"), 2, "a difference is written as json=PATH"),
        (("quiet.json", "quiet.json", "-o", "json=no/x.json"), 2, "the folder no does not exist"),
        (("quiet.json", "six", "--editable"), 2, "--editable six: only a project directory"),
        (("quiet.json", "six", "--sandbox", "nowhere"), 2, "--sandbox nowhere: unknown"),
    ],
)
def test_bad_input_is_one_line(folder: Path, fumehood: Run, words: tuple[str, ...], code: int, told: str) -> None:
    (folder / "newer.json").write_text(_newer((folder / "quiet.json").read_text()), encoding="utf-8")
    (folder / "notes.txt").write_text("notes")
    answer = fumehood(*words)
    assert answer.code == code, answer.error
    assert told in answer.error
    assert "\n" not in answer.error
    assert answer.stdout == ""


def test_what_is_a_saved_report(folder: Path) -> None:
    (folder / "six").write_text("{}")
    assert is_saved(str(folder / "six"))
    assert is_saved("gone.json")
    assert is_saved("gone.record")
    assert not is_saved("six")
    assert not is_saved("six==1.17.0")
    assert not is_saved(str(folder / "six-1.17.0-py3-none-any.whl"))
    assert not is_saved(str(folder))
    assert not is_saved("")
    assert not is_saved("a\0b")


def test_reports_of_earlier_versions_have_no_targets(folder: Path, fumehood: Run) -> None:
    old = json.loads((folder / "loud.json").read_text())
    for one in old["behaviors"]:
        for each in one["evidence"]:
            del each["target"]
    (folder / "old.json").write_text(json.dumps(old))
    assert Report.model_validate(old).behaviors[0].evidence[0].target == ""
    answer = fumehood("old.json", "loud.json")
    assert answer.code == 0, answer.stdout
    assert "a report of an earlier fumehood has no targets" in " ".join(answer.stdout.split())
