"""What a system call follows: told of whoever asked, and again whenever its thread told something else in between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.interpreter.prefix import Prefix

ACTS = """\
import os, select, socket, sqlite3, tempfile, threading, time
time.sleep(0)  # time.sleep
select.select([], [], [], 0)  # select.select
os.pipe()  # os.pipe
tempfile.TemporaryFile().close()
threading.Thread(target=int).start()  # _thread.start_new_thread
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # socket.setsockopt
one.bind(("127.0.0.1", 0))
one.sendto(b"x", one.getsockname())
one.recvfrom(1)  # socket.recvfrom
base = sqlite3.connect(":memory:")
base.execute("create table a (b)")  # sqlite3.execute
base.commit()  # sqlite3.execute
os.mkfifo("fifo")  # os.mkfifo
try: os.setuid(2**31)  # os.setuid
except OSError: pass
"""
NAMES = (
    "time.", "select.", "os.pipe", "_thread.", "socket.setsockopt", "socket.recvfrom", "sqlite3.execute", "os.mkfifo", "os.setuid",
)  # fmt: skip


def run(probed: Prefix, script: Path, text: str) -> list[dict[str, Any]]:
    script.write_text(text)
    ended = probed.run("-I", script)
    assert (ended.status, ended.output, ended.errors) == (0, b"", b"")
    return ended.lines


def lines_of(told: list[dict[str, Any]], *names: str) -> list[tuple[str, int]]:
    return [(line["e"], line["l"]) for line in told if line["e"].startswith(names)]


def test_each_is_told_with_its_line(probed: Prefix, tmp_path: Path) -> None:
    program = "import os; os.chdir(os.path.dirname(__file__)); " + ACTS
    expected = [(text.split("# ")[1], number) for number, text in enumerate(program.splitlines(), 1) if "# " in text]
    assert lines_of(run(probed, tmp_path / "acts.py", program), *NAMES) == expected


def test_whoever_asked_through_the_library_is_told(probed: Prefix, tmp_path: Path) -> None:
    told = run(probed, tmp_path / "a.py", "import subprocess\nsubprocess.run(['true'],\n    stdout=subprocess.PIPE)\n")
    assert lines_of(told, "os.pipe")[0] == ("os.pipe", 2)


def test_a_place_is_told_again_after_another(probed: Prefix, tmp_path: Path) -> None:
    told = run(
        probed,
        tmp_path / "a.py",
        "import time\nfor _ in range(3): time.sleep(0)\nfor _ in range(2):\n    time.sleep(0)\n    time.sleep(0)\ntime.time()\ntime.sleep(0)\n",
    )
    assert lines_of(told, "time.sleep") == [("time.sleep", number) for number in (2, 4, 5, 4, 5, 7)]


def test_what_is_no_act_is_told_once(probed: Prefix, tmp_path: Path) -> None:
    told = run(
        probed, tmp_path / "a.py", "import random\nfor _ in range(3):\n    random.random()\n    random.random()\n"
    )
    assert lines_of(told, "random.") == [("random.random", 3), ("random.random", 4)]


def test_not_without_end(probed: Prefix, tmp_path: Path) -> None:
    told = run(probed, tmp_path / "a.py", "import time\nfor _ in range(300):\n    time.sleep(0)\n    time.sleep(0)\n")
    assert lines_of(told, "time.sleep") == [("time.sleep", number) for _ in range(100) for number in (3, 4)]


def test_each_thread_is_told(probed: Prefix, tmp_path: Path) -> None:
    program = (
        "import threading, time\n"
        "def sleep(): time.sleep(0)\n"
        "for _ in range(3):\n"
        "    one = threading.Thread(target=sleep)\n    one.start()\n    one.join()\n"
    )
    assert lines_of(run(probed, tmp_path / "a.py", program), "time.sleep") == [("time.sleep", 2)] * 3


def test_other_reads_and_writes_are_not(probed: Prefix, tmp_path: Path) -> None:
    told = run(probed, tmp_path / "a.py", "import io, os\nwith open(os.devnull, 'r+b') as f: f.write(b'x'), f.read()\n")
    assert lines_of(told, "ssl.") == []


def test_a_module_in_c_is_told_with_its_file(probed: Prefix, tmp_path: Path) -> None:
    (tmp_path / "own.abi3.so").write_bytes(b"nothing")
    told = run(
        probed,
        tmp_path / "a.py",
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\ntry: import own\nexcept ImportError: pass\nimport _socket\n",
    )
    found = [(line["l"], line["a"]) for line in told if line["e"] == "import.native"]
    assert found == [(3, ["own", str(tmp_path / "own.abi3.so")])]


def test_functions_of_c_are_told_where_they_are_called(probed: Prefix, tmp_path: Path) -> None:
    told = run(
        probed,
        tmp_path / "a.py",
        "import ctypes\nlook = ctypes.CDLL(None).getppid\nlook.argtypes = []\nlook()\nclass Own:\n    def __call__(self): pass\nOwn()()\n",
    )
    calls = [
        (line["e"], line["l"], line["a"][-1]) for line in told if line["e"].startswith("ctypes.") and line["l"] > 1
    ]
    looked = [("ctypes.dlopen", 2, "<NoneType>"), ("ctypes.dlsym", 2, "getppid")]
    if tuple(probed.version) < (3, 12):
        assert calls == looked
    else:
        assert calls == [*looked, ("ctypes.call", 4, "getppid")]


@pytest.mark.parametrize("name", ["t", "p", "n"])
def test_a_line_begins_with_what_tells_it_from_all_others(probed: Prefix, tmp_path: Path, name: str) -> None:
    """By that the analyzer finds the system call that wrote it (`analyzer.trace.calls.marks`)."""
    told = run(probed, tmp_path / "a.py", "import time\ntime.time()\n")
    assert all(list(line).index(name) == "tpn".index(name) for line in told)
