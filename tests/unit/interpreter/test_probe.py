"""The probe inside real interpreters of every version that this machine has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.interpreter.observing import Interpreter, executables, furnish


@pytest.fixture(scope="module", params=executables(), ids=lambda path: path.parent.parent.name + "-" + path.name)
def interpreter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Interpreter:
    """An interpreter with the probe."""
    return furnish(request.param, tmp_path_factory.mktemp("interpreter"))


CLOCKS = """\
import time, datetime
from time import time as t
from datetime import datetime as dt, date
time.time()
t()
time.time_ns()
dt.now()
dt.utcnow() if hasattr(dt, "utcnow") else None
datetime.datetime.now(datetime.timezone.utc)
date.today()
time.gmtime()
time.localtime()
time.ctime()
time.strftime("%Y")
time.clock_gettime(time.CLOCK_REALTIME)
class Own(dt):
    pass
Own.now()
"""


def test_every_way_to_read_the_time_is_seen_with_its_line(interpreter: Interpreter) -> None:
    seen = interpreter.run("import warnings\nwarnings.simplefilter('ignore')\n" + CLOCKS)
    assert seen.status == 0, seen.errors
    assert seen.named("time.time") == [("program.py", 6), ("program.py", 7)]
    assert seen.named("time.time_ns") == [("program.py", 8)]
    assert seen.named("datetime.now") == [("program.py", 9), ("program.py", 11), ("program.py", 20)]
    assert seen.named("datetime.today") == [("program.py", 12)]
    assert seen.named("time.gmtime") == [("program.py", 13)]
    assert seen.named("time.localtime") == [("program.py", 14)]
    assert seen.named("time.ctime") == [("program.py", 15)]
    assert seen.named("time.strftime") == [("program.py", 16)]
    assert seen.named("time.clock_gettime") == [("program.py", 17)]
    assert {event["m"] for event in seen.events if event["e"].startswith("time.")} == {"__main__"}


def test_other_clocks_given_times_and_the_librarys_own_calls_are_not(interpreter: Interpreter) -> None:
    seen = interpreter.run(
        "import logging, tempfile, time, datetime, random\n"
        "time.monotonic(), time.perf_counter(), time.process_time(), time.thread_time()\n"
        "time.clock_gettime(time.CLOCK_MONOTONIC)\n"
        "time.gmtime(0), time.localtime(0), time.ctime(0), time.strftime('%Y', time.gmtime(0))\n"
        "datetime.datetime.fromtimestamp(0)\n"
        "logging.warning('text')\n"
    )
    assert seen.status == 0, seen.errors
    assert [event["e"] for event in seen.events if event["e"].startswith(("time.", "datetime."))] == []


def test_code_of_packages_is_told_from_the_librarys_by_its_place(interpreter: Interpreter) -> None:
    site = interpreter.executable.parent.parent / "lib"
    (site / "site-packages").mkdir(exist_ok=True)
    (site / "site-packages/imported.py").write_text("import time\ndef now():\n    return time.time()\n")
    seen = interpreter.run(
        f"import sys\nsys.path.insert(0, {str(site / 'site-packages')!r})\nimport imported\nimported.now()\n"
    )
    assert seen.status == 0, seen.errors
    assert seen.named("time.time") == [("imported.py", 3)]
    (event,) = [event for event in seen.events if event["e"] == "time.time"]
    assert event["m"] == "imported"
    assert [(Path(file).name, line) for file, line in event["s"]] == [("program.py", 4)]


def test_audit_events_have_arguments_and_the_nearest_line_outside_of_the_library(interpreter: Interpreter) -> None:
    seen = interpreter.run(
        "import os, socket, subprocess, shutil\n"
        "open('a.txt', 'w').close()\n"
        "os.rename('a.txt', 'b.txt')\n"
        "shutil.copyfile('b.txt', 'c.txt')\n"
        "subprocess.run(['true', 'x'])\n"
        "os.remove('b.txt'); os.remove('c.txt')\n"
        "s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); s.close()\n"
    )
    assert seen.status == 0, seen.errors
    by_name = {event["e"]: event for event in seen.events}
    assert (by_name["os.rename"]["a"][:2], by_name["os.rename"]["l"]) == (["a.txt", "b.txt"], 3)
    assert by_name["shutil.copyfile"]["l"] == 4
    assert (by_name["subprocess.Popen"]["a"][1], by_name["subprocess.Popen"]["l"]) == ("true x", 5)
    assert by_name["socket.bind"]["l"] == 7
    assert seen.named("socket.listen") == [("program.py", 7)]
    opened = [event["a"][0] for event in seen.events if event["e"] == "open"]
    assert "a.txt" in opened
    assert not any(name.endswith((".py", ".pyc")) for name in opened)


def test_the_first_line_tells_how_the_process_was_started(interpreter: Interpreter) -> None:
    for options in ((), ("-I", "-S", "-E"), ("-S",), ("-I", "-B", "-X", "utf8")):
        seen = interpreter.run("pass\n", *options, arguments=("argument",))
        assert seen.status == 0, seen.errors
        assert seen.events[0]["e"] == "start"
        assert seen.events[0]["n"] == 1
        if seen.events[0]["a"]:  # sys.orig_argv came with Python 3.10
            assert str(interpreter.folder / "program.py") in seen.events[0]["a"]


def test_a_forked_child_and_one_that_was_executed_are_seen(interpreter: Interpreter) -> None:
    seen = interpreter.run(
        "import os, sys, time\n"
        "if os.fork() == 0:\n"
        "    time.time()\n"
        "    os.execv(sys.executable, [sys.executable, '-c', 'import time; time.time()'])\n"
        "os.wait()\n"
    )
    assert seen.status == 0, seen.errors
    starts = [(event["p"], event["a"]) for event in seen.events if event["e"] == "start"]
    assert len(starts) == 3
    assert starts[1][1] == ["fork"]
    assert starts[1][0] == starts[2][0] != starts[0][0]
    assert {event["p"] for event in seen.events if event["e"] == "time.time"} == {starts[1][0]}
    assert seen.named("time.time") == [("program.py", 3), ("<string>", 1)]


def test_threads_are_seen(interpreter: Interpreter) -> None:
    seen = interpreter.run(
        "import concurrent.futures, threading, time\n"
        "def first():\n"
        "    time.time()\n"
        "def second():\n"
        "    third = threading.Thread(target=lambda:\n"
        "        time.time_ns())\n"
        "    third.start(); third.join()\n"
        "for target in first, second:\n"
        "    one = threading.Thread(target=target)\n"
        "    one.start(); one.join()\n"
        "with concurrent.futures.ThreadPoolExecutor() as pool:\n"
        "    pool.submit(lambda: time.ctime()).result()\n"
    )
    assert seen.status == 0, seen.errors
    assert seen.named("time.time") == [("program.py", 3)]
    assert seen.named("time.time_ns") == [("program.py", 6)]
    assert seen.named("time.ctime") == [("program.py", 12)]


def test_many_threads_at_once_start_as_they_do_without_the_probe(interpreter: Interpreter) -> None:
    seen = interpreter.run(
        "import sys, threading\n"
        "sys.setswitchinterval(1e-6)\n"
        "done = []\n"
        "threads = [threading.Thread(target=lambda: done.append(len([x for x in range(200)]))) for _ in range(300)]\n"
        "[thread.start() for thread in threads]\n"
        "[thread.join() for thread in threads]\n"
        "print(len(done), [vars(thread).get('_bootstrap_inner') for thread in threads if '_bootstrap_inner' in vars(thread)])\n"
    )
    assert (seen.status, seen.output, seen.errors) == (0, "300 []\n", "")


SAME = """\
import os, sys, threading, time, traceback, types

def depth(n=1):
    try:
        return depth(n + 1)
    except RecursionError:
        return n

class Hostile(str):
    calls = []
    def __str__(self): self.calls.append("str"); return "x"
    def __len__(self): self.calls.append("len"); return 1
    def startswith(self, *a): self.calls.append("startswith"); return True
    def endswith(self, *a): self.calls.append("endswith"); return True

class Lazy:
    calls = []
    @property
    def __class__(self): self.calls.append("class"); return str
    def __getattr__(self, name): self.calls.append(name); raise AttributeError(name)
    def __call__(self): return 1

class Time:
    __name__ = "time"
    calls = []
    def __getattribute__(self, name): Time.calls.append(name); return object.__getattribute__(self, name)

def failing():
    raise ValueError("first")

print("depth", depth() // 20)
try:
    try:
        failing()
    except ValueError:
        time.time()
        open("/nonexistent/file")
except OSError as error:
    print(type(error.__context__).__name__, error.errno, sys.exc_info()[0].__name__)
    traceback.print_exc()
open(Hostile(os.devnull)).close()
try:
    open(Lazy())
except TypeError:
    print("TypeError")
Lazy()()
print(Hostile.calls, Lazy.calls, Time.calls)
thread = threading.Thread(target=failing, name="failing")
thread.start(); thread.join()
print(type(time.time), time.time is __import__("time").time, getattr(threading, "_start_new_thread", None) in {None, __import__("_thread").start_new_thread})
print(sorted(set(sys.modules)), [name for name in dir(__import__("encodings")) if "observe" in name])
print(threading.active_count(), sys.getrecursionlimit(), sys.gettrace(), sys.flags, sorted(vars(thread)))
sys.exit(7)
"""


def test_the_program_sees_no_difference(interpreter: Interpreter) -> None:
    seen = interpreter.run(SAME)
    status, output, errors = interpreter.run_plain(SAME)
    assert seen.status == status == 7, seen.errors
    assert seen.output == output
    assert seen.errors.replace("/observed/", "/plain/") == errors
    assert {"start", "open"} <= {event["e"] for event in seen.events}


def test_without_its_pipe_the_interpreter_is_an_ordinary_one(interpreter: Interpreter) -> None:
    moved = interpreter.pipe.rename(interpreter.pipe.with_name("elsewhere"))
    try:
        ended = interpreter._run(interpreter.executable, "-c", "import time; print(time.time() > 0)")
    finally:
        moved.rename(interpreter.pipe)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "True\n", "")


def test_a_program_that_closes_every_descriptor_goes_on(interpreter: Interpreter) -> None:
    seen = interpreter.run(
        "import os, time\nos.closerange(3, 1024)\nopen('x', 'w').close()\nos.remove('x')\ntime.time()\nprint('on')\n"
    )
    assert (seen.status, seen.output, seen.errors) == (0, "on\n", "")


def test_too_deep_a_recursion_does_not_blind_it(interpreter: Interpreter) -> None:
    seen = interpreter.run(
        "import os, time\n"
        "def deep():\n"
        "    deep()\n"
        "try:\n"
        "    deep()\n"
        "except RecursionError:\n"
        "    pass\n"
        "os.chdir('.')\n"
        "time.time()\n"
    )
    assert seen.status == 0, seen.errors
    assert seen.named("time.time") == [("program.py", 9)]


def test_a_profile_function_of_the_programs_own_stays(interpreter: Interpreter) -> None:
    seen = interpreter.run(
        "import os, sys\n"
        "calls = []\n"
        "def own(frame, event, argument):\n"
        "    calls.append(event)\n"
        "sys.setprofile(own)\n"
        "os.chdir('.')\n"
        "assert sys.getprofile() is own\n"
        "sys.setprofile(None)\n"
        "os.chdir('.')\n"
        "assert sys.getprofile() is None\n"
        "print('c_call' in calls)\n"
    )
    assert (seen.status, seen.output) == (0, "True\n"), seen.errors
    assert ("program.py", 5) in seen.named("sys.setprofile")


NAMES = [
    "plain",
    'quote"back\\slash',
    "line\nbreak\ttab\x1b[31m",
    "\u00e9\u4e2d\U0001f40d",
    "\udcff\udc80",
    "x" * 3000,
    '","f":"forged","l":1,"m":"","s":[]}\n{"t":1',
]


def test_any_name_is_a_line_of_its_own(interpreter: Interpreter) -> None:
    program = "import json, os, sys\nfor name in json.loads(sys.argv[1]):\n    try:\n        os.mkdir(name)\n    except OSError:\n        pass\n    else:\n        os.rmdir(name)\n"
    seen = interpreter.run(program, arguments=(json.dumps(NAMES),))
    assert seen.status == 0, seen.errors
    assert [event["a"][0] for event in seen.events if event["e"] == "os.mkdir"] == [name[:300] for name in NAMES]


def test_long_arguments_and_deep_stacks_stay_within_one_atomic_write(interpreter: Interpreter) -> None:
    program = (
        "import subprocess\n"
        "def deep(n):\n"
        "    if n:\n"
        "        return deep(n - 1)\n"
        "    subprocess.run(['true', *['\\u4e2d' * 400] * 10])\n"
        "deep(100)\n"
    )
    seen = interpreter.run(program)
    assert seen.status == 0, seen.errors
    (event,) = [event for event in seen.events if event["e"] == "subprocess.Popen"]
    assert event["l"] == 5
    assert len(json.dumps(event)) <= 4096
