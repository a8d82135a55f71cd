"""Steps with a launcher that starts commands as they are: what is kept, how a step ends, and what is told of it."""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hood import processes
from hood.execution import Driving, Step
from hood.messages import Calls, Imports, Messages
from hood.plan import Plan
from hood.step import EVENTS_FIFO, StepRunner
from hood.traced import Traced
from hood.walls import Walls

from analyzer.store.record import Record
from tests.unit.hood.plans import limits, plan


@dataclass
class Plain:
    """Starts commands of the tests, without walls around them."""

    ended: list[int] = field(default_factory=list)

    def command(self, argv: list[str], tracer: list[str], info_fd: int) -> list[str]:
        return ["/usr/bin/env", "-i", "PATH=/usr/bin:/bin", *argv]

    def inherited(self, info_fd: int) -> list[int]:
        return []

    def started(self) -> None:
        pass

    def end(self, tracer: int, info: bytes) -> None:
        self.ended.append(tracer)
        for pid in [*processes.descendants(tracer), tracer]:
            os.kill(pid, signal.SIGKILL)

    def end_rest(self) -> None:
        pass


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """The record's folder, and beside it the supervisor's."""
    for name in ("record", "run"):
        (tmp_path / name).mkdir()
    os.mkfifo(tmp_path / "run" / EVENTS_FIFO)
    return tmp_path / "record"


def runner(record: Path, walls: Walls | None = None, **changes: Any) -> StepRunner:
    the_plan: Plan = plan(record, limits=limits(**changes))
    return StepRunner(the_plan, Traced(the_plan, walls or Plain()), record.parent / "run")


def shell(script: str, seconds: float = 60.0, phase: str = "execute") -> Step:
    return Step(phase, "the script", ["/bin/sh", "-c", script], seconds)


def lines(record: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (record / "steps.jsonl").read_text().splitlines()]


def test_a_command_is_run_and_recorded(record: Path) -> None:
    result = runner(record).run(shell("echo out; echo error >&2; exit 3"))
    assert (result.status, result.exit, result.reasons) == ("failed", {"status": 3}, [])
    assert (record / "steps/01-execute.out").read_text() == "out\nerror\n"
    (line,) = lines(record)
    assert (line["step"], line["phase"], line["stem"]) == (1, "execute", "01-execute")
    assert line["argv"] == ["/bin/sh", "-c", "echo out; echo error >&2; exit 3"]
    assert line["begin"] <= line["end"]


def test_the_host_reads_what_is_recorded(record: Path) -> None:
    steps = runner(record)
    for script in ("true", "kill -9 $$", "exit 1"):
        steps.run(shell(script))
    read = Record(record).steps()
    assert [step.status for step in read] == ["ok", "failed", "failed"]
    assert [step.exit.signal for step in read] == ["", "SIGKILL", ""]
    assert [step.stem for step in read] == ["01-execute", "02-execute", "03-execute"]


def test_a_command_that_takes_too_long_is_cut(record: Path) -> None:
    walls = Plain()
    result = runner(record, walls).run(shell("echo begun; sleep 1000", seconds=0.3))
    assert (result.status, result.exit) == ("timeout", {"signal": "SIGKILL"})
    assert result.reasons == ["the script was cut after 0.3 s"]
    assert len(walls.ended) == 1
    assert (record / "steps/01-execute.out").read_text().startswith("begun\n")


def test_what_a_command_used_is_recorded(record: Path) -> None:
    steps = runner(record)
    busy = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"
    used, idle = steps.run(shell(f"({busy}); true")), steps.run(shell("true"))
    assert used.cpu_seconds > idle.cpu_seconds >= 0
    assert used.memory_bytes > 0
    read = Record(record).steps()
    assert [(step.cpu_seconds, step.memory_bytes) for step in read] == [
        (one.cpu_seconds, one.memory_bytes) for one in (used, idle)
    ]


def test_when_the_rest_was_ended_is_recorded(record: Path) -> None:
    steps = runner(record)
    cut = steps.run(shell("sleep 1000", seconds=0.3))
    assert cut.begin < cut.cut <= cut.end
    assert steps.run(shell("true")).cut == 0
    assert [step.cut for step in Record(record).steps()] == [cut.cut, 0.0]


def test_a_record_of_before_can_be_read(record: Path) -> None:
    runner(record).run(shell("true"))
    (line,) = lines(record)
    for name in ("cut", "cpu_seconds", "memory_bytes"):
        del line[name]
    (record / "steps.jsonl").write_text(json.dumps(line) + "\n")
    (step,) = Record(record).steps()
    assert (step.cut, step.cpu_seconds, step.memory_bytes) == (0, 0, 0)


def test_output_is_kept_to_the_limit_of_its_phase(record: Path) -> None:
    steps = runner(record, output_bytes=1000)
    assert steps.run(shell("head -c 600 /dev/zero")).reasons == []
    assert steps.run(shell("head -c 600 /dev/zero")).reasons == ["the output was cut after 1000 bytes"]
    assert steps.run(shell("echo more")).reasons == ["the output was cut after 1000 bytes"]
    assert steps.run(shell("head -c 600 /dev/zero", phase="import")).reasons == []
    sizes = {path.name: path.stat().st_size for path in (record / "steps").glob("*.out")}
    assert sizes == {"01-execute.out": 600, "02-execute.out": 400, "03-execute.out": 0, "04-import.out": 600}


def test_a_command_that_only_prints_ends_in_time(record: Path) -> None:
    result = runner(record, output_bytes=1000).run(shell("yes", seconds=0.5))
    assert result.status == "timeout"
    assert "the output was cut after 1000 bytes" in result.reasons


def test_what_the_probe_says_goes_to_the_step_that_runs(record: Path) -> None:
    fifo = record.parent / "run" / EVENTS_FIFO
    steps = runner(record)
    steps.run(shell(f"echo one >{fifo}"))
    with fifo.open("w") as stray:
        stray.write("between\n")
    steps.run(shell(f"echo two >{fifo}"))
    assert (record / "steps/01-execute.probe").read_text() == "one\n"
    assert (record / "steps/02-execute.probe").read_text() == "two\n"


def test_a_trace_that_grows_without_end_ends_the_command(record: Path) -> None:
    log = record / "steps/01-execute.strace"
    result = runner(record, trace_bytes=1000).run(shell(f"head -c 2000 /dev/zero >{log}; sleep 1000"))
    assert result.reasons == ["the trace grew beyond 1000 bytes, so the command was ended"]
    assert result.exit == {"signal": "SIGKILL"}


DRIVER = """
import json, os, sys, time
progress = int(sys.argv[sys.argv.index("--progress") + 1])
def say(**message): os.write(progress, (json.dumps(message) + "\\n").encode())
orders = json.load(sys.stdin)
for module in orders["import"]:
    say(begin=module)
    if module == "hangs": time.sleep(1000)
    if module == "ends": os._exit(3)
    say(end=module, error="")
say(done=True)
if "stays" in sys.argv: time.sleep(1000)
"""


def driving(modules: list[str], *words: str, seconds: float = 60.0, messages: Messages | None = None) -> Step:
    told = Driving({"import": modules}, messages or Imports(modules))
    return Step("import", "thing", [sys.executable, "-c", DRIVER, *words], seconds, driving=told)


def heard(step: Step) -> Messages:
    assert step.driving is not None
    return step.driving.messages


def test_a_driver_gets_its_modules_and_is_heard(record: Path) -> None:
    step = driving(["a", "b"])
    assert runner(record).run(step).status == "ok"
    assert (heard(step).reached, heard(step).done) == (2, True)
    assert '{"begin": "a"}\n' in (record / "steps/01-import.driver").read_text()


def test_more_modules_than_a_pipe_holds_are_no_problem(record: Path) -> None:
    step = driving([f"module_{n}" for n in range(20_000)])
    runner(record, output_bytes=1 << 24).run(step)
    assert heard(step).reached == 20_000


def test_a_module_that_hangs_is_cut_alone(record: Path) -> None:
    step = driving(["a", "hangs", "b"])
    result = runner(record, subject_seconds=0.5).run(step)
    assert (result.status, heard(step).reached, heard(step).done) == ("timeout", 2, False)
    assert result.reasons == ["hangs was cut after 0.5 s"]


def test_a_module_that_ends_the_interpreter_is_the_last_one_reached(record: Path) -> None:
    step = driving(["a", "ends", "b"])
    result = runner(record).run(step)
    assert (result.status, heard(step).reached, heard(step).done) == ("failed", 2, False)
    assert result.exit == {"status": 3}


def test_an_interpreter_that_stays_after_its_last_module_is_ended_without_blame(
    record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hood.execution._ENDING_SECONDS", 0.3)
    step = driving(["a"], "stays")
    result = runner(record).run(step)
    assert (result.reasons, result.left_running, heard(step).done) == ([], True, True)


CALLER = """
import json, os, sys, time
progress = int(sys.argv[sys.argv.index("--progress") + 1])
def say(**message): os.write(progress, (json.dumps(message) + "\\n").encode())
say(begin="a"); say(end="a", error="")
say(begin="a:hangs"); time.sleep(1000)
"""


def calling(calls: Calls, seconds: float = 60.0) -> Step:
    words = [sys.executable, "-c", CALLER]
    return Step("execute", "calls of thing", words, seconds, kind="callables", driving=Driving({"call": ["a"]}, calls))


def test_a_call_that_hangs_is_cut_without_blame(record: Path) -> None:
    calls = Calls(["a"])
    result = runner(record, call_seconds=0.3).run(calling(calls))
    assert (result.status, result.reasons, calls.passed) == ("timeout", [], ["a:hangs"])


def test_calls_that_take_longer_than_their_phase_may_are_told(record: Path) -> None:
    result = runner(record).run(calling(Calls(["a"]), seconds=0.3))
    assert (result.status, result.reasons) == ("timeout", ["calls of thing was cut after 0.3 s"])


def test_what_kind_of_command_it_was_is_recorded(record: Path) -> None:
    steps = runner(record)
    for phase, kind in (("install", ""), ("startup", ""), ("startup", "shell"), ("import", ""), ("execute", "module")):
        steps.run(Step(phase, "", ["/bin/true"], 60.0, kind=kind))
    assert [line["kind"] for line in lines(record)] == ["install", "start", "shell", "import", "module"]


def test_a_check_leaves_nothing_in_the_record(record: Path) -> None:
    runner(record).check()
    assert list((record / "steps").iterdir()) == []
    assert not (record / "steps.jsonl").exists()


def test_a_check_that_fails_tells_what_was_said(record: Path) -> None:
    class Broken(Plain):
        """Starts nothing."""

        def command(self, *arguments: Any) -> list[str]:
            return ["/bin/sh", "-c", "echo 'no namespaces here' >&2; exit 1"]

    with pytest.raises(OSError, match="no command can be started.*no namespaces here"):
        runner(record, Broken()).check()


def test_a_tracer_that_records_nothing_is_told(record: Path) -> None:
    the_plan = plan(record, tracer={"name": "strace-plain"})
    steps = StepRunner(the_plan, Traced(the_plan, Plain()), record.parent / "run")
    with pytest.raises(OSError, match="the tracer recorded nothing"):
        steps.check()


def test_what_runs_is_told_when_it_begins(record: Path) -> None:
    steps = runner(record)
    steps.run(shell("true"))
    result = steps.run(shell(f"cat {record}/running.json", phase="import"))
    running = json.loads((record / "steps/02-import.out").read_text())
    assert (running["step"], running["phase"], running["stem"]) == (2, "import", "02-import")
    assert running["argv"] == ["/bin/sh", "-c", f"cat {record}/running.json"]
    assert running["begin"] <= result.begin
    assert set(running) < set(lines(record)[1])
