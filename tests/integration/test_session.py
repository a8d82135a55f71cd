"""A package that is tried by hand: a shell in the sandbox, in each place."""

from __future__ import annotations

import tarfile
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from analyzer.errors import SandboxError
from analyzer.model.exploration import Session
from analyzer.pipeline.judging.completeness import EXPLORED
from tests.integration.analysing import PLACES, behaviors, everywhere
from tests.integration.exploring import PROMPT, Explored, User, archive, explore
from tests.packages import make_wheel

_BAIT = """
import socket
def bite():
    with socket.socket() as one:
        one.settimeout(5)
        one.connect(("203.0.113.9", 4444))
"""
_FLOOD = 3_000_000


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_wheel(tmp_path_factory.mktemp("wheel"), "bait", modules={"bait.py": _BAIT})


def _sizes(user: User) -> None:
    user.begin()
    user.type("stty size; trap 'echo changed' WINCH\n")
    user.await_text(b"\n30 100\r\n")
    user.await_text(PROMPT)
    user.terminal.resize(41, 123)
    time.sleep(0.3)
    user.type("\nstty size\n")
    user.await_text(b"changed\r\n")
    user.await_text(b"\n41 123\r\n")


def _jobs(user: User) -> None:
    user.type("tty; echo begun; sleep 100\n")
    user.await_text(b"\n/dev/")
    user.await_text(b"\nbegun\r\n")
    time.sleep(0.3)
    user.type("\x03")
    user.await_text(PROMPT)
    user.type("echo ended with $?\n")
    user.await_text(b"ended with 130")
    user.type("sleep 100\n")
    time.sleep(0.5)
    user.type("\x1a")
    user.await_text(b"Stopped")
    user.type("fg; echo came back with $?\n")
    time.sleep(0.5)
    user.type("\x03")
    user.type("echo and $?\n")
    user.await_text(b"\nand 130")


def _prompt(user: User) -> None:
    user.type("python\n")
    user.await_text(b">>> ")
    user.type("import bait, time; bait.bite(); print('bit' + 'ten')\n")
    user.await_text(b"bitten")
    user.type("time.sleep(100)\n")
    time.sleep(0.5)
    user.type("\x03")
    user.await_text(b"KeyboardInterrupt")
    user.type("exit()\n")
    user.await_text(PROMPT)


def _files(user: User) -> None:
    terminal = user.terminal
    terminal.put("~/project", archive("one.txt", b"first\n"))
    terminal.put("/tmp/two.txt", archive("one.txt", b"second\n"))
    user.type("cat one.txt /tmp/two.txt; stat -c 'of %u' one.txt; id -u; ln -s /etc out\n")
    user.await_text(b"first\r\nsecond\r\nof ")
    user.await_text(PROMPT)
    with terminal.get("one.txt", 1000) as stream, tarfile.open(fileobj=stream) as got:
        member = got.extractfile("one.txt")
        assert member is not None
        assert member.read() == b"first\n"
    for name in ("/etc/passwd", "out/passwd", "../../../etc/passwd", "/proc/self/environ", "/srv/packages"):
        with pytest.raises(SandboxError, match="only files below"):
            terminal.get(name, 1000)
        with pytest.raises(SandboxError, match="only files below"):
            terminal.put(name, archive("x", b""))
    with pytest.raises(SandboxError, match="more than may be copied"):
        terminal.get("~/project/.venv", 1000)
    with pytest.raises(SandboxError, match="No such file"):
        terminal.get("/tmp/nothing", 1000)


def _walls(user: User) -> None:
    """Neither the line to the user nor the record is anywhere to be seen."""
    names = "-name orders -o -name bytes -o -name steps.jsonl -o -type s"
    user.type(
        f"find / '(' -path /usr -o -path /sys -o -path /proc ')' -prune -o '(' {names} ')' -print 2>/dev/null; ls /record/; echo looked\n"
    )
    found = user.await_text(b"\nlooked\r\n")
    assert not [line for line in found.splitlines()[1:] if line.startswith(b"/")], found


def _stopped(user: User) -> None:
    """Who does not read makes the programs wait, and nothing is lost."""
    user.await_text(PROMPT)
    user.type(f"head -c {_FLOOD} /dev/zero | tr '\\0' z; echo; echo all of it\n")
    time.sleep(1.0)
    before = len(user.said)
    user.await_text(b"\nall of it\r\n")
    assert user.said[before:].count(b"z") >= _FLOOD - 65536


def _sit(user: User) -> None:
    _sizes(user)
    _jobs(user)
    _prompt(user)
    _files(user)
    _walls(user)
    _stopped(user)
    user.type("exit 3\n")
    user.await_end()


@pytest.fixture(
    scope="module", params=[pytest.param(one.values, marks=one.marks, id="-".join(one.values)) for one in PLACES]
)
def explored(
    request: pytest.FixtureRequest, wheel: Path, cache_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Explored:
    """A long session in which much is tried."""
    return explore(wheel, request.param, cache_directory, tmp_path_factory.mktemp("kept"), _sit)


def test_the_report_says_that_somebody_tried_it(explored: Explored) -> None:
    report = explored.report
    assert report.exploration is not None
    assert (report.exploration.opened, report.exploration.exit) == ("shell", "3")
    assert report.exploration.duration_seconds > 1
    assert [(phase.name, phase.status, phase.detail) for phase in report.phases] == [
        ("install", "ok", ""),
        ("startup", "skipped", "explored by hand"),
        ("import", "skipped", "explored by hand"),
        ("execute", "ok", "explored by hand"),
    ]


def test_it_is_never_a_whole_one(explored: Explored) -> None:
    assert explored.report.completeness.status == "incomplete"
    assert explored.report.completeness.reasons == [EXPLORED]


def test_what_the_package_did_is_seen(explored: Explored) -> None:
    seen = behaviors(explored.report)
    assert "network.tcp.connect" in seen
    assert "anomaly.run.fail" not in seen
    evidence = [
        one
        for behavior in explored.report.behaviors
        if behavior.id == "network.tcp.connect"
        for one in behavior.evidence
        if "203.0.113.9" in one.detail
    ]
    assert {one.phase for one in evidence} == {"execute"}
    assert "bait" in {one.location.distribution for one in evidence if one.location is not None}


def test_a_kept_record_gives_the_same(explored: Explored) -> None:
    assert explored.again == explored.report


def test_what_the_terminal_said_is_in_the_record(explored: Explored) -> None:
    assert b"ended with 130" in explored.output


@everywhere
def test_a_terminal_that_goes_away_ends_the_session(
    wheel: Path, cache_directory: Path, tmp_path: Path, sandbox: str, tracer: str
) -> None:
    def leave(user: User) -> None:
        user.begin()
        user.type("(trap '' HUP; echo going on; exec sleep 1000) &\n")
        user.await_text(b"going on\r\n")
        user.terminal.hang_up()
        user.await_end(20)

    found = explore(wheel, (sandbox, tracer), cache_directory, tmp_path, leave)
    assert found.report.exploration is not None
    assert found.report.exploration.duration_seconds < 60
    assert found.report.completeness.reasons == [EXPLORED]
    assert "execution.background.leave" in behaviors(found.report)


@everywhere
def test_a_command_and_the_end_of_its_time(
    wheel: Path, cache_directory: Path, tmp_path: Path, sandbox: str, tracer: str
) -> None:
    session = Session("command", "stty size; echo $0 $-; sleep 1000", 11, 22)
    found = explore(wheel, (sandbox, tracer), cache_directory, tmp_path, User.await_end, session, 4.0)
    assert found.report.exploration is not None
    assert found.report.exploration.command == session.command
    assert found.output.startswith(b"11 22\r\n") or sandbox == "docker"
    execute = found.report.phases[-1]
    assert (execute.name, execute.status) == ("execute", "timeout")
    assert "was cut after 4 s" in execute.detail


@pytest.mark.embedded
def test_a_supervisor_that_is_lost_is_told(wheel: Path, cache_directory: Path, tmp_path: Path) -> None:
    def shoot(user: User) -> None:
        user.await_text(PROMPT)
        for process in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):  # others end meanwhile
                if "hood" in process.cmdline() and "python" in process.name():
                    process.kill()
        user.await_end()
        with pytest.raises(SandboxError, match="session is over|ended inside"):
            user.terminal.put("x", archive("x", b""))

    found = explore(wheel, ("embedded", "strace"), cache_directory, tmp_path, shoot)
    assert EXPLORED in found.report.completeness.reasons
    assert any("supervisor ended" in reason for reason in found.report.completeness.reasons)
