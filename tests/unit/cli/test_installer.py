"""Which installer is taken, and what can be installed as editable, is decided before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from analyzer.errors import UsageError
from analyzer.sandbox.interface import Manner
from tests.unit.cli.test_driver import APPLICATION, seen

__all__ = ["seen"]


@pytest.mark.parametrize(
    ("words", "installer", "editable"),
    [([], "uv", False), (["--installer", "pip"], "pip", False), (["--editable"], "uv", True)],
)
def test_what_was_asked_for(words: list[str], installer: str, editable: bool, seen: list[Manner]) -> None:
    CliRunner().invoke(APPLICATION, [".", *words])
    assert [(one.installer, one.editable) for one in seen] == [(installer, editable)]


def test_an_unknown_installer_is_refused(seen: list[Manner]) -> None:
    result = CliRunner().invoke(APPLICATION, ["six", "--installer", "poetry"])
    assert isinstance(result.exception, UsageError)
    assert str(result.exception) == "--installer poetry: unknown; use uv or pip"
    assert seen == []


@pytest.mark.parametrize("target", ["six==1.17.0", "thing-1.0.tar.gz", "run.record"])
def test_only_a_directory_can_be_editable(target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FUMEHOOD_CACHE", str(tmp_path / "cache"))
    (tmp_path / target).touch()
    result = CliRunner().invoke(APPLICATION, [target, "--editable"])
    assert isinstance(result.exception, UsageError)
    assert str(result.exception).startswith(f"--editable {target}: only a project directory")
