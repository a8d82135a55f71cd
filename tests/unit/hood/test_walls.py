from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from hood import processes
from hood.walls import FIRST_TO_END, Bubblewrap, User, walls

from tests.unit.hood.plans import limits, plan

TRACER = ["strace", "-f"]
ENVIRONMENT = {"PWD": "/home/alex/project", "NAME": "a b"}


def test_the_plan_chooses_the_walls(tmp_path: Path) -> None:
    assert isinstance(walls(plan(tmp_path)), Bubblewrap)
    assert isinstance(walls(plan(tmp_path, launcher="user")), User)


def test_bubblewrap_is_traced_and_gives_the_package_its_own_environment_and_filter(tmp_path: Path) -> None:
    profile = tmp_path / "seccomp.bpf"
    profile.write_bytes(b"filter")
    one = Bubblewrap(plan(tmp_path, environment=ENVIRONMENT, seccomp=str(profile), limits=limits(processes=77)))
    words = one.command(["/bin/thing", "--help"], TRACER, 5)
    try:
        assert words[:8] == ["prlimit", "--nproc=77", *TRACER, *FIRST_TO_END, "bwrap"]
        assert words[-3:] == ["--", "/bin/thing", "--help"]
        assert "--clearenv" in words
        assert words[words.index("NAME") + 1] == "a b"
        assert one.inherited(5) == [5, int(words[words.index("--seccomp") + 1])]
        assert os.pread(one.inherited(5)[1], 10, 0) == b"filter"
    finally:
        one.started()
    assert one.inherited(5) == [5]


def test_in_a_container_the_command_becomes_the_user_without_capabilities_under_the_tracer(tmp_path: Path) -> None:
    one = User(plan(tmp_path, launcher="user", uid=1001, environment=ENVIRONMENT))
    words = one.command(["/bin/thing"], TRACER, 5)
    assert words[:6] == [*TRACER, *FIRST_TO_END, "setpriv"]
    assert {"--reuid=1001", "--regid=1001", "--clear-groups", "--bounding-set=-all", "--no-new-privs"} <= set(words)
    assert words[words.index("-C") + 1] == "/home/alex/project"
    assert words[-2:] == ["NAME=a b", "/bin/thing"]
    assert one.inherited(5) == []  # nothing there would close it before the package starts


def killed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    seen: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: seen.append((pid, number)))
    return seen


def test_the_first_process_of_the_packages_namespace_takes_all_others_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = killed(monkeypatch)
    monkeypatch.setattr(processes, "is_first_of_namespace", lambda pid: pid == 4711)
    Bubblewrap(plan(tmp_path)).end(1234, json.dumps({"child-pid": 4711}).encode())
    assert seen == [(4711, signal.SIGKILL)]


@pytest.mark.parametrize(
    "info", [b"", b"{", b"[]", b'{"child-pid": "x"}', b'{"child-pid": 4711}', b'{"child-pid": -1}']
)
def test_before_there_is_one_all_below_the_tracer_are_ended(
    info: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = killed(monkeypatch)
    monkeypatch.setattr(processes, "is_first_of_namespace", lambda pid: False)
    monkeypatch.setattr(processes, "descendants", lambda pid: [pid + 1, pid + 2])
    Bubblewrap(plan(tmp_path)).end(1234, info)
    assert seen == [(1235, signal.SIGKILL), (1236, signal.SIGKILL)]


def test_in_a_container_the_users_processes_end_and_the_supervisor_is_itself_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    monkeypatch.setattr(os, "setresuid", lambda *ids: seen.append(ids))
    monkeypatch.setattr(os, "kill", lambda pid, number: seen.append((pid, number)))
    User(plan(tmp_path, launcher="user", uid=1001)).end(1234, b"")
    assert seen == [(1001, 1001, 0), (-1, signal.SIGKILL), (0, 0, 0)]


def test_where_no_process_is_left_the_supervisor_is_itself_again_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    def nobody(pid: int, number: int) -> None:
        raise ProcessLookupError

    monkeypatch.setattr(os, "setresuid", lambda *ids: seen.append(ids))
    monkeypatch.setattr(os, "kill", nobody)
    one = User(plan(tmp_path, launcher="user"))
    one.end(1234, b"")
    one.end_rest()
    assert seen[-1] == (0, 0, 0)
