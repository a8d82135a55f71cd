"""Control groups on files that look like the kernel's: what is written where, and what the absence of things does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from analyzer.sandbox import cgroup
from analyzer.sandbox.interface import MIB, Limits
from analyzer.sandbox.leftovers import new_token

LIMITS = Limits(memory_bytes=100 * MIB, disk_bytes=50 * MIB, processes=20, cpus=1.5)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of the groups. In a real one, files come with a new folder and go with it."""
    monkeypatch.setattr(cgroup, "_ROOT", tmp_path)
    make = Path.mkdir

    def appear(path: Path, mode: int = 0o777) -> None:
        make(path, mode)
        if path.name.startswith("fumehood-"):
            (path / "cgroup.procs").touch()

    def remove(path: Path) -> None:
        for name in os.listdir(path):
            (path / name).unlink()
        os.rmdir(path)

    monkeypatch.setattr(Path, "mkdir", appear)
    monkeypatch.setattr(Path, "rmdir", remove)
    return tmp_path


def test_one_hierarchy_gets_one_group(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "cgroup.controllers").write_text("cpu memory pids")
    token = new_token()
    with cgroup.limited(token, LIMITS) as groups:
        (folder,) = groups.folders
        assert folder == root / f"fumehood-{token}"
        assert int((folder / "memory.max").read_text()) == LIMITS.hard_memory_bytes >= 150 * MIB
        assert (folder / "memory.swap.max").read_text() == "0"
        assert int((folder / "pids.max").read_text()) == LIMITS.hard_processes > 20
        assert (folder / "cpu.max").read_text() == "150000 100000"
        assert groups.joined_by == [folder / "cgroup.procs"]
    assert not folder.exists()


def test_each_controller_of_the_old_kind_gets_a_group(root: Path) -> None:
    for controller in ("memory", "pids", "cpu"):
        (root / controller).mkdir()
    token = new_token()
    with cgroup.limited(token, LIMITS) as groups:
        assert [folder.parent.name for folder in groups.folders] == ["memory", "pids", "cpu"]
        assert int((root / "memory" / f"fumehood-{token}" / "memory.limit_in_bytes").read_text()) > 150 * MIB
        assert (root / "cpu" / f"fumehood-{token}" / "cpu.cfs_quota_us").read_text() == "150000"
    assert [path for path in root.rglob("fumehood-*")] == []


def test_a_group_gives_way_by_the_file_that_it_has(root: Path) -> None:
    for controller in ("memory", "cpu"):
        (root / controller).mkdir()
    with cgroup.limited(new_token(), LIMITS) as groups:
        memory, cpu = groups.folders
        (cpu / "cpu.shares").write_text("1024")
        groups.give_way()
        assert (cpu / "cpu.shares").read_text() == "64"
        assert sorted(os.listdir(memory)) == ["cgroup.procs", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"]


def test_one_group_gives_way_by_its_weight(root: Path) -> None:
    (root / "cgroup.controllers").write_text("cpu")
    with cgroup.limited(new_token(), LIMITS) as groups:
        (groups.folders[0] / "cpu.weight").write_text("100")
        groups.give_way()
        assert (groups.folders[0] / "cpu.weight").read_text() == "6"


@pytest.mark.parametrize(
    ("name", "text", "seconds"),
    [
        ("cpuacct.usage", "2500000000\n", 2.5),
        ("cpu.stat", "usage_usec 1500000\nuser_usec 1\n", 1.5),
        ("cpu.stat", "nr_periods 5\n", 0.0),
        ("cpuacct.usage", "nonsense", 0.0),
    ],
)
def test_the_processor_time_of_a_group(root: Path, name: str, text: str, seconds: float) -> None:
    for controller in ("memory", "cpu"):
        (root / controller).mkdir()
    with cgroup.limited(new_token(), LIMITS) as groups:
        (groups.folders[1] / name).write_text(text)
        assert groups.processor_seconds() == seconds


def test_a_controller_that_is_absent_is_left_out(root: Path) -> None:
    (root / "pids").mkdir()
    with cgroup.limited(new_token(), LIMITS) as groups:
        assert [folder.parent.name for folder in groups.folders] == ["pids"]


def test_a_machine_without_groups_has_none(root: Path) -> None:
    with cgroup.limited(new_token(), LIMITS) as groups:
        assert groups.folders == ()
        assert groups.ended_for_memory == 0
        assert cgroup.joining(groups, ["true", "word"]) == ["true", "word"]


def test_a_user_who_may_not_make_groups_has_none(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "memory").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with cgroup.limited(new_token(), LIMITS) as groups:
        assert groups.folders == ()


def test_a_refusal_of_the_kernel_is_no_error(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "memory").mkdir()

    def refuse(path: Path, mode: int = 0o777) -> None:
        raise PermissionError(path)

    monkeypatch.setattr(Path, "mkdir", refuse)
    with cgroup.limited(new_token(), LIMITS) as groups:
        assert groups.folders == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [("memory.events", "low 0\noom 3\noom_kill 2\n"), ("memory.oom_control", "under_oom 0\noom_kill 2\n")],
)
def test_the_kernels_count_of_ended_processes_is_read(name: str, text: str, root: Path) -> None:
    (root / "memory").mkdir()
    with cgroup.limited(new_token(), LIMITS) as groups:
        assert groups.ended_for_memory == 0
        (groups.folders[0] / name).write_text(text)
        assert groups.ended_for_memory == 2


def test_a_process_joins_before_it_becomes_the_command(root: Path) -> None:
    for controller in ("memory", "pids"):
        (root / controller).mkdir()
    with cgroup.limited(new_token(), LIMITS) as groups:
        command = cgroup.joining(
            groups, [sys.executable, "-c", "import os, sys; print(os.getpid(), sys.argv[1:])", "a b", "$x"]
        )
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
        pid, _, words = ended.stdout.partition(" ")
        assert words == "['a b', '$x']\n"
        assert [file.read_text() for file in groups.joined_by] == [f"{pid}\n"] * 2


def test_what_is_left_in_a_group_is_ended_and_never_our_own_group_of_processes(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "memory").mkdir()
    ended: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: ended.append((pid, number)))
    with cgroup.limited(new_token(), LIMITS) as groups:
        groups.joined_by[0].write_text("0\n1\n4711\n")
    assert ended == [(4711, signal.SIGKILL)]


def test_a_group_that_stays_busy_is_given_up_in_the_end(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "memory").mkdir()
    waited: list[float] = []
    monkeypatch.setattr(cgroup.time, "sleep", waited.append)

    def busy(path: Path) -> None:
        raise OSError(16, "Device or resource busy")

    with cgroup.limited(new_token(), LIMITS):
        monkeypatch.setattr(Path, "rmdir", busy)
    assert 1 < sum(waited) < 10


def test_groups_of_killed_analyzers_go_with_the_next_one(root: Path) -> None:
    (root / "memory").mkdir()
    program = "from analyzer.sandbox.leftovers import new_token; print(new_token())"
    dead = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
    other = root / "memory" / f"fumehood-{new_token()}"
    for folder in (other, root / "memory" / f"fumehood-{dead}"):
        folder.mkdir()
    with cgroup.limited(new_token(), LIMITS) as groups:
        assert set((root / "memory").iterdir()) == {other, *groups.folders}
