from __future__ import annotations

import pytest

from analyzer.trace.calls.calllog import StraceLog
from analyzer.trace.calls.kernel import KernelTrace, trace
from analyzer.trace.calls.missing import missing
from tests.unit.trace.making import COMMAND, lines


def traced(*calls: str) -> KernelTrace:
    return trace(StraceLog("log", lambda: lines(*calls)), COMMAND, "/home/u/project")


def reasons(kernel: KernelTrace) -> list[str]:
    return [reason for _, reason in missing(kernel, "lines", "03-import", 0, 0)]


@pytest.mark.parametrize(
    ("call", "what"),
    [
        ('openat(AT_FDCWD, "a", O_RDONLY) = -1 EMFILE (Too many open files)', "open files"),
        ("socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = -1 ENFILE (Too many open files in system)", "open files"),
        ('mkdir("a", 0777) = -1 ENOSPC (No space left on device)', "room for files"),
        ('write(5, "x", 1) = -1 ENOSPC (No space left on device)', "room for files"),
        ("ftruncate(5, 17592186044416) = -1 EFBIG (File too large)", "the size of a file"),
        ("sendmsg(5, {}, 0) = -1 ETOOMANYREFS (Too many references: cannot splice)", "open files in messages"),
    ],
)
def test_a_limit_that_was_reached_is_told(call: str, what: str) -> None:
    kernel = traced(call, call)
    assert kernel.exhausted == {what: 2}
    assert reasons(kernel) == [f"2 calls failed because a limit was reached: {what}"]


@pytest.mark.parametrize(
    "call",
    [
        'openat(AT_FDCWD, "a", O_RDONLY) = -1 ENOENT (No such file or directory)',
        'inotify_add_watch(5, "/home", IN_ALL_EVENTS) = -1 ENOSPC (No space left on device)',
        "shmget(IPC_PRIVATE, 4096, IPC_CREAT|0600) = -1 ENOSPC (No space left on device)",
        'openat(AT_FDCWD, "a", O_RDONLY) = 5',
    ],
)
def test_what_fails_for_another_reason_is_no_limit(call: str) -> None:
    assert reasons(traced(call)) == []


def test_the_device_that_is_always_full_is_no_limit() -> None:
    kernel = traced(
        'openat(AT_FDCWD, "/dev/full", O_WRONLY) = 5', 'write(5, "x", 1) = -1 ENOSPC (No space left on device)'
    )
    assert reasons(kernel) == []


def test_of_a_flood_of_one_kind_the_beginning_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.trace.calls.kernelacts.MAX_OF_A_KIND", 3)
    monkeypatch.setattr("analyzer.trace.calls.missing.MAX_OF_A_KIND", 3)
    flood = [f'openat(AT_FDCWD, "/home/u/{number}", O_RDONLY) = 5' for number in range(5)]
    kernel = traced(*flood, 'mkdir("/home/u/other", 0777) = 0')
    kinds = [type(act.detail).__name__ for act in kernel.acts]
    assert kinds.count("FileOpen") == 3
    assert "FileDirectory" in kinds or len(kinds) == 5
    assert kernel.beyond == 2
    assert reasons(kernel) == ["2 events of 03-import were left out, each one of more than 3 of its kind"]
