from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hood import processes


@contextmanager
def running(program: str) -> Iterator[subprocess.Popen[str]]:
    """A Python program that has said its first line; ended with everything below it."""
    words = [sys.executable, "-c", program]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            for pid in [*processes.descendants(process.pid), process.pid]:
                os.kill(pid, 9)


FAMILY = """
import subprocess, sys
child = "import subprocess; print(flush=True); subprocess.run(['sleep', '1000'])"
one = subprocess.Popen([sys.executable, "-c", child], stdout=-1)
one.stdout.readline()
print(flush=True)
sys.stdin.read()
"""


def wait_for(look: Callable[[], object]) -> None:
    for _ in range(500):
        if look():
            return
        time.sleep(0.01)
    pytest.fail("it never came so far")


def test_children_and_their_children_are_found() -> None:
    with running(FAMILY) as process:
        wait_for(lambda: len(processes.descendants(process.pid)) == 2)
        child, grandchild = processes.descendants(process.pid)
        assert processes.descendants(child) == [grandchild]
    assert processes.descendants(os.getpid() + 2**22) == []


def test_the_traced_command_is_told_from_the_programs_before_it() -> None:
    with running(FAMILY) as process:
        found = processes.tracee(process.pid)
        assert found is not None
        assert select.select([found], [], [], 0)[0] == []
        os.kill(processes.descendants(process.pid)[0], 9)
        assert select.select([found], [], [], 10)[0] == [found]
        os.close(found)


def test_a_command_that_calls_itself_like_the_tracer_is_found_nevertheless() -> None:
    program = FAMILY.replace(
        "import subprocess;", "import ctypes, subprocess; ctypes.CDLL(None).prctl(15, b'strace', 0, 0, 0);"
    )
    with running(program) as process:
        found = processes.tracee(process.pid)
        assert found is not None
        os.close(found)


def test_an_ordinary_process_is_not_the_first_of_a_namespace() -> None:
    assert not processes.is_first_of_namespace(os.getpid())
    assert not processes.is_first_of_namespace(2**22 + 1)


def test_only_the_first_process_takes_leave_of_orphans() -> None:
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    processes.reap()
    assert child.wait() == 0  # its status was not taken away


def test_processor_time_is_told_of_a_process_alone_and_of_those_that_were_waited_for() -> None:
    before = processes.used_by_children()
    child = subprocess.Popen([sys.executable, "-c", "for _ in range(3_000_000): pass"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    alone = processes.used_by(child.pid)
    assert alone > 0
    assert processes.used_by_children() == before  # it was not waited for yet
    child.wait()
    assert processes.used_by_children() > before
    assert processes.used_by(2**22 + 1) == 0


ORPHAN = """
import os, subprocess, sys
from hood import processes
processes.adopt_orphans()
known = processes.children()
work = "x = bytearray(50_000_000); [n for n in range(3_000_000)]"
script = f"{sys.executable} -c '{work}; print(1)' & exit 0"
with subprocess.Popen(["/bin/sh", "-c", script], stdout=subprocess.PIPE) as shell:
    shell.stdout.read()  # until the orphan ends, which has the pipe as well
while not (left := processes.children() - known - {shell.pid}) or os.waitid(os.P_PID, *left, os.WEXITED | os.WNOWAIT) is None:
    pass
before = processes.used_by_children()
peak = processes.take_leave_of_orphans(known)
print(peak > 50_000_000, processes.used_by_children() > before, processes.children() - known)
"""


def test_orphans_come_home_and_what_they_used_is_told() -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(processes.__file__).parents[1])}
    found = subprocess.run([sys.executable, "-c", ORPHAN], env=environment, capture_output=True, text=True, timeout=60)
    assert found.stdout == "True True set()\n", found.stderr
