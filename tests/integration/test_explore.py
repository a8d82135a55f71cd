"""`fumehood explore` at a real pseudo-terminal, and `fumehood cp` beside it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.analysing import SANDBOXES, everywhere
from tests.packages import make_wheel
from tests.unit.explore.test_recording import read
from tests.unit.explore.user import ROOT, SECONDS, User

FUMEHOOD = [sys.executable, "-m", "analyzer"]


@pytest.fixture
def environment(cache_directory: Path) -> dict[str, str]:
    return {**os.environ, "FUMEHOOD_CACHE": str(cache_directory), "TERM": "xterm", "LC_ALL": "C.UTF-8"}


@pytest.fixture
def explore(tmp_path: Path, environment: dict[str, str]) -> Iterator[Callable[..., User]]:
    """Opens a session of a small package at a terminal."""
    users: list[User] = []
    wheel = make_wheel(tmp_path, "sample", modules={"sample.py": "def answer():\n    return 6 * 7\n"})

    def start(*words: str) -> User:
        users.append(User([*FUMEHOOD, "explore", str(wheel), *words], environment=environment))
        return users[-1]

    yield start
    for user in users:
        user.close()


def copy(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*FUMEHOOD, "cp", *words], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS
    )


def document(path: Path) -> Any:
    return json.loads(path.read_text())


@everywhere
def test_a_session(
    sandbox: str, tracer: str, explore: Callable[..., User], environment: dict[str, str], tmp_path: Path
) -> None:
    report, cast = tmp_path / "report.json", tmp_path / "session.cast"
    user = explore("--sandbox", sandbox, "--tracer", tracer, "-o", f"json={report}", "--record", str(cast))
    user.sees("$")
    match = re.search(r"session ([a-z0-9]+)", user.sees("observed"))
    assert match is not None
    user.type("stty size\r")
    user.sees("24 100")
    user.resize(40, 110)
    user.sees("observed")
    # Sizes do not wait behind what is typed, nor that for them.
    user.type("until [ \"$(stty size)\" = '34 110' ]; do sleep 0.1; done; echo it is $(stty size)\r")
    user.sees("it is 34 110")
    user.type("sleep 100; echo slept\r")
    user.sees("sleep 100")
    user.type("\x03")
    user.sees("^C")
    user.type("python -c 'import sample; print(\"answer\", sample.answer())'\r")
    user.sees("answer 42")
    user.type("printf '\\033]52;c;YQ==\\a\\033[6n\\033[c\\033]0;title\\a\\033P$qm\\033\\\\'; echo hostile\r")
    user.sees("hostile")
    user.type("python -c 'import urllib.request as u; u.urlopen(\"http://203.0.113.7/\")'\r")
    user.sees("Requests a URL with an IP address")
    assert any("203.0.113.7" in row for row in user.emulator.rows[34:])

    (tmp_path / "given.txt").write_text("given to the session\n")
    done = copy(environment, str(tmp_path / "given.txt"), f"{match[1]}:")
    assert done.returncode == 0, done.stderr
    user.type("cat given.txt; mkdir made; echo made there > made/result.txt; echo written\r")
    user.sees("given to the session")
    user.sees("written")
    done = copy(environment, f"{match[1]}:made", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "made" / "result.txt").read_text() == "made there\n"
    done = copy(environment, f"{match[1]}:none", str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    done = copy(environment, str(tmp_path / "given.txt"), f"{match[1]}:/etc/")
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)

    user.type("exit 3\r")
    assert user.ends() == 0, user.emulator.rows
    assert termios.tcgetattr(user.slave) == user.before
    for hostile in (b"\x1b]", b"\x1b[6n", b"\x1b[c", b"\x1bP"):
        assert hostile not in user.seen

    found = document(report)
    assert found["exploration"]["opened"] == "shell"
    assert found["exploration"]["exit"] == "3"
    assert found["completeness"]["status"] == "incomplete"
    assert len(found["completeness"]["reasons"]) == 1
    assert {"network.tcp.connect", "network.url.contact"} <= {one["id"] for one in found["behaviors"]}
    header, events = read(cast.read_bytes())
    assert (header["height"], header["width"]) == (24, 100)
    assert [text for _, code, text in events if code == "r"] == ["110x34"]
    shown = "".join(text for _, code, text in events if code == "o")
    assert "answer 42" in shown
    assert "\x1b]" not in shown
    assert any("203.0.113.7" in text for _, code, text in events if code == "m")
    assert "no session is running" in copy(environment, ":made", str(tmp_path)).stderr


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_a_terminal_that_goes_away_costs_no_report(sandbox: str, explore: Callable[..., User], tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    user = explore("--sandbox", sandbox, "--behaviors", "lines", "-o", f"json={report}")
    user.sees("$")
    user.type("cat /etc/passwd > /tmp/copy; echo done\r")
    user.sees("done")
    user.goes_away()
    assert user.process.wait(timeout=SECONDS) == 129
    assert document(report)["exploration"]["opened"] == "shell"


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_a_signal_ends_the_session_and_the_report_is_there(
    sandbox: str, explore: Callable[..., User], tmp_path: Path
) -> None:
    report, cast = tmp_path / "report.json", tmp_path / "session.cast"
    user = explore("--sandbox", sandbox, "--repl", "-o", f"json={report}", "--record", str(cast))
    user.sees(">>>")
    user.type("import sample, os; sample.answer()\r")
    user.sees("42")
    user.process.terminate()
    assert user.ends() == 143
    assert termios.tcgetattr(user.slave) == user.before
    assert document(report)["exploration"]["opened"] == "python"
    assert "42" in "".join(text for _, code, text in read(cast.read_bytes())[1] if code == "o")


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_without_a_terminal(sandbox: str, environment: dict[str, str], tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "sample", modules={"sample.py": ""})
    run = [*FUMEHOOD, "explore", str(wheel), "--sandbox", sandbox, "-q"]
    keys = "printf '\\033[31mred\\033[m\\n'\npython -c 'import sample; print(6*7)'\ncurl -s http://203.0.113.7/ > /dev/null; sleep 1; exit 5\n"
    done = subprocess.run(run, input=keys.encode(), env=environment, cwd=ROOT, capture_output=True, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    assert b"\nred\n" in done.stdout
    assert b"\n42\n" in done.stdout
    assert b"\x1b" not in done.stdout
    done = subprocess.run(
        [*run, "--command", "echo one && stty size"], stdin=subprocess.DEVNULL, env=environment, cwd=ROOT, capture_output=True, timeout=SECONDS
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [b"one", b"24 80"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["six", "--repl", "--command", "x"], "exclude each other"),
        (["six", "--behaviors", "none"], "use pane, lines, off"),
        (["six", "--record", "/none/x.cast"], "does not exist"),
        (["six", "--fast-clock"], "leave them out"),
        (["six", "-o", "none=x"], "unknown format"),
        (["six", "-o", "json=-"], "name a file"),
    ],
)
def test_mistakes_are_told_before_anything_runs(words: list[str], message: str) -> None:
    done = subprocess.run([*FUMEHOOD, "explore", *words], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert message in done.stderr
