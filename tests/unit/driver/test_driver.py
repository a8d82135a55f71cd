"""The driver that imports, run by every interpreter of this machine as the supervisor runs it: with orders and a pipe."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.unit.driver.driving import drive, drive_names


def test_modules_one_after_the_other(python: Path, tmp_path: Path) -> None:
    driven = drive(python, tmp_path, first="print('text')", second="import first")
    assert (driven.status, driven.output, driven.errors) == (0, "text\n", "")
    assert driven.untimed == [
        {"begin": "first"},
        {"end": "first", "error": "", "found": 0},
        {"begin": "second"},
        {"end": "second", "error": "", "found": 0},
        {"done": True},
    ]


def test_times_are_seconds_since_the_epoch(python: Path, tmp_path: Path) -> None:
    before = time.time()
    times = [message["t"] for message in drive(python, tmp_path, first="", second="").messages if "t" in message]
    assert len(times) == 4
    assert before - 1 <= times[0] <= times[1] <= times[2] <= times[3] <= time.time() + 1


def test_the_callables_of_each_module_are_counted(python: Path, tmp_path: Path) -> None:
    driven = drive(
        python, tmp_path, some="def one(): pass\nclass Two:\n    def three(self): pass", fails="def one(): pass\n1 / 0"
    )
    assert [message["found"] for message in driven.messages if "found" in message] == [3, 0]


def test_nothing_to_import(python: Path, tmp_path: Path) -> None:
    assert drive(python, tmp_path).messages == [{"done": True}]


def test_what_a_module_raises_costs_only_itself(python: Path, tmp_path: Path) -> None:
    driven = drive(
        python,
        tmp_path,
        value="raise ValueError('text')",
        leaves="import sys; sys.exit('status')",
        interrupted="raise KeyboardInterrupt",
        syntax="1 +",
        long="raise ValueError('x' * 100_000)",
        surrogate="raise ValueError('\\udcff\\n')",
        own="class Own(BaseException): pass\nraise Own('text')",
        untold="class Untold(Exception):\n    def __str__(self): raise KeyboardInterrupt\nraise Untold",
        odd="""
            class Text(str):
                def __format__(self, spec): return 5
                __radd__ = __getitem__ = __format__
            class Odd(Exception):
                def __str__(self): return Text()
            raise Odd
        """,
        deep="def deep(): deep()\ndeep()",
        fine="",
    )
    assert driven.status == 0
    assert driven.messages[-1] == {"done": True}
    ends = driven.ends
    assert ends["value"] == "ValueError: text"
    assert ends["leaves"] == "SystemExit: status"
    assert ends["interrupted"] == "KeyboardInterrupt: "
    assert ends["syntax"].startswith("SyntaxError: ")
    assert ends["long"] == ("ValueError: " + "x" * 100_000)[:1000]
    assert ends["surrogate"] == "ValueError: \udcff\n"
    assert ends["own"] == "Own: text"
    assert ends["untold"] == "an error that cannot be told"
    assert ends["deep"].startswith("RecursionError: ")
    assert ends["fine"] == ""
    assert list(ends) == [message["begin"] for message in driven.messages if "begin" in message]


def test_a_missing_module_and_names_that_are_none(python: Path, tmp_path: Path) -> None:
    driven = drive_names(python, tmp_path, ["missing", "", ".", "a.b", "os.path"])
    assert driven.status == 0
    assert driven.ends["missing"] == "ModuleNotFoundError: No module named 'missing'"
    assert driven.ends[""] == "ValueError: Empty module name"
    assert driven.ends["."].startswith("TypeError: ")
    assert driven.ends["a.b"] == "ModuleNotFoundError: No module named 'a'"
    assert driven.ends["os.path"] == ""


def test_what_the_module_finds(python: Path, tmp_path: Path) -> None:
    text = "import sys; print(sys.argv, repr(sys.path[0]), repr(sys.stdin.read()), __name__)"
    driven = drive(python, tmp_path, looks=text)
    assert (driven.output, driven.errors) == ("[''] '' '' looks\n", "")


def test_an_end_in_the_midst(python: Path, tmp_path: Path) -> None:
    driven = drive(python, tmp_path, first="", ends="import os; print('lost'); os._exit(7)", never="")
    assert (driven.status, driven.output) == (7, "")
    assert driven.untimed[-1] == {"begin": "ends"}


@pytest.mark.parametrize("does", ["os.close(number)", "os.dup2(os.open('own', os.O_RDWR | os.O_CREAT), number)"])
def test_a_module_that_takes_the_pipes_descriptor(python: Path, tmp_path: Path, does: str) -> None:
    """Messages would go into the package's own file; the supervisor starts the driver again for what is left."""
    text = f"import os\nfor number in range(3, 50):\n    try: {does}\n    except OSError: pass\n"
    driven = drive(python, tmp_path, takes=text, never="print('never')")
    assert (driven.status, driven.output) == (1, "")
    assert driven.untimed == [{"begin": "takes"}]
    assert not (tmp_path / "own").exists() or (tmp_path / "own").stat().st_size == 0


def test_it_waits_for_what_was_left_at_work(python: Path, tmp_path: Path) -> None:
    """A daemon thread is not waited for by the interpreter, and would say nothing without the driver's patience."""
    thread = """
        import threading, time
        threading.Thread(target=lambda: (time.sleep(0.3), print("late", flush=True)), daemon=True).start()
    """
    assert drive(python, tmp_path, thread=thread).output == "late\n"


_SLEPT = "import atexit, time\nslept = []; time.sleep = slept.append; atexit.register(lambda: print(slept))\n"
"""Notes the driver's patience instead of having it, from before the driver begins."""


def test_it_waits_for_the_peer_of_a_listening_socket(python: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(_SLEPT)
    text = "import atexit, socket\nserver = socket.create_server(('127.0.0.1', 0))\natexit.register(server.close)"
    assert drive(python, tmp_path, listens=text).output == "[0.7]\n"


def test_it_does_not_wait_for_what_has_ended(python: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(_SLEPT)
    text = "import threading\nthread = threading.Thread(target=int)\nthread.start(); thread.join()"
    assert drive(python, tmp_path, ends=text).output == "[]\n"


def test_a_copy_of_the_process_does_not_go_on(python: Path, tmp_path: Path) -> None:
    """A module that forks returns to the driver twice."""
    driven = drive(python, tmp_path, forks="import os\nif os.fork(): os.wait()", after="print('once')")
    assert (driven.status, driven.output) == (0, "once\n")
    assert [message["begin"] for message in driven.messages if "begin" in message] == ["forks", "after"]


def test_modules_that_take_its_tools(python: Path, tmp_path: Path) -> None:
    text = """
        import builtins, json, os, sys, time
        for name in list(vars(builtins)):
            if not name.startswith("_") and name not in ("print", "Exception", "BaseException"):
                try: delattr(builtins, name)
                except BaseException: pass
        os.write = json.dumps = json.loads = time.monotonic = sys.modules.pop = None
        sys.modules.clear()
    """
    driven = drive(python, tmp_path, takes=text, after="")
    assert driven.messages[-1] == {"done": True}
    assert list(driven.ends) == ["takes", "after"]


def test_a_package_may_have_modules_called_as_its_own(python: Path, tmp_path: Path) -> None:
    assert drive(python, tmp_path, exercise="print('the package')").output == "the package\n"
