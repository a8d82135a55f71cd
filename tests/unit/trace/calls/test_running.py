"""Handlers, sleep, limits and memory."""

from __future__ import annotations

import pytest

from analyzer.model.event import Detail, MemoryProtect, ProcessHandler, ProcessLimit, ProcessSleep
from tests.unit.trace.making import details

DEFAULT = "{sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}"
IGNORED = "{sa_handler=SIG_IGN, sa_mask=[], sa_flags=SA_RESTORER|SA_ONSTACK, sa_restorer=0x7f}"
OWN = "{sa_handler=0x678ec0, sa_mask=~[RTMIN RT_1], sa_flags=SA_RESTORER|SA_ONSTACK, sa_restorer=0x7f}"
ALL = ("PROT_READ", "PROT_WRITE", "PROT_EXEC")


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (f"rt_sigaction(SIGTERM, {IGNORED}, {DEFAULT}, 8) = 0", ProcessHandler("SIGTERM", "ignore")),
        (f"rt_sigaction(SIGTERM, {OWN}, NULL, 8) = 0", ProcessHandler("SIGTERM", "handle")),
        (f"rt_sigaction(SIGTERM, {OWN}, {OWN}, 8) = 0", ProcessHandler("SIGTERM", "handle")),
        (f"rt_sigaction(SIGTERM, {DEFAULT}, {OWN}, 8) = 0", ProcessHandler("SIGTERM", "default")),
        ("nanosleep({tv_sec=5, tv_nsec=0}, NULL) = 0 <5.000250>", ProcessSleep("nanosleep", 5.00025)),
        ("clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, {tv_sec=12561, tv_nsec=1}, NULL) = 0 <0.050270>",
         ProcessSleep("clock_nanosleep", 0.05027)),
        ("select(0, NULL, NULL, NULL, {tv_sec=1, tv_usec=0}) = 0 (Timeout) <1.001000>", ProcessSleep("select", 1.001)),
        ("pselect6(0, NULL, NULL, NULL, {tv_sec=0, tv_nsec=2}, NULL) = 0 (Timeout) <0.020203>",
         ProcessSleep("pselect6", 0.020203)),
        ("nanosleep({tv_sec=5, tv_nsec=0}, NULL) = 0", ProcessSleep("nanosleep", 0.0)),
        ("clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0x46480000 /* TIMER_??? */, {tv_sec=600, tv_nsec=0}, NULL) = -1 EOPNOTSUPP (x) <0.00001>",
         ProcessSleep("sleep", 600.0, ", by a clock that ran ahead")),
        ("clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0x46480001, {tv_sec=30, tv_nsec=500000000}, NULL) = -1 EOPNOTSUPP (x)",
         ProcessSleep("wait", 30.5, ", by a clock that ran ahead")),
        ("setrlimit(RLIMIT_CORE, {rlim_cur=0, rlim_max=0}) = 0", ProcessLimit("RLIMIT_CORE", 0, "")),
        ("prlimit64(0, RLIMIT_CORE, {rlim_cur=0, rlim_max=0}, NULL) = 0", ProcessLimit("RLIMIT_CORE", 0, "")),
        ("prlimit64(7, RLIMIT_CORE, {rlim_cur=0, rlim_max=0}, NULL) = 0", ProcessLimit("RLIMIT_CORE", 0, "")),
        ("prlimit64(99, RLIMIT_CPU, {rlim_cur=0, rlim_max=0}, {rlim_cur=1, rlim_max=1}) = -1 EPERM (x)",
         ProcessLimit("RLIMIT_CPU", 99, "EPERM")),
        ("mmap(NULL, 4096, PROT_READ|PROT_WRITE|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f",
         MemoryProtect("mmap", ALL, 4096, "")),
        ("mmap(NULL, 8192, PROT_READ|PROT_EXEC, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = 0x7f",
         MemoryProtect("mmap", ("PROT_READ", "PROT_EXEC"), 8192, "")),
        ("mmap(NULL, 4096, PROT_WRITE|PROT_EXEC, MAP_SHARED, 3, 0) = -1 EACCES (x)",
         MemoryProtect("mmap", ("PROT_WRITE", "PROT_EXEC"), 4096, "EACCES")),
        ("mprotect(0x7f, 4096, PROT_READ|PROT_EXEC) = 0", MemoryProtect("mprotect", ("PROT_READ", "PROT_EXEC"), 4096, "")),
        ("pkey_mprotect(0x7f, 4096, PROT_READ|PROT_WRITE|PROT_EXEC|PROT_GROWSDOWN, -1) = 0",
         MemoryProtect("pkey_mprotect", ALL, 4096, "")),
    ],
)  # fmt: skip
def test_one_call(call: str, expected: Detail) -> None:
    assert details(call) == [expected]


INTERRUPTED = "= ? ERESTART_RESTARTBLOCK (Interrupted by signal) <2.0>"


@pytest.mark.parametrize(
    ("call", "seconds"),
    [
        (f"nanosleep({{tv_sec=600, tv_nsec=0}}, 0x7f) {INTERRUPTED}", 600.0),
        (f"clock_nanosleep(CLOCK_REALTIME, 0, {{tv_sec=600, tv_nsec=0}}, 0x7f) {INTERRUPTED}", 600.0),
        (
            f"clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, {{tv_sec=1600, tv_nsec=200000000}}, NULL) {INTERRUPTED}",
            600.0,
        ),
        (f"select(0, NULL, NULL, NULL, {{tv_sec=600, tv_usec=500000}}) {INTERRUPTED}", 600.5),
        (f"nanosleep({{tv_sec=99999999999999999999, tv_nsec=0}}, 0x7f) {INTERRUPTED}", 1e10),
    ],
)
def test_a_sleep_that_the_end_of_its_process_cut_is_told_with_what_it_asked_for(call: str, seconds: float) -> None:
    (slept,) = [one for one in details(call, "+++ killed by SIGKILL +++") if isinstance(one, ProcessSleep)]
    assert slept.seconds == pytest.approx(seconds)
    assert slept.note == ", which the end of the process cut"


@pytest.mark.parametrize("later", [('unlink("a") = 0', "+++ killed by SIGKILL +++"), ("+++ exited with 0 +++",)])
def test_a_sleep_after_which_the_program_went_on_is_told_with_what_it_took(later: tuple[str, ...]) -> None:
    found = details(f"nanosleep({{tv_sec=600, tv_nsec=0}}, 0x7f) {INTERRUPTED}", *later)
    (slept,) = [one for one in found if isinstance(one, ProcessSleep)]
    assert (slept.seconds, slept.note) == (2.0, "")


@pytest.mark.parametrize(
    "call",
    [
        "clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, {tv_sec=600, tv_nsec=0}, NULL) = -1 EINVAL (x)",
        f"rt_sigaction(SIGTERM, NULL, {DEFAULT}, 8) = 0",
        f"rt_sigaction(SIGTERM, {DEFAULT}, {DEFAULT}, 8) = 0",
        "select(4, [3], NULL, NULL, {tv_sec=1, tv_usec=0}) = 0 (Timeout) <1.001000>",
        "pselect6(1, NULL, NULL, NULL, NULL, NULL) = 0 <1.0>",
        "prlimit64(0, RLIMIT_STACK, NULL, {rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}) = 0",
        "setrlimit(RLIMIT_CORE, NULL) = -1 EFAULT (x)",
        "mmap(0x7f, 1400832, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED|MAP_DENYWRITE, 3, 0x26000) = 0x7f",
        "mmap(NULL, 262144, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f",
        "mprotect(0x7f, 4096, PROT_READ|PROT_WRITE) = 0",
        "mprotect(0x7f, 4096, PROT_NONE) = 0",
    ],
)
def test_nothing_of_note(call: str) -> None:
    assert details(call) == []


def test_a_sleep_that_is_cut_short_is_told_as_it_was_asked_for() -> None:
    found = details(
        "nanosleep({tv_sec=100, tv_nsec=0},  <unfinished ...>",
        "+3 <... nanosleep resumed> <unfinished ...>) = ?",
        "+3.1 +++ killed by SIGKILL +++",
    )
    assert found[0] == ProcessSleep("nanosleep", 100.0, ", which the end of the process cut", 100.0)


def test_a_sleep_without_an_end_is_told_as_it_was_asked_for() -> None:
    found = details("nanosleep({tv_sec=100, tv_nsec=0},  <unfinished ...>", "@12 +7 listen(3, 5) = 0")
    assert found[-1] == ProcessSleep("nanosleep", 100.0, ", which the end of the process cut", 100.0)


def test_a_sleep_that_does_not_tell_what_it_asked_for_lasted_until_its_process_ended() -> None:
    found = details(
        "nanosleep(0x7f,  <unfinished ...>",
        "+3 <... nanosleep resumed> <unfinished ...>) = ?",
        "+3.1 +++ killed by SIGKILL +++",
    )
    assert found[0] == ProcessSleep("nanosleep", 2.8)
