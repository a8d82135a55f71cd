"""A user's terminal, joined with a session on this machine: keys, sizes, signals, and what is left at the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.explore.test_recording import read
from tests.unit.explore.user import ROOT, SECONDS, User


def start(users: list[User], tmp_path: Path, *argv: str, mode: str = "") -> User:
    (tmp_path / "record").mkdir()
    words = [sys.executable, "-m", "tests.unit.explore.attaching", str(tmp_path / "record"), mode, *argv]
    users.append(User(words, columns=80))
    return users[-1]


def shell(users: list[User], tmp_path: Path, mode: str = "") -> User:
    user = start(users, tmp_path, "bash", "--norc", mode=mode)
    user.sees("bash-")
    return user


def end(user: User, tmp_path: Path) -> str:
    """What the program wrote last: signals, whether the terminal was lost, and how the shell ended."""
    user.ends()
    return (tmp_path / "end").read_text()


@pytest.fixture
def users() -> Iterator[list[User]]:
    found: list[User] = []
    yield found
    for user in found:
        user.close()


def test_a_session_from_its_begin_to_its_end(users: list[User], tmp_path: Path) -> None:
    user = shell(users, tmp_path)
    user.type("echo $((6*7))\r")
    user.sees("42")
    user.type("stty size\r")
    user.sees("24 80")
    user.resize(40, 100)
    user.type("sleep 1; stty size\r")
    user.sees("34 100")
    user.type("sleep 100\r")
    user.sees("sleep 100")
    user.type("\x03")
    user.sees("^C")
    (tmp_path / "record" / "observed").touch()
    user.sees("Makes a file · observed")
    assert "Makes a file" in user.emulator.rows[35]
    user.type("printf '\\033]52;c;YQ==\\a\\033[6n\\033]0;title\\a'; echo hostile\r")
    user.sees("hostile")
    user.type("exit 3\r")
    assert end(user, tmp_path) == "[] False 3"
    assert b"\x1b]" not in user.seen
    assert b"\x1b[6n" not in user.seen
    assert termios.tcgetattr(user.slave) == user.before
    assert not any("observed" in row for row in user.emulator.rows)
    header, events = read((tmp_path / "cast").read_bytes())
    assert (header["height"], header["width"]) == (24, 80)
    assert [text for _, code, text in events if code == "r"] == ["100x34"]
    assert "42" in "".join(text for _, code, text in events if code == "o")
    assert "exit 3\r" in "".join(text for _, code, text in events if code == "i")
    assert [text.split()[-1] for _, code, text in events if code == "m"] == ["observed"]


def test_ctrl_right_bracket_three_times_ends_a_session_that_answers_to_nothing(
    users: list[User], tmp_path: Path
) -> None:
    user = start(users, tmp_path, "sh", "-c", "trap '' INT QUIT TERM; stty -echo; echo deaf; while :; do sleep 1; done")
    user.sees("deaf")
    user.type("\x03\x1d\x1da\x1d\x1d")
    time.sleep(0.3)
    assert user.process.poll() is None
    user.type("\x1d")
    assert "False" in end(user, tmp_path)
    assert termios.tcgetattr(user.slave) == user.before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_the_session_in_an_orderly_way(number: signal.Signals, users: list[User], tmp_path: Path) -> None:
    user = shell(users, tmp_path)
    os.kill(user.process.pid, number)
    assert end(user, tmp_path).startswith(f"[{int(number)}] False")
    assert termios.tcgetattr(user.slave) == user.before


def test_a_terminal_that_goes_away_ends_the_session(users: list[User], tmp_path: Path) -> None:
    user = shell(users, tmp_path)
    user.goes_away()
    user.process.wait(timeout=SECONDS)
    until = time.monotonic() + SECONDS
    while not (tmp_path / "end").exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    assert " True " in (tmp_path / "end").read_text()


def test_a_bug_of_ours_leaves_the_terminal_as_it_was(users: list[User], tmp_path: Path) -> None:
    user = shell(users, tmp_path, mode="raise")
    user.resize(40, 100)
    user.wait(lambda: user.process.poll() is not None, "it does not end")
    assert "TypeError" in "\n".join(user.emulator.rows)
    assert termios.tcgetattr(user.slave) == user.before


def test_keys_from_a_pipe_and_output_to_one(tmp_path: Path) -> None:
    folder = tmp_path / "record"
    folder.mkdir()
    (folder / "seen").touch()
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.explore.attaching", str(folder), "", "bash", "--norc"],
        input=b"printf '\\033[31mred\\033[m\\n'\npython3 -q\nprint(6*7)", capture_output=True, cwd=ROOT, timeout=60,
    )  # fmt: skip
    assert b"\nred\n" in done.stdout
    assert b"\n42\n" in done.stdout
    assert b"\x1b" not in done.stdout
    assert b"\r" not in done.stdout
    assert b"* 12:00:00 high     Makes a file" in done.stderr
    assert (tmp_path / "end").read_text() == "[] False 0"
