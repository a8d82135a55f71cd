"""Commands that an analyzer starts elsewhere: the test is the analyzer, and starts them here."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hood.command import Job
from hood.control import Control
from hood.execution import Driving, Step
from hood.messages import Imports
from hood.remote import Remote
from hood.step import EVENTS_FIFO, StepRunner

from analyzer.sandbox.control import Line
from tests.unit.hood.plans import limits, plan


class Analyzer:
    """Answers as the analyzer does. `stays` is how many processes a command leaves behind."""

    def __init__(self, line: Line, *, stays: int = 0) -> None:
        self.asked: list[str] = []
        self.stays = stays
        self._line = line

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(next(iter(request)))
        if "run" in request:
            ended = subprocess.run(request["argv"], check=False)
            self._line.tell({"ended": ended.returncode})
        if "left" in request:
            return {"left": self.stays}
        if "kill" in request:
            self.stays = 0
        return {}


class Terminals(Analyzer):
    """Gives commands a terminal without a size, as engines do at first, and keeps what they say."""

    said = b""

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        if "run" not in request:
            return super().handle(request)
        assert request["terminal"] is True
        ours, theirs = os.openpty()
        ended = subprocess.run(request["argv"], stdin=theirs, stdout=theirs, check=False)
        os.close(theirs)
        self.said = os.read(ours, 1000)
        os.close(ours)
        self._line.tell({"ended": ended.returncode})
        return {}


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """The record's folder, and beside it the supervisor's."""
    for name in ("record", "run"):
        (tmp_path / name).mkdir()
    os.mkfifo(tmp_path / "run" / EVENTS_FIFO)
    return tmp_path / "record"


def test_a_command_has_its_input_output_and_driver(record: Path, tmp_path: Path) -> None:
    the_plan = plan(record, launcher="engine", limits=limits())
    program = "import sys, json; print(json.load(sys.stdin)['import']); print('e', file=sys.stderr); open(9, 'w').write('{\"begin\": \"a\"}\\n')"
    with Line(tmp_path / "control") as line:
        analyzer = Analyzer(line)
        with line.answering(analyzer.handle):
            remote = Remote(the_plan, Control(tmp_path / "control"), tmp_path / "run")
            step = Step(
                "import",
                "thing",
                ["/usr/bin/python3", "-c", program],
                60.0,
                driving=Driving({"import": ["a"]}, Imports(["a"])),
            )
            result = StepRunner(the_plan, remote, tmp_path / "run").run(step)
    assert (result.status, result.exit) == ("ok", {"status": 0})
    assert step.driving is not None
    assert step.driving.messages.reached == 1
    assert sorted((record / "steps/01-import.out").read_text().splitlines()) == ["['a']", "e"]
    assert (record / "steps/01-import.driver").read_text() == '{"begin": "a"}\n'
    assert analyzer.asked[0] == "run"
    assert analyzer.asked[-1] == "finish"
    assert "kill" not in analyzer.asked


def test_what_a_command_leaves_is_ended_after_a_while(record: Path, tmp_path: Path) -> None:
    the_plan = plan(record, launcher="engine", limits=limits(linger_seconds=0.1))
    with Line(tmp_path / "control") as line:
        analyzer = Analyzer(line, stays=2)
        with line.answering(analyzer.handle):
            remote = Remote(the_plan, Control(tmp_path / "control"), tmp_path / "run")
            result = StepRunner(the_plan, remote, tmp_path / "run").run(Step("execute", "x", ["/bin/false"], 60.0))
    assert (result.status, result.exit, result.left_running) == ("failed", {"status": 1}, True)
    assert result.cut > 0
    assert analyzer.asked.count("kill") == 1


def test_the_package_may_write_to_its_pipes_and_read_none(record: Path, tmp_path: Path) -> None:
    with Line(tmp_path / "control") as line, line.answering(lambda request: {}):
        remote = Remote(plan(record), Control(tmp_path / "control"), tmp_path / "run")
        streams = remote.streams(b"text")
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "run").iterdir()}
        assert {name: modes[name] for name in ("output", "driver", "input")} == {
            "output": 0o622, "driver": 0o622, "input": 0o444
        }  # fmt: skip
        remote.start(Job(["/bin/true"], "01-import", running_package_code=True), streams)
        streams.started()
        os.close(streams.output)
        os.close(streams.driver)


def test_a_terminal_has_its_size_before_the_command_can_ask_for_it(record: Path, tmp_path: Path) -> None:
    with Line(tmp_path / "control") as line:
        analyzer = Terminals(line)
        with line.answering(analyzer.handle):
            remote = Remote(plan(record, launcher="engine"), Control(tmp_path / "control"), tmp_path / "run")
            streams = remote.streams(None)
            command = remote.start(Job(["/usr/bin/stty", "size"], "01-session", True, terminal=(33, 99)), streams)
            while not command.main_ended():
                pass
            assert command.leave().exit_code == 0
    os.close(streams.output)
    os.close(streams.driver)
    assert analyzer.said == b"33 99\r\n"
