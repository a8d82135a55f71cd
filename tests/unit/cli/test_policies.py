"""Which policy holds: the command line's, else the configuration's, else fumehood's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.cli.configuration import rule_folders
from analyzer.cli.policies import policy_of
from analyzer.errors import UsageError
from analyzer.policy import default_policy
from analyzer.rules.loader import builtin

REVIEW = 'fail-on = "review"\n'


def test_without_any_it_is_fumehoods_own(tmp_path: Path) -> None:
    assert policy_of(None, builtin(), tmp_path) == default_policy()
    (tmp_path / "pyproject.toml").write_text("[tool.fumehood]\nrules = []\n")
    assert policy_of(None, builtin(), tmp_path) == default_policy()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[tool.fumehood.policy]\n" + REVIEW),
        ("fumehood.toml", "[policy]\n" + REVIEW),
        ("pyproject.toml", '[tool.fumehood]\npolicy = "sub/own.toml"\n'),
        ("fumehood.toml", 'policy = "sub/own.toml"\n'),
    ],
)
def test_a_configuration_holds_it_or_names_its_file(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "own.toml").write_text("[policy]\n" + REVIEW)
    (tmp_path / name).write_text(text)
    found = policy_of(None, builtin(), tmp_path)
    assert found.fail_on == "review"
    assert found.rules == default_policy().rules
    assert rule_folders(None, tmp_path) == ()


def test_the_command_line_replaces_it(tmp_path: Path) -> None:
    (tmp_path / "fumehood.toml").write_text("[policy]\n" + REVIEW)
    given = tmp_path / "given.toml"
    given.write_text("[policy]\ndefaults = false\n")
    found = policy_of(given, builtin(), tmp_path)
    assert (found.fail_on, found.rules, found.name) == ("reject", (), str(given))


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("policy = 5", "fumehood.toml, key 'policy': a table or the path of a file is wanted"),
        ('policy = "missing.toml"', "missing.toml cannot be read: No such file or directory"),
        ('[policy]\nfail-on = "never"', "policy in fumehood.toml, key 'fail-on': 'never' is none of"),
        ('[[policy.rules]]\ndo = "warn"\nbehavior = "steal.all"', "policy in fumehood.toml, rule 1, key 'behavior'"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_file(tmp_path: Path, text: str, telling: str) -> None:
    (tmp_path / "fumehood.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        policy_of(None, builtin(), tmp_path)
    assert telling in str(caught.value)
    assert "\n" not in str(caught.value)
