"""What a phase left in the tree is told with the process that did it, and stays the phase's."""

from __future__ import annotations

import json
from typing import Any

from analyzer.model.event import Event, FileDelete, FileWrite, Location, Source
from analyzer.trace.authors.installed import Installed
from analyzer.trace.changes import add_trees
from analyzer.trace.timeline import Timeline

LOCATION = Location("sample", "sample", "/x/sample.py", 3)


def seen(detail: Any, **changes: Any) -> Event:
    header: dict[str, Any] = {
        "time": 2.0, "phase": "import", "layer": "syscall", "pid": 7, "process": "python", "outcome": "completed",
        "attribution": "package", "source": Source("x", 1), "location": LOCATION, "step": 3,
    }  # fmt: skip
    return Event(detail=detail, **header | changes)


def entry(path: str, size: int = 1) -> str:
    return json.dumps({"path": path, "type": "file", "mode": "644", "size": size, "mtime": size, "inode": 5})


def left(timeline: Timeline, before: list[str], after: list[str]) -> list[Event]:
    add_trees(timeline, {"import": 9.0}, {"before": before, "import": after}, Installed(()))
    return [event for event in timeline.events if event.layer == "filesystem"]


def test_a_change_has_the_process_and_line_of_the_call_behind_it() -> None:
    (event,) = left(Timeline([seen(FileWrite("/a", "write", 1, "", ""))]), [], [entry("/a")])
    assert (event.pid, event.process, event.location, event.attribution) == (7, "python", LOCATION, "package")
    assert (event.time, event.step, event.phase) == (9.0, 0, "import")


def test_a_deletion_has_those_of_the_call_that_deleted() -> None:
    write, delete = (
        seen(FileWrite("/a", "write", 1, "", "")),
        seen(FileDelete("/a", False, ""), pid=8, attribution="dependency"),
    )
    (event,) = left(Timeline([write, delete]), [entry("/a")], [])
    assert (event.pid, event.attribution) == (8, "dependency")


def test_a_change_without_a_call_has_neither() -> None:
    (event,) = left(Timeline(), [], [entry("/a")])
    assert (event.pid, event.process, event.location, event.attribution) == (0, "", None, "package")


def test_the_account_counts_entries_bytes_and_what_could_not_be_read() -> None:
    timeline = Timeline()
    left(timeline, [entry("/a", 5)], [entry("/a", 5), entry("/b", 7), "nonsense"])
    assert timeline.accounts.trees == {"before": (1, 5), "import": (2, 12)}
    account = timeline.accounts.layers["filesystem"]
    assert (account.received, account.unreadable, account.dropped) == (4, 1, 0)
    assert timeline.dropped == 1
