"""The parent's side of several workers, with programs that speak as a worker does."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest

from analyzer.errors import SandboxError
from analyzer.pipeline.worker import Said, Task
from analyzer.pipeline.workers import Workers

STAND_IN = r"""
import json, os, signal, sys, time
setup = sys.stdin.readline().strip()
signal.signal(signal.SIGTERM, lambda *_: (open(setup, "a").write("told\n"), os._exit(143)))
for line in sys.stdin:
    if not line.strip():
        open(setup, "a").write("ended\n")
        break
    target = json.loads(line)["target"]
    def say(**words):
        print(json.dumps(words), flush=True)
    say(kind="stage", text="at work")
    if target == "crash":
        print("Segmentation fault", file=sys.stderr)
        os.kill(os.getpid(), signal.SIGSEGV)
    if target == "leave":
        os._exit(7)
    if target == "noise":
        print("no JSON"); print("x" * 200_000, flush=True); time.sleep(1000)
    if target == "hang":
        time.sleep(1000)
    say(kind="report", text=str(os.getpid()))
"""


def crew(folder: Path, count: int = 2) -> Workers:
    return Workers([sys.executable, "-c", STAND_IN], str(folder / "said").encode(), count, folder)


def tasks(*targets: str) -> list[Task]:
    return [Task(number=number, target=target) for number, target in enumerate(targets)]


def ends(workers: Workers, *targets: str) -> dict[str, Said]:
    with workers:
        return {task.target: said for task, said in workers.run(tasks(*targets)) if said.is_last}


def test_each_takes_one_after_the_other(tmp_path: Path) -> None:
    found = ends(crew(tmp_path), "a", "b", "c", "d", "e")
    assert [one.kind for one in found.values()] == ["report"] * 5
    assert len({one.text for one in found.values()}) == 2
    assert (tmp_path / "said").read_text() == "ended\n" * 2


def test_no_more_are_started_than_there_is_to_do(tmp_path: Path) -> None:
    ends(crew(tmp_path, 8), "a", "b")
    assert len(list(tmp_path.glob("worker-*.log"))) == 2


@pytest.mark.parametrize(
    ("target", "how"),
    [("crash", "signal SIGSEGV: Segmentation fault"), ("leave", "status 7"), ("noise", "signal SIGKILL")],
)
def test_one_that_ends_costs_its_own_target_and_is_replaced(target: str, how: str, tmp_path: Path) -> None:
    found = ends(crew(tmp_path, 1), "a", target, "b", "c")
    assert {name: one.kind for name, one in found.items()} == {
        "a": "report",
        target: "lost",
        "b": "report",
        "c": "report",
    }
    assert how in found[target].text
    assert found["a"].text != found["b"].text == found["c"].text


def test_an_error_tells_all_of_them_and_waits(tmp_path: Path) -> None:
    at_work: set[int] = set()
    running: list[psutil.Process] = []
    with pytest.raises(ZeroDivisionError), crew(tmp_path) as workers:
        for task, _ in workers.run(tasks("hang", "hang")):
            at_work.add(task.number)
            if len(at_work) == 2:
                running = psutil.Process().children()
                raise ZeroDivisionError
    assert (tmp_path / "said").read_text() == "told\n" * 2
    assert len(running) >= 2
    assert not any(STAND_IN in one.cmdline() for one in psutil.Process().children())


def test_no_worker_can_be_started(tmp_path: Path) -> None:
    workers = Workers([str(tmp_path / "missing")], b"", 1, tmp_path)
    with workers, pytest.raises(SandboxError, match="no process can be started"):
        list(workers.run(tasks("a")))
