"""`fumehood taxonomy` and `fumehood explain`, as a user calls them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from analyzer.render.json import render_json
from analyzer.render.terminal.explain import explain
from analyzer.rules.loader import ruleset
from analyzer.taxonomy import load
from tests.unit.render.eventful import rich_report
from tests.unit.render.hostile import hostile_report
from tests.unit.render.sample import behavior, evidence, quiet_report
from tests.unit.rules.test_loader import OWN


def fumehood(*words: str, code: int = 0, folder: Path | None = None) -> str:
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-m", "analyzer", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def test_all_behaviors_are_listed() -> None:
    told = fumehood("taxonomy")
    assert [one.id for one in load() if one.id not in told] == []


def test_a_category_and_words_are_found() -> None:
    assert "network.tcp.connect" in fumehood("taxonomy", "network")
    assert "file.rename" not in fumehood("taxonomy", "network")
    found = fumehood("taxonomy", "ssh", "keys")
    assert "steal.ssh-key.read" in found
    assert "network.tcp.connect" not in found


def test_one_behavior_is_shown_with_its_rules() -> None:
    told = fumehood("taxonomy", "steal.ssh-key.read")
    assert "T1552.004 Unsecured Credentials: Private Keys" in told
    assert "rule steal.ssh-key.read/1  steal.yaml:" in told
    assert "event: file.open" in told


def test_json_for_programs() -> None:
    (one,) = json.loads(fumehood("taxonomy", "file.rename", "--json"))
    assert (one["id"], one["category"]) == ("file.rename", "file")
    assert len(json.loads(fumehood("taxonomy", "--json"))) == len(load())


def test_words_that_nothing_has() -> None:
    assert "no behavior is called or described by 'xyzzy'" in fumehood("taxonomy", "xyzzy", code=2)


def test_own_rules_by_option_and_by_configuration(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "ours.yaml").write_text(OWN)
    assert "Reads the recipes" in fumehood("taxonomy", "steal.recipes.read", "--rules", str(tmp_path / "rules"))
    (tmp_path / "fumehood.toml").write_text('rules = ["rules"]')
    assert "Reads the recipes" in fumehood("taxonomy", "steal.recipes.read", folder=tmp_path)


def test_a_broken_rule_stops_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(OWN.replace("file.open", "file.eat"))
    told = fumehood("analyze", "six", "--rules", str(tmp_path), code=2)
    assert told.startswith(f"fumehood: rule file {tmp_path / 'ours.yaml'}, line 13: ")
    assert told.count("\n") == 1


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.json"
    seen = [
        evidence("/home/u/.ssh/id_rsa", 0.5, rule="steal.ssh-key.read/1", source={"file": "steps/03-import.strace", "line": 7, "text": "13 openat(…)"}),
        evidence("/home/u/.ssh/id_dsa", 0.7, rule="gone/9", before=[{"time": 1.0, "pid": 1, "event": "file.open", "detail": "path=/x", "source": {"file": "y", "line": 2, "text": "12 open"}}]),
    ]  # fmt: skip
    path.write_text(
        render_json(quiet_report(behaviors=[behavior("steal.ssh-key.read", "Reads SSH keys", "high", seen)]))
    )
    return path


def test_explain_goes_down_to_the_trace(report: Path) -> None:
    told = fumehood("explain", str(report), "steal.ssh-key.read")
    for text in (
        "six 1.17.0: seen 2 times in import, by the package, witnessed by syscall", "rule steal.ssh-key.read/1  steal.yaml:",
        "event: file.open", "- /home/u/.ssh/id_rsa", "import, +0.000 s, completed", "steps/03-import.strace:7", "13 openat(…)",
        "rule gone/9  not among the rules of this version", "file.open path=/x", "y:2", "12 open",
    ):  # fmt: skip
        assert text in told


def test_explain_what_was_not_seen(report: Path) -> None:
    told = fumehood("explain", str(report), "file.rename", code=3)
    assert "has no behavior 'file.rename'; it has steal.ssh-key.read" in told
    assert "is not a report of fumehood" in fumehood("explain", __file__, "file.rename", code=3)


@pytest.mark.parametrize("make", [rich_report, hostile_report])
def test_explain_every_behavior_of_any_report(make: object) -> None:
    made, rules = make(), ruleset(())  # type: ignore[operator]
    for one in made.behaviors:
        console = Console(file=StringIO(), width=100, no_color=True)
        console.print(explain(made, one, rules, 3))
        told = console.file.getvalue()  # type: ignore[attr-defined]
        assert told
        assert not [character for character in told if not character.isprintable() and character != "\n"]
