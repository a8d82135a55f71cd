"""What lies over the first process of the embedded sandbox reads as a machine's own does."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import psutil
import pytest

from analyzer.sandbox import first


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder, as `/proc/1` of a made-up /proc."""
    first.furnish(tmp_path / "1")
    return tmp_path / "1"


def test_it_reads_as_the_same_process_everywhere(folder: Path) -> None:
    fields = (folder / "stat").read_text().split()
    status = dict(line.split(":\t", 1) for line in (folder / "status").read_text().splitlines())
    assert (len(fields), fields[0], fields[1], fields[3]) == (52, "1", "(systemd)", "0")
    assert (status["Name"], status["PPid"], status["TracerPid"], status["NSpid"]) == ("systemd", "0", "0", "1")
    pages = (folder / "statm").read_text().split()
    assert int(fields[22]) == int(pages[0]) * 4096 == int(status["VmSize"].split()[0]) * 1024
    assert int(fields[23]) * 4 == int(pages[1]) * 4 == int(status["VmRSS"].split()[0])
    assert (folder / "comm").read_text() == "systemd\n"
    assert (folder / "sched").read_text().startswith("systemd (1, ")


def test_tools_can_read_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy("/proc/stat", folder.parent / "stat")
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(folder.parent))
    process = psutil.Process(1)
    assert (process.name(), process.cmdline(), process.ppid()) == ("systemd", ["/sbin/init"], 0)
    assert process.memory_info().rss > 0


def test_what_others_may_not_read_is_closed(folder: Path) -> None:
    closed = {path.name for path in folder.iterdir() if path.is_file() and stat.S_IMODE(path.lstat().st_mode) == 0}
    assert {"environ", "maps", "mem", "mountinfo"} <= closed


def test_its_owner_can_remove_it(folder: Path) -> None:
    folders = [folder, *(Path(place, name) for place, names, _ in os.walk(folder) for name in names)]
    assert all(os.access(one, os.W_OK | os.X_OK) for one in folders if not one.is_symlink())
    shutil.rmtree(folder)
