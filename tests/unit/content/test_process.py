from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from analyzer.content.process import FileReader
from analyzer.model.package import Acquisition, ServedFile
from tests.packages import make_wheel


@pytest.fixture
def acquisition(tmp_path: Path) -> Acquisition:
    path = make_wheel(tmp_path, "demo", modules={"demo.py": "# http://a.example/x\n"})
    return Acquisition(
        "demo", "1.0", "wheel", (), (ServedFile(path.name, path, "0" * 64, path.stat().st_size, "target"),)
    )


def test_a_process_reads_the_files(acquisition: Acquisition) -> None:
    with FileReader(acquisition) as reader:
        facts = reader.facts()
        assert reader.is_done
    assert [one.file for one in facts.urls if one.url == "http://a.example/x"] == ["demo.py"]
    assert facts.failed == ()


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("raise SystemExit(3)", "ended with status 3"),
        ("import os; os.kill(os.getpid(), 24)", "processor time"),
        ("import os; os.kill(os.getpid(), 9)", "ended by the system"),
        ("import os; os.kill(os.getpid(), 14)", "took longer"),
        ("print('{}x')", "cannot be understood"),
        ("print('{\"format\": 2}')", "cannot be understood"),
        ("print('{\"files\": -1}')", "cannot be understood"),
        ("pass", "cannot be understood"),
    ],
)
def test_a_process_that_fails_says_why_nothing_is_known(acquisition: Acquisition, program: str, expected: str) -> None:
    with FileReader(acquisition, [sys.executable, "-I", "-S", "-c", program]) as reader:
        (reason,) = reader.facts().failed
    assert expected in reason


def test_a_process_that_cannot_be_started(acquisition: Acquisition) -> None:
    with FileReader(acquisition, ["/nowhere/python"]) as reader:
        assert "could not be started" in reader.facts().failed[0]


def test_the_process_is_gone_when_the_block_is_left(acquisition: Acquisition) -> None:
    before = {child.pid for child in psutil.Process().children()}
    with FileReader(acquisition, [sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"]) as reader:
        assert not reader.is_done
        assert len({child.pid for child in psutil.Process().children()} - before) == 1
    assert {child.pid for child in psutil.Process().children()} <= before


_KILLED = """
import os, psutil, signal, sys, time
from pathlib import Path
from analyzer.content.process import FileReader
from analyzer.model.package import Acquisition, ServedFile
path = Path(sys.argv[1])
files = (ServedFile(path.name, path, "0" * 64, 1, "target"),)
with FileReader(Acquisition("demo", "1.0", "sdist", (), files)):
    child = psutil.Process().children()[0]
    while sys.argv[2] == "later" and not Path(f"/proc/{child.pid}/status").read_text().count("NoNewPrivs:\\t1"):
        time.sleep(0.01)
    print(child.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("when", ["at once", "later"])
def test_the_process_ends_with_the_one_that_started_it(tmp_path: Path, when: str) -> None:
    fifo = tmp_path / "demo-1.0.tar.gz"
    os.mkfifo(fifo)  # what is read never comes
    ended = subprocess.run([sys.executable, "-c", _KILLED, fifo, when], capture_output=True, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    child = int(ended.stdout)
    deadline = time.monotonic() + 20
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)


_LIMITS = """
import os, resource, sys
sys.path.insert(0, sys.argv[1])
from analyzer.content.confinement import confine
confine(os.getppid())
print(resource.getrlimit(resource.RLIMIT_CPU)[0], resource.getrlimit(resource.RLIMIT_AS)[0] < 2**40, resource.getrlimit(resource.RLIMIT_CORE)[1])
print([line.split()[1] for line in open("/proc/self/status") if line.startswith("NoNewPrivs")])
try:
    bytearray(4 * 1024**3)
except MemoryError:
    print("bounded")
"""


def test_the_process_takes_its_limits() -> None:
    root = Path(__file__).parents[3]
    said = subprocess.run([sys.executable, "-c", _LIMITS, root], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.splitlines() == ["90 True 0", "['1']", "bounded"]
