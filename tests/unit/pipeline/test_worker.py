"""A worker's own side: what it says of each task, and that it ends."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from analyzer.acquire import Cache
from analyzer.errors import AcquireError
from analyzer.pipeline.reuse import Result
from analyzer.pipeline.worker import Desk, Said, Task, report_path, serve
from analyzer.store.reports import load_report
from tests.unit.acquire.test_environment import DESCRIPTION
from tests.unit.render.sample import quiet_report


class Stand:
    """A bench that gives what it is told to."""

    rules: Any = None

    def __init__(self, outcome: Any) -> None:
        self.outcome = outcome
        self.asked: list[str] = []

    def sandbox(self, progress: Any) -> Any:
        return self

    def description(self) -> str:
        return json.dumps(DESCRIPTION)

    def report(self, target: str, index: Any, progress: Any, check: Any) -> Result:
        self.asked.append(target)
        progress("installing\x1b")
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return Result(self.outcome, reused=True)


def desk(outcome: Any, folder: Path) -> Desk:
    return Desk(Stand(outcome), Cache(folder / "cache"), folder)  # type: ignore[arg-type]


def said(outcome: Any, folder: Path, task: Task | None = None) -> list[Said]:
    """The last word, and then the stages before it."""
    heard: list[Said] = []
    last = desk(outcome, folder).do(task or Task(number=1, target="six"), heard.append)
    return [last, *heard]


def test_a_report_goes_through_a_file(tmp_path: Path) -> None:
    last, *stages = said(quiet_report(), tmp_path)
    assert (last.kind, last.reused) == ("report", True)
    assert [one.text for one in stages] == ["installing\x1b"]
    assert load_report(report_path(tmp_path, 1)) == quiet_report()


@pytest.mark.parametrize(
    ("outcome", "kind", "text"),
    [
        (AcquireError("no project named six"), "refused", "no project named six"),
        (PermissionError(13, "Permission denied"), "refused", "Permission denied"),
        (KeyError("x"), "bug", "KeyError: 'x'"),
    ],
)
def test_what_is_wrong_is_said_and_never_raised(outcome: Exception, kind: str, text: str, tmp_path: Path) -> None:
    last = said(outcome, tmp_path)[0]
    assert last.kind == kind
    assert text in last.text


def test_a_condition_is_looked_at_before_anything_is_fetched(tmp_path: Path) -> None:
    place = desk(quiet_report(), tmp_path)
    last = place.do(Task(number=1, target="six", marker="sys_platform == 'win32'"), lambda _: None)
    assert last.kind == "elsewhere"
    assert place.bench.asked == []  # type: ignore[attr-defined]


def test_a_saved_report_needs_no_sandbox(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(quiet_report().model_dump_json())
    last = said(None, tmp_path, Task(number=2, target=str(tmp_path / "a.json"), saved=True))[0]
    assert (last.kind, last.reused) == ("report", False)
    assert said(None, tmp_path, Task(number=3, target=str(tmp_path / "b.json"), saved=True))[0].kind == "refused"


def test_it_works_to_the_empty_line(tmp_path: Path) -> None:
    lines = b"".join(Task(number=one, target="six").model_dump_json().encode() + b"\n" for one in range(3))
    sink = io.BytesIO()
    serve(desk(quiet_report(), tmp_path), io.BytesIO(lines + b"\nmore"), sink)
    kinds = [Said.model_validate_json(line).kind for line in sink.getvalue().splitlines()]
    assert kinds == ["stage", "report"] * 3


def test_without_whoever_started_it_it_stops_in_mid_work() -> None:
    program = (
        "import sys, time; from analyzer.cli.stopping import heed_signals; heed_signals()\n"
        "from analyzer.pipeline.worker import serve\n"
        "class Desk:\n    def do(self, task, say): print('at work', flush=True); time.sleep(1000)\n"
        "serve(Desk(), sys.stdin.buffer, sys.stdout.buffer)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(Task(number=0, target="six").model_dump_json().encode() + b"\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"at work\n"
        process.stdin.close()
        assert process.wait(30) == 143
