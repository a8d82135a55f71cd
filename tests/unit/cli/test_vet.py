"""`fumehood vet` before anything is run: its words, its inputs and outputs; and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from analyzer.cli import vetting as module
from analyzer.cli.vet import vet
from analyzer.cli.vet_inputs import read_inputs
from analyzer.cli.vet_outputs import parse
from analyzer.cli.worker import Setup
from analyzer.errors import UsageError
from analyzer.model.verdict import Verdict
from analyzer.model.vetting import Standing, Vetted
from analyzer.pipeline.vetting import Outcome
from analyzer.policy import default_policy
from tests.unit.render.sample import quiet_report

APPLICATION = typer.Typer()
APPLICATION.command()(vet)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, and nothing that could be started."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "Workers", None)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "nothing to vet"),
        (("-r", "missing.txt"), "missing.txt"),
        (("pylock.toml",), "pylock.toml"),
        (("--environment", "missing"), "no package is installed there"),
        (("six", "--policy", "missing.toml"), "missing.toml"),
        (("six", "--sandbox", "cloud"), "--sandbox cloud"),
        (("six", "--tracer", "eyes"), "--tracer eyes"),
        (("six", "--installer", "conda"), "--installer conda"),
        (("six", "--rules", "missing"), "--rules missing"),
        (("six", "idna", "-o", "html=x.html"), "of one package"),
        (("six", "-o", "xml=x"), "FORMAT"),
        (("six", "-o", "json="), "FORMAT"),
        (("six", "-o", "json=x", "-o", "folder=x"), "same path"),
        (("six", "-o", "json=no/such/folder"), "does not exist"),
        (("six", "--editable"), "only a project directory"),
    ],
)
def test_wrong_words_are_told_before_anything_is_started(words: tuple[str, ...], told: str) -> None:
    error = CliRunner().invoke(APPLICATION, ["-q", *words]).exception
    assert isinstance(error, UsageError)
    assert told in str(error)


def test_each_package_is_one(folder: Path) -> None:
    (folder / "a.txt").write_text("Six == 1.0\nidna\n-e .\n--pre\nzope.interface==1\n")
    (folder / "b.txt").write_text("six==1.0\nzope-interface==1\n")
    found = read_inputs(["six==1.0", "idna", "idna"], [folder / "a.txt", folder / "b.txt"], [])
    assert [(one.target, found.places[one.number]) for one in found.tasks] == [
        ("six==1.0", ["a.txt, line 1", "b.txt, line 1"]),
        ("idna", ["a.txt, line 2"]),
        ("zope.interface==1", ["a.txt, line 5", "b.txt, line 2"]),
    ]
    assert [one.name for one in found.refused] == ["a.txt, line 3"]
    assert found.notes == ["a.txt, line 4: --pre is passed over"]
    assert found.count == 4
    assert found.constraints[1] == ("six==1.0", "zope-interface==1")


def test_the_lines_of_lists_are_told_relative_to_where_one_is(folder: Path) -> None:
    (folder / "deps").mkdir()
    (folder / "deps" / "base.txt").write_text("\nidna\n-e .\n")
    (folder / "a.txt").write_text("six\n-r deps/base.txt\n")
    (folder / "b.txt").write_text("# more\nidna\n")
    outside = folder.parent / f"{folder.name}-c.txt"
    outside.write_text("idna")
    found = read_inputs(["idna"], [folder / "a.txt", Path("b.txt"), outside], [])
    anchors = [[(one.file, one.line) for one in found.anchors[task.number]] for task in found.tasks]
    assert [task.target for task in found.tasks] == ["idna", "six"]
    assert anchors == [[("deps/base.txt", 2), ("b.txt", 2), (outside.name, 1)], [("a.txt", 1)]]
    assert [[(one.file, one.line) for one in refused.anchors] for refused in found.refused] == [[("deps/base.txt", 3)]]


def test_reports_and_records_are_only_judged(folder: Path) -> None:
    (folder / "a.json").write_text(quiet_report().model_dump_json())
    found = read_inputs(["a.json", "b.record", "six", "./x-1.0.tar.gz"], [], [])
    assert [one.saved for one in found.tasks] == [True, True, False, False]


def test_a_folder_for_reports_is_made(folder: Path) -> None:
    parse(["folder=deep/reports"], 3)
    assert (folder / "deep" / "reports").is_dir()
    (folder / "file").touch()
    with pytest.raises(UsageError, match="cannot be made"):
        parse(["folder=file"], 1)


def vetted(standing: Standing = "complete", decision: str = "APPROVE") -> Vetted:
    has_report = standing not in {"not analysed", "not wanted"}
    verdict = Verdict.model_validate({"decision": decision, "policy": "x"}) if has_report else None
    return Vetted(0, "six", (), "six", standing, verdict)


@pytest.mark.parametrize(
    ("packages", "code"),
    [
        ([vetted()], 0),
        ([vetted(), vetted(decision="REVIEW")], 0),
        ([vetted(), vetted("not wanted")], 0),
        ([vetted(), vetted(decision="REJECT")], 10),
        ([vetted(decision="REJECT"), vetted("incomplete")], 4),
        ([vetted(), vetted("failed")], 4),
        ([vetted(), vetted("not analysed")], 4),
        ([vetted("not analysed"), vetted("not wanted")], 3),
        ([vetted("not wanted")], 3),
        ([], 3),
    ],
)
def test_exit_codes(packages: list[Vetted], code: int) -> None:
    assert module.exit_code(Outcome(default_policy(), packages)) == code


def test_what_a_worker_is_told_is_what_the_command_line_said(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[bytes] = []

    def crew(command: list[str], setup: bytes, count: int, folder: Path) -> None:
        given.append(setup)
        raise SystemExit

    monkeypatch.setattr(module, "Workers", crew)
    words = [
        "six",
        "--fresh",
        "--timeout",
        "5",
        "--memory",
        "128",
        "--no-callables",
        "--corpus",
        "none",
        "--jobs",
        "3",
        "-q",
    ]
    CliRunner().invoke(APPLICATION, words)
    setup = Setup.model_validate_json(given[0])
    assert (setup.fresh, setup.run.timeout, setup.run.callables, setup.limits.memory) == (True, 5.0, False, 128)
