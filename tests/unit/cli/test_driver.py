"""The user's own driver is looked at before anything is started, and takes the place of calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from analyzer.cli import analyze as module
from analyzer.errors import UsageError
from analyzer.sandbox.interface import Manner

APPLICATION = typer.Typer()
APPLICATION.command()(module.analyze)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Manner]:
    """How the phases of each analysis would be carried out; none is."""
    found: list[Manner] = []

    def start(target: str, options: Any, *rest: Any) -> None:
        found.append(options.manner)
        raise SystemExit

    monkeypatch.setattr(module, "analyzed", start)
    return found


@pytest.mark.parametrize(
    ("words", "driver", "callables"),
    [
        ([], False, True),
        (["--no-callables"], False, False),
        (["--driver", "mine.py"], True, False),
        (["--driver", "mine.py", "--callables"], True, True),
    ],
)
def test_a_driver_takes_the_place_of_calls(
    words: list[str], driver: bool, callables: bool, seen: list[Manner], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").touch()
    CliRunner().invoke(APPLICATION, ["six", *words])
    assert [(one.driver, one.callables) for one in seen] == [(Path("mine.py") if driver else None, callables)]


@pytest.mark.parametrize(("name", "why"), [("missing.py", "there is no such file"), (".", "a Python script is wanted")])
def test_a_driver_that_cannot_be_read(name: str, why: str, seen: list[Manner]) -> None:
    result = CliRunner().invoke(APPLICATION, ["six", "--driver", name])
    assert isinstance(result.exception, UsageError)
    assert why in str(result.exception)
    assert seen == []
