"""Files by whom: what the package left in the tree, and the process behind each path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analyzer.model.report import FileChange, Files
from tests.unit.pipeline.recording import SITE, Recording


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    made = Recording(tmp_path)
    made.installed()
    made.step("install", argv=["/opt/uv/uv"])
    return made


def trees(recording: Recording, **entries: list[dict[str, Any]]) -> None:
    for name, some in entries.items():
        recording.write(f"trees/{name}.jsonl", "".join(json.dumps(one) + "\n" for one in some))


def entry(path: str, **more: Any) -> dict[str, Any]:
    return {"path": path, "type": "file", "mode": "644", "size": 1, "mtime": 1, "inode": 5} | more


def files(recording: Recording) -> Files:
    return recording.report().files


def only(changes: list[FileChange]) -> FileChange:
    (change,) = changes
    return change


def test_a_created_file_is_by_the_process_and_line_that_wrote_it(recording: Recording) -> None:
    call = {
        "p": 100, "n": 2, "t": 1_000_020.0199, "e": "open", "a": ["/home/alex/a", "w"], "f": f"{SITE}/sample.py", "l": 7,
        "m": "sample", "s": [],
    }  # fmt: skip
    opening = (
        'openat(AT_FDCWD, "/run/session/events/100", O_WRONLY) = -1 ENOTDIR (Not a directory)\n'
        'openat(AT_FDCWD, "/home/alex/a", O_WRONLY|O_CREAT|O_CLOEXEC, 0666) = 3'
    )
    recording.step("import", opening, probe=json.dumps(call) + "\n")
    trees(recording, before=[], install=[], **{"import": [entry("/home/alex/a")]})
    change = only(files(recording).created)
    assert (change.path, change.type, change.phase, change.pid, change.process) == (
        "/home/alex/a",
        "file",
        "import",
        100,
        "python",
    )
    assert (change.attribution, change.distribution) == ("package", "sample")
    assert change.location is not None
    assert (change.location.file, change.location.line) == (f"{SITE}/sample.py", 7)


def test_a_change_whose_maker_nobody_saw_has_none(recording: Recording) -> None:
    recording.step("import")
    trees(recording, before=[], install=[], **{"import": [entry("/home/alex/a", type="directory")]})
    change = only(files(recording).created)
    assert (change.path, change.type, change.pid, change.process, change.location) == (
        "/home/alex/a",
        "directory",
        0,
        "",
        None,
    )


def test_modified_and_deleted_files_are_apart(recording: Recording) -> None:
    calls = 'unlink("/home/alex/b") = 0\nopenat(AT_FDCWD, "/home/alex/a", O_WRONLY|O_APPEND) = 3'
    recording.step("execute", calls, argv=["/usr/bin/tool"])
    before = [entry("/home/alex/a"), entry("/home/alex/b", inode=6)]
    trees(recording, before=before, install=before, execute=[entry("/home/alex/a", size=2)])
    found = files(recording)
    assert (only(found.modified).path, only(found.modified).process) == ("/home/alex/a", "tool")
    assert (only(found.deleted).path, only(found.deleted).process) == ("/home/alex/b", "tool")
    assert found.created == []


def test_a_rename_has_both_names(recording: Recording) -> None:
    recording.step("import", 'rename("/home/alex/a", "/home/alex/b") = 0')
    change = only(files(recording).renamed)
    assert (change.path, change.target, change.type, change.pid) == ("/home/alex/a", "/home/alex/b", "", 100)


def test_what_the_installer_lays_from_its_list_is_not_told(recording: Recording) -> None:
    trees(recording, before=[], install=[entry(f"{SITE}/sample.py"), entry(f"{SITE}/extra.pth", inode=6)])
    recording.step("import", 'openat(AT_FDCWD, "/x", O_WRONLY) = -1 EACCES (Permission denied)')
    assert [change.path for change in files(recording).created] == []


def test_long_lists_are_cut_and_say_how_much_is_left_out(recording: Recording) -> None:
    recording.step("import")
    many = [entry(f"/home/alex/{number:05}", inode=number) for number in range(5003)]
    trees(recording, before=[], install=[], **{"import": many})
    found = files(recording)
    assert (len(found.created), found.left_out) == (5000, 3)


def test_a_file_name_that_is_not_utf8_is_told_with_escapes(recording: Recording) -> None:
    recording.step("import")
    trees(recording, before=[], install=[], **{"import": [entry("/home/alex/a\udcff")]})
    assert only(files(recording).created).path == "/home/alex/a\\udcff"
