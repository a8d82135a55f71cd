from __future__ import annotations

from typing import Any

from analyzer.model.event import (
    Event,
    FileCreate,
    FileDelete,
    FileOpen,
    FileRename,
    FileTree,
    FileWrite,
    Phase,
    ProcessExit,
    Source,
)
from analyzer.trace.tree.makers import Makers


def seen(detail: Any, time: float, pid: int = 1, **changes: Any) -> Event:
    header: dict[str, Any] = {
        "phase": "import", "layer": "syscall", "process": "python", "outcome": "completed", "attribution": "package",
        "source": Source("x", 1), "step": 2,
    }  # fmt: skip
    return Event(time=time, pid=pid, detail=detail, **header | changes)


def tree(path: str, change: Any = "created") -> FileTree:
    return FileTree(path, change, "file", "644", 1, "", "", "", own=False)


def makers(*events: Event) -> Makers:
    found = Makers()
    found.add(events)
    return found


def pid_of(found: Makers, path: str, change: str = "created", phase: Phase = "import") -> int | None:
    maker = found.of(phase, tree(path, change))
    return maker.pid if maker is not None else None


def test_the_last_process_that_touched_it_is_the_one() -> None:
    found = makers(
        seen(FileOpen("/a", "write", (), ""), 1, pid=1),
        seen(FileWrite("/a", "write", 1, "", ""), 3, pid=3),
        seen(FileWrite("/a", "write", 1, "", ""), 2, pid=2),
    )
    assert pid_of(found, "/a") == pid_of(found, "/a", "modified") == 3


def test_reading_or_failing_touches_nothing() -> None:
    found = makers(
        seen(FileOpen("/a", "read", (), ""), 1),
        seen(FileOpen("/b", "write", (), "EACCES"), 1, outcome="attempted"),
        seen(FileWrite("/c", "write", 1, "", ""), 1, layer="filesystem"),
        seen(ProcessExit(0, ""), 1),
    )
    assert [pid_of(found, path) for path in ("/a", "/b", "/c")] == [None, None, None]


def test_a_rename_makes_one_path_and_removes_another() -> None:
    found = makers(seen(FileRename("/old", "/new", "", ""), 1, pid=7))
    assert pid_of(found, "/new") == 7
    assert pid_of(found, "/old", "deleted") == 7
    assert pid_of(found, "/old") is None


def test_who_deleted_it_is_not_who_made_it() -> None:
    found = makers(seen(FileCreate("/d", "directory", ""), 1, pid=1), seen(FileDelete("/d", True, ""), 2, pid=2))
    assert pid_of(found, "/d", "deleted") == 2
    assert pid_of(found, "/d") == 1


def test_the_package_is_told_even_where_the_installer_touched_it_later() -> None:
    found = makers(
        seen(FileWrite("/a", "write", 1, "", ""), 1, pid=1),
        seen(FileWrite("/a", "write", 1, "", ""), 2, pid=2, attribution="installer"),
    )
    assert pid_of(found, "/a") == 1


def test_phases_are_apart() -> None:
    found = makers(seen(FileWrite("/a", "write", 1, "", ""), 1, phase="install"))
    assert (pid_of(found, "/a", phase="install"), pid_of(found, "/a")) == (1, None)
    assert (found.any_in("install"), found.any_in("import")) == (True, False)


def test_an_event_leads_to_the_system_call_behind_it() -> None:
    write = seen(FileWrite("/a", "write", 1, "", ""), 1)
    found = makers(write)
    change = seen(tree("/a"), 9, pid=0, layer="filesystem", step=0)
    other = seen(tree("/b"), 9, pid=0, layer="filesystem", step=0)
    assert found.of_event(change) is write
    assert found.of_event(other) is other
    assert found.of_event(write) is write
