"""Where the user's own rules are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.cli.configuration import rule_folders
from analyzer.errors import UsageError


def test_without_configuration_there_is_what_the_command_line_says(tmp_path: Path) -> None:
    assert rule_folders(None, tmp_path) == ()
    assert rule_folders([Path("mine")], tmp_path) == (Path("mine"),)


def test_a_project_may_name_folders(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.fumehood]\nrules = ["security/rules"]\n')
    assert rule_folders([Path("mine")], tmp_path) == (tmp_path / "security/rules", Path("mine"))
    (tmp_path / "fumehood.toml").write_text('rules = ["other"]\n')
    assert rule_folders(None, tmp_path) == (tmp_path / "other",)


@pytest.mark.parametrize("text", ["", "[tool]\n", "[tool.other]\nx = 1\n", 'tool = "x"\n'])
def test_a_project_without_the_table_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert rule_folders(None, tmp_path) == ()


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("rules = 5", "key 'rules' of fumehood's configuration"),
        ("rule = []", "key 'rule' of fumehood's configuration: Extra inputs"),
        ("rules = [", "cannot be read"),
    ],
)
def test_a_broken_configuration_is_one_clear_error(tmp_path: Path, text: str, telling: str) -> None:
    (tmp_path / "fumehood.toml").write_text(text)
    with pytest.raises(UsageError, match=r"^fumehood\.toml") as caught:
        rule_folders(None, tmp_path)
    assert telling in str(caught.value)
    assert "\n" not in str(caught.value)
