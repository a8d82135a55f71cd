"""A session's terminal, with a user at the other end: what goes through it, what ends it, and that nobody is waited for."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hood.execution import Step
from hood.link import Link
from hood.step import EVENTS_FIFO, StepRunner
from hood.terminal import Terminal
from hood.traced import Traced

from analyzer.sandbox.decoys import Decoys
from analyzer.sandbox.session.exploring import Exploring
from analyzer.sandbox.session.terminal import Terminal as Attached
from analyzer.sandbox.workspace import Workspace
from tests.unit.hood.plans import limits, plan
from tests.unit.hood.test_step import Plain, lines


class Sitting:
    """A user who gets a terminal and keeps it until the end."""

    def __init__(self) -> None:
        self.there = threading.Event()
        self.left = threading.Event()
        self.terminal: Attached

    def attach(self, terminal: Attached) -> None:
        self.terminal = terminal
        self.there.set()
        self.left.wait(30)

    def hear(self, text: bytes) -> bytes:
        """What is said up to a text, or to the end."""
        said = b""
        while text not in said and select.select([self.terminal.read_fd], [], [], 20)[0]:
            piece = os.read(self.terminal.read_fd, 65536)
            if not piece:
                break
            said += piece
        return said


@pytest.fixture
def user() -> Sitting:
    return Sitting()


@pytest.fixture
def line(tmp_path: Path, user: Sitting) -> Iterator[Link]:
    """The supervisor's end of a line to that user."""
    (tmp_path / "record").mkdir()
    (tmp_path / "run").mkdir()
    os.mkfifo(tmp_path / "run" / EVENTS_FIFO)
    found = Exploring(Workspace(tmp_path, tmp_path / "record", Decoys([], {}, [])), user.attach)
    found.start()
    yield Link(tmp_path / "terminal")
    user.left.set()
    found.close()


def begin(tmp_path: Path, line: Link, script: str, seconds: float = 30.0) -> threading.Thread:
    """Runs a script on a terminal, as the supervisor does with a session."""
    the_plan = plan(tmp_path / "record", limits=limits(output_bytes=100_000))
    step = Step(
        "execute",
        "shell",
        ["/bin/sh", "-c", script],
        seconds,
        kind="session",
        beside=Terminal(the_plan, line, (7, 77), ours=True),
    )
    runner = StepRunner(the_plan, Traced(the_plan, Plain()), tmp_path / "run")
    thread = threading.Thread(target=runner.run, args=(step,))
    thread.start()
    return thread


def test_keys_and_words(tmp_path: Path, line: Link, user: Sitting) -> None:
    step = begin(tmp_path, line, "stty size; read word; echo got $word; tty >/dev/tty; exit 5")
    assert user.there.wait(20)
    assert user.terminal.record == tmp_path / "record"
    assert user.hear(b"77\r\n") == b"7 77\r\n"
    user.terminal.write(b"this\n")
    assert b"got this\r\n/dev/pts/" in user.hear(b"never")
    step.join(20)
    (told,) = lines(tmp_path / "record")
    assert (told["kind"], told["status"], told["exit"]) == ("session", "ok", {"status": 5})
    assert told["argv"][0] == "/bin/sh"
    assert b"got this\r\n" in (tmp_path / "record/steps/01-execute.out").read_bytes()


def test_another_size_and_an_interrupt(tmp_path: Path, line: Link, user: Sitting) -> None:
    script = "trap 'stty size' WINCH; trap 'echo interrupted; exit' INT; echo ready; while :; do sleep 0.05; done"
    step = begin(tmp_path, line, script)
    assert user.there.wait(20)
    user.hear(b"ready\r\n")
    user.terminal.resize(9, 99)
    assert user.hear(b"\r\n") == b"9 99\r\n"
    user.terminal.write(b"\x03")
    assert b"interrupted\r\n" in user.hear(b"never")
    step.join(20)


def test_a_user_who_does_not_read_makes_the_command_wait_and_not_the_supervisor(
    tmp_path: Path, line: Link, user: Sitting
) -> None:
    step = begin(tmp_path, line, "head -c 3000000 /dev/zero | tr '\\0' z; echo; echo done", seconds=2.0)
    assert user.there.wait(20)
    step.join(20)
    assert not step.is_alive()
    (told,) = lines(tmp_path / "record")
    assert told["status"] == "timeout"
    assert any("was cut after 2 s" in reason for reason in told["reasons"])


def test_nothing_is_lost_for_one_who_reads_late(tmp_path: Path, line: Link, user: Sitting) -> None:
    step = begin(tmp_path, line, "head -c 1000000 /dev/zero | tr '\\0' z; echo; echo done")
    assert user.there.wait(20)
    time.sleep(0.3)
    assert user.hear(b"done\r\n").count(b"z") == 1_000_000
    step.join(20)


@pytest.mark.parametrize("by", ["word", "loss"])
def test_a_hang_up_ends_it_whatever_it_ignores(tmp_path: Path, line: Link, user: Sitting, by: str) -> None:
    step = begin(tmp_path, line, "trap '' HUP; echo ready; while :; do sleep 0.1; done")
    assert user.there.wait(20)
    user.hear(b"ready\r\n")
    if by == "word":
        user.terminal.hang_up()
    else:
        line.bytes.shutdown(2)
    step.join(20)
    assert not step.is_alive()
    (told,) = lines(tmp_path / "record")
    assert told["left_running"]
    assert told["reasons"] == []


def test_a_hang_up_is_told_to_the_command(tmp_path: Path, line: Link, user: Sitting) -> None:
    step = begin(
        tmp_path, line, f"trap 'echo gone >{tmp_path}/told; exit' HUP; echo ready; while :; do sleep 0.1; done"
    )
    assert user.there.wait(20)
    user.hear(b"ready\r\n")
    user.terminal.hang_up()
    step.join(20)
    assert (tmp_path / "told").read_text() == "gone\n"


def test_keys_that_nobody_takes_are_bounded(tmp_path: Path, line: Link, user: Sitting) -> None:
    step = begin(tmp_path, line, "stty raw; echo ready; sleep 1")
    assert user.there.wait(20)
    user.hear(b"ready")
    for _ in range(64):
        user.terminal.write(b"k" * 65536)
    assert user.terminal.backlog <= 1024 * 1024
    step.join(20)
    assert not step.is_alive()
    user.terminal.write(b"more")
