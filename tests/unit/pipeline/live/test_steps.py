from __future__ import annotations

import json
from pathlib import Path

import pytest

from analyzer.pipeline.live.steps import RUNNING, Steps


def line(number: int, phase: str = "execute") -> str:
    step = {"step": number, "phase": phase, "kind": "session", "argv": ["/bin/bash", "-i"], "begin": 5.0, "epoch": 1.0}
    return json.dumps(step | {"stem": f"{number:02d}-{phase}", "subject": "shell"}) + "\n"


def test_a_command_is_known_while_it_runs_and_over_when_it_is_told(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    steps.look()
    assert steps.next() is None
    (tmp_path / RUNNING).write_text(line(1))
    steps.look()
    first = steps.next()
    assert first is not None
    assert (first.stem, first.command, first.phase) == ("01-execute", "/bin/bash", "execute")
    assert steps.next() is None
    assert not steps.is_over(first)
    steps.look()
    assert steps.next() is None
    (tmp_path / "steps.jsonl").write_text(line(1))
    steps.look()
    assert steps.is_over(first)
    assert steps.next() is None


def test_commands_that_were_over_at_once_come_before_the_one_that_runs(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    (tmp_path / "steps.jsonl").write_text(line(1, "install") + line(2) + line(3)[:20])
    (tmp_path / RUNNING).write_text(line(3))
    steps.look()
    found = [steps.next(), steps.next(), steps.next()]
    assert [one.step for one in found if one is not None] == [1, 2, 3]
    assert [steps.is_over(one) for one in found if one is not None] == [True, True, False]


def test_a_command_is_over_when_another_one_begins(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    for number in (1, 2):
        (tmp_path / RUNNING).unlink(missing_ok=True)
        (tmp_path / RUNNING).write_text(line(number))
        steps.look()
        if number == 1:
            first = steps.next()
    assert first is not None
    assert steps.is_over(first)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"step": 1}', line(1).replace("01-execute", "../../x"), "x" * 2_000_000]
)
def test_what_is_no_command_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / RUNNING).write_text(text)
    (tmp_path / "steps.jsonl").write_text(text + "\n")
    steps = Steps(tmp_path)
    steps.look()
    assert steps.next() is None
