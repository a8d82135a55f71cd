from __future__ import annotations

import json
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.event import FileTree, Phase
from analyzer.trace.changes import add_trees
from analyzer.trace.timeline import Timeline
from analyzer.trace.tree import trees
from analyzer.trace.tree.bytecode import is_cached
from tests.unit.trace.making import INSTALLED, SITE, lines, step

SECONDS = 1_700_000_000
UV = "/opt/uv/uv"


def entry(path: str, **fields: Any) -> str:
    return json.dumps(
        {
            "path": path,
            "type": "file",
            "mode": "644",
            "size": 3,
            "mtime": SECONDS * 10**9,
            "inode": crc32(path.encode("utf-8", "surrogateescape")),
        }
        | fields
    )


def tree(*entries: str) -> trees.Tree:
    found, broken = trees.read(entries)
    assert broken == 0
    return found


def changes(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    return [(one.path, one.change) for one in trees.compare(tree(*before), tree(*after))]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], [entry("/a")], [("/a", "created")]),
        ([entry("/a")], [], [("/a", "deleted")]),
        ([entry("/a")], [entry("/a")], []),
        ([entry("/a")], [entry("/a", size=4)], [("/a", "modified")]),
        ([entry("/a")], [entry("/a", mtime=5)], [("/a", "modified")]),
        ([entry("/a")], [entry("/a", type="symlink", target="/b")], [("/a", "modified")]),
        ([entry("/a")], [entry("/a", mode="755")], []),
        ([entry("/a", type="directory")], [entry("/a", type="directory", mtime=5)], []),
        ([entry("/b"), entry("/a")], [], [("/a", "deleted"), ("/b", "deleted")]),
    ],
)
def test_comparison(before: list[str], after: list[str], expected: list[tuple[str, str]]) -> None:
    assert changes(before, after) == expected


def test_another_name_is_no_new_file() -> None:
    assert changes([entry("/a", inode=5)], [entry("/b", inode=5)]) == []


@pytest.mark.parametrize("other", [{"size": 4}, {"mtime": 5}, {"head": "x"}, {"type": "symlink"}, {"inode": 6}])
def test_a_number_used_again_is_no_rename(other: dict[str, Any]) -> None:
    found = changes([entry("/a", inode=5)], [entry("/b", **({"inode": 5} | other))])
    assert found == [("/a", "deleted"), ("/b", "created")]


def test_without_inodes_nothing_is_a_rename() -> None:
    assert len(changes([entry("/a", inode=0)], [entry("/b", inode=0)])) == 2


def test_names_that_are_not_utf8() -> None:
    (change,) = trees.compare({}, tree(entry("/a\udcff", head="\x00é→")))
    assert change.path == "/a\udcff"
    assert change.head == "\x00\\xe9?"


@pytest.mark.parametrize(
    "line",
    ["", "{}", "[]", entry("/a", type="door"), entry("/a", size=-1), entry("/a", size=1 << 70), entry("/a", extra=1)],
)
def test_broken_lines_are_counted(line: str) -> None:
    assert trees.read([line, entry("/b")])[1] == 1


@given(st.lists(st.text()))
def test_any_text(lines: list[str]) -> None:
    found, broken = trees.read(lines)
    assert len(found) + broken <= len(lines)


# Bytecode


def header(seconds: int = SECONDS, size: int = 3, flags: int = 0) -> str:
    parts = (flags.to_bytes(4, "little"), (seconds & 0xFFFFFFFF).to_bytes(4, "little"), size.to_bytes(4, "little"))
    return (b"\xa7\r\r\n" + b"".join(parts) + b"\xe3").decode("latin-1")


PYC = "/x/__pycache__/m.cpython-311.pyc"


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([entry("/x/m.py"), entry(PYC, head=header())], True),
        ([entry("/x/m.py", mtime=(SECONDS << 8) * 10**9), entry(PYC, head=header(SECONDS << 8))], True),
        ([entry(PYC, head=header())], False),
        ([entry("/x/m.py"), entry(PYC, head=header(size=4))], False),
        ([entry("/x/m.py"), entry(PYC, head=header(seconds=1))], False),
        ([entry("/x/m.py"), entry(PYC, head=header(flags=1))], False),
        ([entry("/x/m.py"), entry(PYC, head="data")], False),
        ([entry("/x/m.py"), entry(PYC, type="symlink")], False),
        ([entry("/x/m.py", type="directory"), entry(PYC, head=header())], False),
    ],
)
def test_a_cache_has_its_sources_header(entries: list[str], *, expected: bool) -> None:
    assert is_cached(PYC, tree(*entries)) is expected


@pytest.mark.parametrize(
    "path", ["/x/__pycache__evil/m.cpython-311.pyc", "/x/__pycache__/m.pyc", "/x/__pycache__/m.cpython-311.pyc.sh"]
)
def test_what_is_no_name_of_a_cache(path: str) -> None:
    assert not is_cached(path, tree(entry("/x/m.py"), entry(path, head=header())))


# Authors


def authors(
    before: list[str], after: list[str], phase: Phase = "import", timeline: Timeline | None = None
) -> dict[str, str]:
    timeline = timeline or Timeline()
    add_trees(timeline, {phase: 5.0}, {"before": before, phase: after}, INSTALLED)
    found = [event for event in timeline.events if event.layer == "filesystem"]
    assert all(event.time == 5.0 for event in found)
    return {event.detail.path: event.attribution for event in found if event.kind == "file.tree"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("path", "phase", "author"),
    [
        (f"{SITE}/target.py", "install", "package"),
        (f"{SITE}/helper.py", "install", "dependency"),
        ("/home/u/project/.venv/.lock", "install", "installer"),
        ("/home/u/.cache/uv/x", "install", "installer"),
        ("/tmp/x", "install", "installer"),
        ("/home/u/.bashrc", "install", "package"),
        ("/tmp/x", "import", "package"),
        ("/home/u/.cache/uv/x", "import", "package"),
        ("/home/u/__pycache__/x.cpython-311.pyc", "import", "package"),
    ],
)
def test_authors_by_place(path: str, phase: Phase, author: str) -> None:
    assert authors([], [entry(path)], phase) == {path: author}


def test_a_folder_of_caches_and_a_true_cache_are_the_interpreters() -> None:
    after = [entry("/x/m.py"), entry("/x/__pycache__", type="directory"), entry(PYC, head=header())]
    assert authors([entry("/x/m.py")], after) == {"/x/__pycache__": "interpreter", PYC: "interpreter"}


def test_authors_that_system_calls_show() -> None:
    """A build script leaves files where the installer has its own: in the environment and in the temporary folder."""
    log = lines(
        "vfork() = 2 /* 11 in strace's PID NS */",
        '@11 execve("/home/u/.cache/uv/b/bin/python", ["python"], 0x7) = 0',
        f'@11 openat(AT_FDCWD, "{SITE}/evil.pth", O_WRONLY|O_CREAT) = 3',
        '@11 openat(AT_FDCWD, "/tmp/x", O_WRONLY|O_CREAT) = 3',
        f'openat(AT_FDCWD, "{SITE}/.lock", O_RDWR|O_CREAT) = 3',
        command=f'execve("{UV}", ["uv"], 0x7) = 0',
    )
    paths = (f"{SITE}/evil.pth", "/tmp/x", f"{SITE}/.lock")
    found = authors([], [entry(path) for path in paths], "install", step(log, phase="install", command=UV))
    assert found == dict(zip(paths, ("package", "package", "installer"), strict=True))


def test_broken_lines_make_the_run_incomplete() -> None:
    timeline = Timeline()
    add_trees(timeline, {"import": 5.0}, {"before": ["x"], "import": ["y", entry("/a")]}, INSTALLED)
    assert timeline.dropped == 2
    assert timeline.reasons == ["2 lines of the file tree could not be read"]


def test_evidence_is_the_line_of_the_tree() -> None:
    timeline = Timeline()
    add_trees(timeline, {"import": 5.0}, {"before": [], "import": [entry("/b"), entry("/a")]}, INSTALLED)
    assert [(event.source.file, event.source.line) for event in timeline.events] == [
        ("trees/import.jsonl", 2),
        ("trees/import.jsonl", 1),
    ]


def test_a_phase_is_compared_with_the_one_before() -> None:
    timeline = Timeline()
    add_trees(
        timeline,
        {"startup": 1.0, "import": 2.0},
        {"before": [], "startup": [entry("/a")], "import": [entry("/a")]},
        INSTALLED,
    )
    assert [event.phase for event in timeline.events] == ["startup"]


@pytest.mark.parametrize(
    ("name", "distribution", "own"), [("target", "target", True), ("helper", "helper", False), ("x", "", False)]
)
def test_whose_files_they_are(name: str, distribution: str, *, own: bool) -> None:
    timeline = Timeline()
    add_trees(timeline, {"install": 5.0}, {"before": [], "install": [entry(f"{SITE}/{name}.py")]}, INSTALLED)
    (event,) = timeline.events
    assert isinstance(event.detail, FileTree)
    assert (event.detail.distribution, event.detail.own, event.step) == (distribution, own, 0)
