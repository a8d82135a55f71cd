from __future__ import annotations

from analyzer.trace.calls.kernel import Follower, follow
from analyzer.trace.calls.lookahead import Lookahead
from analyzer.trace.calls.processes import births
from analyzer.trace.logs.strace import Reader, read
from tests.unit.trace.making import COMMAND, lines

BORN_LATE = lines(
    "clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>",
    '@11 openat(AT_FDCWD, "a", O_RDONLY) = 3',
    '@11 execve("/usr/bin/id", ["id"], 0x7 /* 3 vars */) = 0',
    "<... clone resumed>) = 11",
    '@11 openat(AT_FDCWD, "/etc/b", O_RDONLY) = 3',
)


def test_line_by_line_a_child_is_known_before_what_it_did() -> None:
    reader, follower = Reader(), Follower(COMMAND, "/home/u")
    ahead = Lookahead(reader, follower.table)
    seen = []
    for line in BORN_LATE:
        follower.take(ahead.take(reader.take([line])))
        seen.append((len(follower.result.acts), ahead.waits))
    whole = follow(read(BORN_LATE), COMMAND, "/home/u", births=births(read(BORN_LATE)))
    assert follower.result.acts
    assert [
        (act.time, act.detail, act.process.pid, act.process.parent is not None) for act in follower.result.acts
    ] == [(act.time, act.detail, act.process.pid, act.process.parent is not None) for act in whole.acts]
    assert [waits for _, waits in seen] == [False, False, False, True, True, False, False]
    assert follower.table.orphans == 0


def test_without_patience_everything_is_told() -> None:
    reader, follower = Reader(), Follower(COMMAND, "/home/u")
    ahead = Lookahead(reader, follower.table)
    follower.take(ahead.take(reader.take(BORN_LATE[:4])))
    waits = [ahead.waits]
    follower.take(ahead.take([], patient=False))
    assert [*waits, ahead.waits] == [True, False]
    assert follower.table.orphans == 1


def test_nothing_waits_where_no_call_can_have_made_the_process() -> None:
    reader, follower = Reader(), Follower(COMMAND, "/home/u")
    ahead = Lookahead(reader, follower.table)
    log = lines('@12 openat(AT_FDCWD, "/etc/a", O_RDONLY) = 3')
    follower.take(ahead.take(reader.take(log)))
    assert not ahead.waits
