"""The library that makes a package's clock run ahead, in programs of its kinds: what they wait for is skipped, and their clocks agree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hood.clock import Clock, Skipped

SOURCES = Path(__file__).parents[3] / "probes" / "clock"
LONG = 600

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="needs a C compiler (installed by `make test`)")

CLOCKS = """
import json, sys, time
def clocks():
    return [time.time(), time.monotonic(), time.perf_counter(), time.clock_gettime(time.CLOCK_BOOTTIME), time.clock_gettime(time.CLOCK_TAI)]
began = clocks()
{}
print(json.dumps([now - then for now, then in zip(clocks(), began)]))
"""


class Run:
    """A clock, and programs that share it."""

    def __init__(self, place: Path, library: Path, uid: int | None = None) -> None:
        place.unlink(missing_ok=True)
        self.clock = Clock(os.geteuid() if uid is None else uid, place)
        self._environment = {**os.environ, "LD_PRELOAD": str(library)}

    def program(self, *argv: str, ahead: float = 0.0) -> tuple[str, Skipped]:
        """What a program printed, and what it made of the time."""
        self.clock.begin(time.time(), ahead)
        ended = subprocess.run(argv, env=self._environment, capture_output=True, text=True, timeout=120, check=True)
        return ended.stdout, self.clock.end()

    def start(self, *argv: str) -> subprocess.Popen[bytes]:
        """A program that goes on."""
        return subprocess.Popen(argv, env=self._environment)

    def python(self, code: str) -> list[float]:
        """By how many seconds each clock went on while code of Python ran."""
        differences: list[float] = json.loads(
            self.program(sys.executable, "-c", CLOCKS.format(code))[0].splitlines()[-1]
        )
        return differences


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Where the clock is, and the library that looks there."""
    folder = tmp_path_factory.mktemp("clock")
    place, library = folder / "state" / "now", folder / "clock.so"
    environment = {**os.environ, "CFLAGS": f'-DSTATE_FILE="{place}"'}
    subprocess.run([SOURCES / "build", library], env=environment, check=True)
    return place, library


@pytest.fixture
def run(built: tuple[Path, Path]) -> Run:
    return Run(*built)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """A program of C by its `main`."""
    folder = tmp_path_factory.mktemp("programs")

    def compile_(body: str) -> str:
        source = folder / f"{len(list(folder.iterdir()))}.c"
        source.write_text(body)
        subprocess.run(["gcc", "-O1", "-pthread", "-o", source.with_suffix(""), source], check=True)
        return str(source.with_suffix(""))

    return compile_


@pytest.mark.parametrize(
    "wait",
    [
        "time.sleep(600)",
        "import select; select.select([], [], [], 600)",
        "import select, os; select.select([os.pipe()[0]], [], [], 600)",
        "import select, os; p = select.poll(); p.register(os.pipe()[0]); p.poll(600_000)",
        "import select; select.epoll().poll(600)",
        "import threading; threading.Event().wait(600)",
        "import threading; c = threading.Condition(); c.acquire(); c.wait(600)",
        "import asyncio; asyncio.run(asyncio.sleep(600))",
        "import queue\ntry: queue.Queue().get(timeout=600)\nexcept queue.Empty: pass",
        "import subprocess; subprocess.run(['sleep', '600'])",
        "import signal; signal.sigtimedwait([signal.SIGUSR1], 600)",
        "import signal; signal.signal(signal.SIGALRM, lambda *_: None); signal.alarm(600); signal.pause()",
        "import ctypes; ctypes.CDLL('libc.so.6').sleep(600)",
        "import ctypes; ctypes.CDLL(None).syscall(35, ctypes.byref((ctypes.c_long * 2)(600, 0)), None)",
        "import multiprocessing as m; p = m.get_context('fork').Process(target=time.sleep, args=(600,)); p.start(); p.join()",
    ],
)
def test_a_wait_of_ten_minutes_is_skipped_and_all_clocks_agree(run: Run, wait: str) -> None:
    if "syscall(35" in wait and os.uname().machine != "x86_64":
        pytest.skip("the number is nanosleep's on x86-64")
    differences = run.python(wait)
    assert all(LONG - 0.1 <= one < LONG + 60 for one in differences)
    assert max(differences) - min(differences) < 1


def test_who_waits_less_is_woken_first(run: Run) -> None:
    code = """
import threading
order = []
def wait(seconds):
    time.sleep(seconds)
    order.append(seconds)
threads = [threading.Thread(target=wait, args=(seconds,)) for seconds in (900, 300, 600, 30)]
[one.start() for one in threads]
[one.join() for one in threads]
assert order == [30, 300, 600, 900], order
"""
    assert all(899 <= one < 960 for one in run.python(code))


def test_a_wait_for_what_comes_ends_when_it_comes(run: Run) -> None:
    code = """
import queue, threading
found = queue.Queue()
def work():
    time.sleep(5)
    found.put("done")
threading.Thread(target=work).start()
assert found.get(timeout=60) == "done"
"""
    assert all(5 <= one < 30 for one in run.python(code))


def test_a_program_that_works_is_waited_for(run: Run) -> None:
    code = """
import subprocess, sys
subprocess.run([sys.executable, "-c", "sum(range(20_000_000))"], timeout=300, check=True)
"""
    assert all(one < 290 for one in run.python(code))


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        pytest.param(20, "stdout=subprocess.PIPE, timeout=20", id="one-wait"),
        # Looks twenty times a second, each time for a real moment: in all far less than the seconds after which the sleep is skipped.
        pytest.param(1, "timeout=1", id="many-looks"),
    ],
)
def test_a_time_limit_comes_before_a_longer_sleep(run: Run, limit: int, words: str) -> None:
    code = f"""
import subprocess
try:
    subprocess.run(["sleep", "600"], {words})
except subprocess.TimeoutExpired:
    pass
else:
    raise AssertionError("the child's sleep was over first")
"""
    assert all(limit <= one < 300 for one in run.python(code))


def test_an_alarm_interrupts_a_longer_sleep(run: Run) -> None:
    code = """
import signal
class Over(Exception): pass
def over(*_): raise Over
signal.signal(signal.SIGALRM, over)
signal.alarm(30)
try:
    time.sleep(600)
except Over:
    pass
else:
    raise AssertionError("the alarm came too late")
"""
    assert all(29 <= one < 100 for one in run.python(code))


def test_a_program_in_c_sleeps_and_reads_its_clocks(run: Run, compiled: Callable[[str], str]) -> None:
    program = compiled("""
#include <pthread.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
int main(void)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
	struct timespec monotonic[2], until;
	struct timeval day[2];
	time_t second = time(NULL);
	gettimeofday(&day[0], NULL);
	clock_gettime(CLOCK_MONOTONIC, &monotonic[0]);
	sleep(100);
	usleep(900000);
	nanosleep(&(struct timespec){200, 0}, NULL);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 300;
	pthread_mutex_lock(&mutex);
	while (!pthread_cond_timedwait(&condition, &mutex, &until));
	gettimeofday(&day[1], NULL);
	clock_gettime(CLOCK_MONOTONIC, &monotonic[1]);
	printf("%ld %ld %ld", (long)(time(NULL) - second), (long)(day[1].tv_sec - day[0].tv_sec),
		(long)(monotonic[1].tv_sec - monotonic[0].tv_sec));
}
""")
    said, skipped = run.program(program)
    assert all(600 <= int(one) < 660 for one in said.split())
    assert 598 < skipped.seconds < 660
    assert not skipped.over


def test_the_date_is_moved_and_the_monotonic_clock_is_not(run: Run) -> None:
    real = time.time(), time.monotonic()
    said, skipped = run.program(sys.executable, "-c", "import time; print(time.time(), time.monotonic())", ahead=1e7)
    date, monotonic = map(float, said.split())
    assert 1e7 <= date - real[0] < 1e7 + 100
    assert 0 <= monotonic - real[1] < 100
    assert skipped == Skipped(0.0, 0, over=False)


def test_what_was_skipped_stays_so_for_the_next_program(run: Run) -> None:
    run.program("sleep", "5000")
    before = time.time()
    said, _ = run.program("date", "+%s.%N")
    assert 4999 <= float(said) - before < 5100


def test_the_real_time_can_be_asked_for(run: Run) -> None:
    """As the interpreter's probe and the driver do."""
    run.program("sleep", "5000")
    said, _ = run.program(
        sys.executable, "-c", "import time; print(time.clock_gettime(0x46480000), time.clock_gettime(0x46480001))"
    )
    now, monotonic = map(float, said.split())
    assert abs(now - time.time()) < 100
    assert abs(monotonic - time.monotonic()) < 100


def test_more_than_the_horizon_is_not_skipped(run: Run) -> None:
    run.clock.begin(time.time(), 0.0)
    started = run.start(sys.executable, "-c", "import time; time.sleep(60); time.sleep(315_360_000)")
    seconds = 0.0
    while not (skipped := run.clock.end()).over and started.poll() is None:
        seconds += skipped.seconds
        time.sleep(0.01)
    assert started.poll() is None
    started.kill()
    started.wait()
    assert skipped.times == 1
    assert 59 < seconds + skipped.seconds <= 60
    assert skipped.reason.startswith("horizon exceeded: ")


def test_a_process_of_another_user_than_the_clocks_has_the_real_one(built: tuple[Path, Path]) -> None:
    run = Run(*built, uid=os.geteuid() + 1)
    said, skipped = run.program("date", "+%s", ahead=1e7)
    assert abs(int(said) - time.time()) < 100
    assert skipped.times == 0


def test_a_clock_that_was_written_over_is_bounded(run: Run, built: tuple[Path, Path]) -> None:
    run.clock.begin(time.time(), 0.0)
    with built[0].open("r+b") as file:
        file.seek(8)
        file.write(b"\x7f" * 3_000)
    assert 0 <= run.clock.end().seconds <= 101 * 366 * 86_400
    run.program("true")


def test_without_a_clock_the_library_does_nothing(built: tuple[Path, Path]) -> None:
    place, library = built
    place.unlink(missing_ok=True)
    ended = subprocess.run(
        ["date", "+%s"], env={**os.environ, "LD_PRELOAD": str(library)}, capture_output=True, text=True, check=True
    )
    assert abs(int(ended.stdout) - time.time()) < 100
    assert ended.stderr == ""
