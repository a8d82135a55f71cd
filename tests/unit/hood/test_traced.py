"""What strace's log says of its own end, and of that of the walls."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hood import traced, walls
from hood.command import wait

END = b"12 1700000000.000001 +++ exited with 0 +++\n"
KILLED = b"13 1700000000.000001 +++ killed by SIGKILL +++\n"


class Command(traced._TracedCommand):
    """A command of which only the log is there, and what bubblewrap told."""

    def __init__(self, log: Path, info: bytes, *, ended_here: bool) -> None:
        self._log, self._info_text, self._ended_here = log, info, ended_here


def lacking(log: Path, info: bytes = b"", *, ended_here: bool = False) -> str:
    return Command(log, info, ended_here=ended_here)._lacking()


@pytest.mark.parametrize(
    ("content", "whole"),
    [
        (b"12 1700000000.0 setsid() = 12\n" + END, True),
        (b"12 1700000000.0 +++ killed by SIGKILL +++\n", True),
        (b"", False),
        (b"12 1700000000.0 setsid() = 12\n", False),
        (END[:-3], False),
        (END + b"13 1700000000.0 open(", False),
    ],
)
def test_a_whole_log_ends_with_an_end(tmp_path: Path, content: bytes, whole: bool) -> None:
    (tmp_path / "log").write_bytes(content)
    assert (lacking(tmp_path / "log") == "") is whole


def test_a_log_that_is_not_there(tmp_path: Path) -> None:
    assert "strace ended" in lacking(tmp_path / "log")


@pytest.mark.parametrize(
    ("first", "ended_here", "reason"), [(13, False, walls.ENDED), (13, True, ""), (12, False, ""), (1, False, "")]
)
def test_walls_that_somebody_else_ended(tmp_path: Path, first: int, ended_here: bool, reason: str) -> None:
    (tmp_path / "log").write_bytes(KILLED + END)
    assert lacking(tmp_path / "log", b'{"child-pid": %d}' % first, ended_here=ended_here) == reason


def test_an_end_that_comes_before_it_was_given_up_is_still_there_to_be_waited_for() -> None:
    """It may end between the two looks at it, as strace does when all that it traced is killed."""
    process = subprocess.Popen(["true"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    command = Command(Path(), b"", ended_here=False)
    command._process = process
    command.give_up()
    assert wait(process)[0] == 0
