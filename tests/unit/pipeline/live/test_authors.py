from __future__ import annotations

import pytest

from analyzer.pipeline.live.authors import Authors
from analyzer.pipeline.live.steps import Step
from analyzer.trace.authors.attribution import Attributed
from analyzer.trace.calls.kernel import Follower
from analyzer.trace.calls.lookahead import Lookahead
from analyzer.trace.logs.strace import Reader
from tests.unit.trace.making import COMMAND, INSTALLED, lines, probe_call

STEP = Step(step=1, phase="execute", argv=(COMMAND,), stem="01-execute")
STATUS = 'openat(AT_FDCWD, "/proc/self/status", O_RDONLY) = 3'
MOUNTS = 'openat(AT_FDCWD, "/proc/mounts", O_RDONLY) = 3'
CLOSURE = "mmap(NULL, 4096, PROT_READ|PROT_WRITE|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f"


def authors() -> tuple[Reader, Follower, Authors]:
    follower = Follower(COMMAND, "/home/u/project")
    return Reader(), follower, Authors(STEP, INSTALLED, follower, "/home/u")


def kinds(some: list[Attributed]) -> list[tuple[str, str]]:
    return [(one.act.detail.kind, one.attribution) for one in some]


def test_what_libffi_does_is_the_interpreters_once_it_is_whole() -> None:
    reader, follower, whose = authors()
    log = lines(STATUS, MOUNTS, CLOSURE)
    follower.take(reader.take(log[:4]))
    assert ("file.open", "package") not in kinds(list(whose.of(1.0, patient=True)))
    follower.take(reader.take(log[4:]))
    found = kinds(list(whose.of(1.1, patient=True)))
    assert found == [("file.open", "interpreter"), ("file.open", "interpreter"), ("memory.protect", "interpreter")]


def test_what_only_begins_like_it_is_told_at_the_next_act() -> None:
    reader, follower, whose = authors()
    log = lines(STATUS, 'mkdir("/home/u/a", 0777) = 0')
    follower.take(reader.take(log[:3]))
    list(whose.of(1.0, patient=True))
    follower.take(reader.take(log[3:]))
    assert sorted(kinds(list(whose.of(1.1, patient=True)))) == [("file.create", "package"), ("file.open", "package")]


def test_what_only_begins_like_it_is_told_after_a_second_or_at_the_end() -> None:
    for now, patient in ((2.1, True), (1.0, False)):
        reader, follower, whose = authors()
        follower.take(reader.take(lines(STATUS)))
        list(whose.of(1.0, patient=True))
        assert list(whose.of(1.1, patient=True)) == []
        assert kinds(list(whose.of(now, patient=patient))) == [("file.open", "package")]


def test_a_process_is_one_of_the_commands_from_its_start_on() -> None:
    reader, follower, whose = authors()
    log = lines(
        "clone(child_stack=NULL, flags=SIGCHLD) = 11", '@11 execve("/usr/bin/id", ["id"], 0x7 /* 3 vars */) = 0'
    )
    ahead, found = Lookahead(reader, follower.table), []
    for line in log:
        follower.take(ahead.take(reader.take([line])))
        found += kinds(list(whose.of(1.0, patient=True)))
    assert found == [("process.exec", "interpreter"), ("process.create", "package"), ("process.exec", "package")]


def test_of_announcements_the_latest_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.pipeline.live.authors._MOST_HEARD", 2)
    monkeypatch.setattr("analyzer.pipeline.live.authors._REMEMBERED", 0.4)
    reader, follower, whose = authors()
    whose.hear(
        [probe_call(0.15, "open", "/home/u/a"), probe_call(0.25, "open", "/home/u/b"), probe_call(0.6, "os.stat", "x")]
    )
    follower.take(
        reader.take(
            lines(
                '+0.2 openat(AT_FDCWD, "/home/u/a", O_RDONLY|O_CLOEXEC) = 3',
                '+0.3 openat(AT_FDCWD, "/home/u/b", O_RDONLY|O_CLOEXEC) = 4',
            )
        )
    )
    found = {getattr(one.act.detail, "path", ""): one.location for one in whose.of(1.0, patient=True)}
    assert found["/home/u/a"] is None
    assert found["/home/u/b"] is not None
