from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest

from analyzer.sandbox.interface import MIB
from analyzer.sandbox.usage import UsageSampler, below, beside, namespace_depth, used_beside

HUGE = 1 << 40
HOLDER = "import sys; text = b'x' * (int(sys.argv[1]) << 20); print(flush=True); sys.stdin.read()"


@contextmanager
def tree(*sizes: int) -> Iterator[tuple[int, list[int]]]:
    """A process whose children hold so many MiB each; its number and theirs."""
    program = (
        "import subprocess, sys\n"
        f"holder = {HOLDER!r}\n"
        "children = [subprocess.Popen([sys.executable, '-c', holder, size], stdin=0, stdout=-1) for size in sys.argv[1:]]\n"
        "[child.stdout.readline() for child in children]\n"
        "print(*[child.pid for child in children], flush=True)\n"
        "sys.stdin.read()\n"
    )
    words = [sys.executable, "-c", program, *map(str, sizes)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.pid, [int(word) for word in process.stdout.readline().split()]
        finally:
            process.kill()
            for pid in psutil.Process(process.pid).children(recursive=True):
                pid.kill()


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.02)
    pytest.fail("it never came so far")


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_something_beside_is_done_at_each_look() -> None:
    looks: list[int] = []
    with UsageSampler(below(os.getpid()), HUGE, lambda process: False, [lambda: looks.append(1)]):
        wait_until(lambda: len(looks) > 1)


def test_the_processor_time_of_a_containers_groups_grows() -> None:
    spent = used_beside(os.getpid())
    before = spent()
    wait_until(lambda: spent() > before)


def test_the_tree_is_summed_up() -> None:
    with tree(40, 40) as (pid, _), UsageSampler(below(pid), HUGE, lambda process: True) as sampler:
        wait_until(lambda: sampler.usage.max_processes >= 3)
    assert sampler.usage.max_processes == 3
    assert sampler.usage.peak_memory_bytes > 80 * MIB
    assert sampler.usage.cpu_seconds > 0
    assert sampler.reasons(0) == []


def test_a_process_that_is_gone_has_no_usage() -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    with UsageSampler(below(ended.pid), HUGE, lambda process: True) as sampler:
        pass
    assert sampler.usage.max_processes == 0


def test_the_biggest_process_of_the_package_is_ended_and_no_other() -> None:
    with tree(10, 150, 20) as (pid, children):
        with UsageSampler(below(pid), 100 * MIB, lambda process: process.pid in children) as sampler:
            wait_until(lambda: not runs(children[1]))
            wait_until(lambda: sampler.reasons(0) != [])
        assert [runs(child) for child in children] == [True, False, True]
        assert runs(pid)
    assert sampler.reasons(0) == ["the memory limit of 100 MiB was passed, and 1 processes were ended"]


def test_what_is_not_the_packages_is_never_ended() -> None:
    with tree(150) as (pid, children), UsageSampler(below(pid), 50 * MIB, lambda process: False) as sampler:
        wait_until(lambda: sampler.usage.peak_memory_bytes > 150 * MIB)
        sampler._sample()
        assert runs(children[0])
    assert sampler.reasons(0) == []


def test_memory_that_processes_share_counts_once() -> None:
    program = (
        "import os, sys\n"
        "text = b'x' * (100 << 20)\n"
        "children = [os.fork() for _ in range(1)]\n"
        "print(flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with UsageSampler(below(process.pid), 160 * MIB, lambda one: True) as sampler:
            wait_until(lambda: sampler.usage.peak_memory_bytes > 200 * MIB)
        assert process.poll() is None
    assert sampler.reasons(0) == []


def test_a_question_that_fails_ends_nothing() -> None:
    def fail(process: psutil.Process) -> bool:
        raise psutil.NoSuchProcess(process.pid)

    with tree(150) as (pid, children), UsageSampler(below(pid), 50 * MIB, fail) as sampler:
        sampler._sample()
        assert runs(children[0])


def test_what_the_kernel_ended_is_a_reason_too() -> None:
    sampler = UsageSampler(below(os.getpid()), 64 * MIB, lambda process: False)
    assert sampler.reasons(2) == ["the memory limit of 64 MiB was passed, and 2 processes were ended"]


def test_the_depth_of_namespaces() -> None:
    assert namespace_depth(os.getpid()) >= 1
    with pytest.raises(OSError, match="No such file"):
        namespace_depth(2**22 + 1)


def test_all_of_a_control_group_are_beside_one_of_it() -> None:
    numbers = {one.pid for one in beside(os.getpid())()}
    assert os.getpid() in numbers
    with subprocess.Popen(["sleep", "60"]) as child:
        assert child.pid in {one.pid for one in beside(os.getpid())()}
        child.kill()
