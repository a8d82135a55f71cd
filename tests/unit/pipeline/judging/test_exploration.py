"""A run in which a user tried a package by hand: what the report says of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analyzer.model.report import Report
from analyzer.pipeline.judging.completeness import EXPLORED
from tests.unit.pipeline.recording import Recording

BASH = "/bin/bash"
STARTED = f'execve("{BASH}", ["{BASH}", "-i"], 0x7) = 0\n+++ exited with 3 +++'


def report(folder: Path, session: dict[str, Any], *, installed: bool = True, begun: bool = True, **step: Any) -> Report:
    recording = Recording(folder)
    plan = {"format": 1, "environment": {"PWD": "/home/alex/project"}, "session": session}
    recording.write("plan.json", json.dumps(plan))
    if installed:
        recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    if begun:
        recording.step("execute", STARTED, kind="session", subject="shell", argv=[BASH, "-i"], **step)
    return recording.report()


def shell(**more: Any) -> dict[str, Any]:
    return {"opened": "shell", "command": "", "rows": 24, "columns": 80, "folder": "/srv/terminal", **more}


def test_the_phases_of_a_session(tmp_path: Path) -> None:
    found = report(tmp_path, shell(), exit={"status": 3})
    assert [(phase.name, phase.status, phase.detail) for phase in found.phases] == [
        ("install", "ok", ""),
        ("startup", "skipped", "explored by hand"),
        ("import", "skipped", "explored by hand"),
        ("execute", "ok", "explored by hand"),
    ]
    assert found.exploration is not None
    assert (found.exploration.opened, found.exploration.command, found.exploration.exit) == ("shell", "", "3")


def test_it_is_incomplete_and_says_why(tmp_path: Path) -> None:
    found = report(tmp_path, shell())
    assert found.completeness.status == "incomplete"
    assert EXPLORED in found.completeness.reasons


def test_a_command_and_a_signal(tmp_path: Path) -> None:
    found = report(tmp_path, shell(opened="command", command="python -m sample"), exit={"signal": "SIGHUP"})
    assert found.exploration is not None
    assert (found.exploration.command, found.exploration.exit) == ("python -m sample", "SIGHUP")


def test_a_session_whose_time_was_over(tmp_path: Path) -> None:
    found = report(tmp_path, shell(), status="timeout", reasons=["shell was cut after 4 s"])
    assert (found.phases[-1].status, found.phases[-1].detail) == (
        "timeout",
        "shell was cut after 4 s; explored by hand",
    )


def test_a_session_that_never_began(tmp_path: Path) -> None:
    found = report(tmp_path, shell(), begun=False)
    assert found.exploration is not None
    assert (found.exploration.duration_seconds, found.exploration.exit) == (0.0, "")
    assert found.phases[-1].detail == "the run did not get that far"
    assert found.completeness.status == "incomplete"


@pytest.mark.parametrize("session", [{}, None])
def test_a_run_without_one(tmp_path: Path, session: dict[str, Any]) -> None:
    found = report(tmp_path, session, begun=False)
    assert found.exploration is None
    assert EXPLORED not in found.completeness.reasons
