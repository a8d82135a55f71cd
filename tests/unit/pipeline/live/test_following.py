"""A record that grows shows what its report will say, and nothing else."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.model.report import Report
from analyzer.pipeline.live import Live, LiveBehavior
from analyzer.rules.loader import builtin
from tests.unit.pipeline.recording import PYTHON, SITE, START, Recording
from tests.unit.trace.kernel_logs import Log, inet, sockaddr, text

BEGIN = START + 10
CLIENT, SERVER = ["192.168.1.23", 40001], ["203.0.113.7", 80]

CALLS = """
0.01 100 openat(AT_FDCWD, "/run/session/events/7", O_WRONLY) = -1 ENOTDIR (Not a directory)
0.10 100 openat(AT_FDCWD, "/home/alex/.ssh/id_rsa", O_RDONLY|O_CLOEXEC) = 3</home/alex/.ssh/id_rsa>
0.11 100 read(3</home/alex/.ssh/id_rsa>, "-----BEGIN", 8192) = 2602
0.20 100 openat(AT_FDCWD, "/home/alex/.bashrc", O_WRONLY|O_CREAT|O_APPEND|O_CLOEXEC, 0666) = 4</home/alex/.bashrc>
0.21 100 write(4</home/alex/.bashrc>, "evil", 4) = 4
0.30 100 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 5
0.31 100 connect(5, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("203.0.113.7")}, 16) = 0
0.32 100 sendto(5, "GET /x HTTP/1.1", 15, 0, NULL, 0) = 15
0.40 100 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD <unfinished ...>
0.41 101 execve("/bin/sh", ["sh", "-c", "cat /etc/shadow"], 0x1 /* 1 var */) = 0
0.42 100 <... clone resumed>) = 101
0.43 101 openat(AT_FDCWD, "/etc/shadow", O_RDONLY) = -1 EACCES (Permission denied)
0.44 101 +++ exited with 1 +++
0.50 100 rt_sigaction(SIGTERM, {sa_handler=SIG_IGN, sa_mask=[], sa_flags=0}, NULL, 8) = 0
0.60 100 +++ exited with 0 +++
""".strip().splitlines()
EXPECTED = {
    "steal.ssh-key.read", "autostart.shell-startup.modify", "network.tcp.connect", "network.http.connect", "network.dns.query",
    "execution.shell.run", "steal.password-file.read", "anomaly.signal.ignore", "execution.code.evaluate",
}  # fmt: skip


def exchange(kind: str, at: float, **fields: Any) -> str:
    return json.dumps({"kind": kind, "time": BEGIN + at, "client": CLIENT, "server": SERVER} | fields)


EXCHANGES = [
    exchange("dns", 0.25, name="a.example.", type="A", answers=["203.0.113.7"], transport="udp"),
    exchange(
        "http", 0.33, method="GET", url="http://a.example/x", host="a.example", path="/x", status=200, request_bytes=0,
        response_bytes=4, tls=False,
    ),
]  # fmt: skip


def probe(at: float, name: str, *arguments: str) -> str:
    call = {
        "t": BEGIN + at,
        "p": 7,
        "n": 1,
        "e": name,
        "a": arguments,
        "f": f"{SITE}/sample.py",
        "l": 3,
        "m": "sample",
        "s": [],
    }
    return json.dumps(call)


PROBE = [probe(0.09, "open", "/home/alex/.ssh/id_rsa", "r"), probe(0.55, "builtins.exec", "x")]


def strace() -> str:
    first = f'100 {BEGIN:.6f} execve("{PYTHON}", ["{PYTHON}"], 0x1 /* 1 var */) = 0\n'
    return first + "".join(
        f"{pid} {BEGIN + float(at):.6f} {call}\n" for at, pid, call in (line.split(" ", 2) for line in CALLS)
    )


def kernel() -> bytes:
    log = Log()
    log.time = int(BEGIN * 1e9)
    log.started(PYTHON.encode())
    cwd = -100 & 2**64 - 1
    log.call("openat", 3, cwd, 1, 0, chunks=(text(1, b"/home/alex/.ssh/id_rsa"),))
    log.call("openat", 4, cwd, 1, 0x401, chunks=(text(1, b"/home/alex/.bashrc"),))
    log.call("socket", 5, 2, 1, 0)
    log.call("connect", 0, 5, 1, 16, chunks=(sockaddr(1, inet(80, "203.0.113.7")),))
    log.enter("clone", 17, 0, 0, 0, 0).fork(20, 8).exit("clone", 8)
    log.call("openat", -13, cwd, 1, 0, chunks=(text(1, b"/etc/shadow"),), pid=20, inner=8)
    return log.data


def made(folder: Path, log: str) -> Recording:
    folder.mkdir()
    recording = Recording(folder)
    recording.installed()
    recording.step("install")
    recording.step(
        "execute", kernel=kernel() if log == "kernel" else None, probe="".join(f"{line}\n" for line in PROBE)
    )
    recording.steps[-1]["begin"], recording.steps[-1]["end"] = BEGIN, BEGIN + 5
    recording.write("steps.jsonl", "".join(json.dumps(one) + "\n" for one in recording.steps))
    if log == "strace":
        recording.write("steps/02-execute.strace", strace())
    end = '{"kind":"capture","time":1,"packets":0,"dropped":0,"cut":false}\n{"kind":"end","time":1}\n'
    recording.write("internet/exchanges.jsonl", "".join(f"{line}\n" for line in EXCHANGES) + end)
    return recording


@pytest.fixture(scope="module", params=["strace", "kernel"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return made(tmp_path_factory.mktemp("records") / "whole", request.param)


def grown_to(data: bytes, name: str, at: float, extra: int) -> int:
    """How many bytes of a file are there at a time after the begin, and some of what comes next."""
    if name.endswith(".kernel"):
        return len(data) if at >= 5 else min(int(len(data) * at / 5) + extra, len(data))
    end = 0
    for line in data.splitlines(keepends=True):
        match = re.search(rb'(?:^\d+ |"time": ?|"t": ?)(\d+\.\d+)', line)
        if match is not None and float(match[1]) > BEGIN + at:
            return min(end + extra, end + len(line) - 1)
        end += len(line)
    return end


def ready(live: Live) -> None:
    """Waits for the rules."""
    live.prepare()
    assert live._preparing is not None
    live._preparing.join()


FILES = ("steps/02-execute.strace", "steps/02-execute.kernel", "steps/02-execute.probe", "internet/exchanges.jsonl")
Looks = list[tuple[float, int]]


def followed(whole: Path, folder: Path, looks: Looks, **options: Any) -> Iterator[list[LiveBehavior]]:
    """What each look at a growing record shows, and at the end the rest. A look is a time after the begin and some bytes of what is next."""
    folder.mkdir()
    for name in ("steps", "internet", "trees"):
        (folder / name).mkdir()
    for name in ("plan.json", "distributions.json"):
        shutil.copy(whole / name, folder)
    now = BEGIN
    live = Live(folder, builtin(), clock=lambda: now, **options)
    ready(live)
    first, second = (whole / "steps.jsonl").read_text().splitlines(keepends=True)
    (folder / "steps.jsonl").write_text(first)
    shutil.copy(whole / "steps" / "01-install.strace", folder / "steps")
    for at, extra in sorted(looks):
        now = BEGIN + at
        (folder / "running.json").write_text(second)
        for name in FILES:
            if (whole / name).exists():
                data = (whole / name).read_bytes()
                had = (folder / name).stat().st_size if (folder / name).exists() else 0
                (folder / name).write_bytes(data[: max(had, grown_to(data, name, at, extra))])
        yield live.new()
    for name in FILES:
        if (whole / name).exists():
            shutil.copy(whole / name, folder / name)
    (folder / "steps.jsonl").write_text(first + second)
    now = BEGIN + 60
    yield live.new()
    yield live.rest()


def of_report(report: Report) -> dict[tuple[str, str], set[str]]:
    """What the report shows by the layers that can be followed: the details by behavior and target."""
    found: dict[tuple[str, str], set[str]] = {}
    for behavior in report.behaviors:
        for evidence in behavior.evidence:
            followable = evidence.layer in {"syscall", "interpreter"} or evidence.source.file.endswith(
                "exchanges.jsonl"
            )
            told_at_the_end = evidence.event in {"step.end", "interpreter.silence", "process.clock", "process.outlive"}
            if behavior.severity != "info" and followable and not told_at_the_end:
                found.setdefault((behavior.id, evidence.target), set()).add(evidence.detail)
    return found


@given(looks=st.lists(st.tuples(st.floats(0, 6), st.integers(0, 60)), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
def test_however_a_record_grows_it_shows_what_the_report_will(
    whole: Recording, tmp_path_factory: pytest.TempPathFactory, looks: Looks
) -> None:
    folder = tmp_path_factory.mktemp("growing") / "record"
    shown = [one for some in followed(whole.folder, folder, looks) for one in some]
    report = of_report(whole.report())
    assert len(report) >= 5
    assert {(one.id, one.target) for one in shown} == set(report)
    assert len(shown) == len(report)
    for one in shown:
        assert one.detail in report[one.id, one.target]


def test_behaviors_come_soon_and_once(tmp_path: Path) -> None:
    whole = made(tmp_path / "whole", "strace")
    looks: Looks = [(0.0, 0), (0.15, 9), (0.25, 0), (0.3, 0), (0.5, 3), (0.8, 0), (1.0, 0)]
    seen = list(followed(whole.folder, tmp_path / "record", looks))
    ids = [[one.id for one in some] for some in seen]
    assert ids[0] == ids[1] == []  # what is a tenth of a second old may not be all yet
    assert ids[2] == ["steal.ssh-key.read"]
    assert ids[3] == ["autostart.shell-startup.modify"]
    assert ids[6:] == [[], [], []]
    assert {name for some in ids for name in some} >= EXPECTED
    first = seen[2][0]
    assert (first.severity, first.phase, first.process) == ("high", "execute", "python")
    assert (first.detail, first.location) == ("/home/alex/.ssh/id_rsa", "sample.py:3")
    assert first.time == pytest.approx(BEGIN + 0.1)
    assert (first.outcome, first.attribution) == ("completed", "package")


def test_an_exchange_belongs_to_who_called_its_peer(tmp_path: Path) -> None:
    whole = made(tmp_path / "whole", "strace")
    seen = [one for some in followed(whole.folder, tmp_path / "record", [(1.0, 0)]) for one in some]
    http = next(one for one in seen if one.id == "network.url.contact")
    assert (http.process, http.detail) == ("python", "GET http://a.example/x")
    assert next(one for one in seen if one.id == "network.tcp.connect").target == "a.example:80"


def test_less_severe_ones_are_shown_where_that_is_asked_for(tmp_path: Path) -> None:
    whole = made(tmp_path / "whole", "strace")
    severe = {one.severity for some in followed(whole.folder, tmp_path / "a", [], least="high") for one in some}
    assert severe == {"high", "critical"}
    assert "info" in {one.severity for some in followed(whole.folder, tmp_path / "b", [], least="info") for one in some}


def test_much_at_once_is_read_in_parts_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.pipeline.live.following._AT_ONCE", 0.0)
    whole = made(tmp_path / "whole", "strace")
    log = whole.folder / "steps" / "02-execute.strace"
    flood = "".join(f'100 {BEGIN + 1:.6f} openat(AT_FDCWD, "/home/alex/{n}", O_RDONLY) = 3\n' for n in range(3000))
    log.write_text(strace() + flood)
    live = Live(whole.folder, builtin(), clock=lambda: BEGIN + 60)
    ready(live)
    shown: list[LiveBehavior] = []
    behind: list[int] = []
    looks = 0
    while looks < 100 and (not behind or behind[-1]):
        shown += live.new()
        looks += live._shown is not None
        behind.append(live.behind if looks > 2 else 1)
    assert 3 < looks < 20
    assert max(behind) > 100
    assert "steal.ssh-key.read" in {one.id for one in [*shown, *live.rest()]}


@pytest.mark.parametrize("broken", [b"\xff\0\n" * 50, b"{" * 5000 + b"\n", b"[" * 100_000, b'{"kind":"http"}\n', b""])
def test_what_cannot_be_read_is_left_out(tmp_path: Path, broken: bytes) -> None:
    whole = made(tmp_path / "whole", "strace")
    for name in (*FILES, "running.json", "steps.jsonl", "distributions.json", "plan.json"):
        path = whole.folder / name
        path.write_bytes(broken + (path.read_bytes() if path.exists() and name in FILES else b""))
    live = Live(whole.folder, builtin(), clock=lambda: BEGIN + 60)
    assert isinstance(live.rest(), list)


def test_a_record_that_is_gone_shows_nothing_more(tmp_path: Path) -> None:
    whole = made(tmp_path / "whole", "strace")
    live = Live(whole.folder, builtin())
    ready(live)
    shutil.rmtree(whole.folder)
    assert [live.new(), live.new(), live.rest(), live.new(), live.rest()] == [[], [], [], [], []]
