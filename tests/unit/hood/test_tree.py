from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hood.tree import HEAD_BYTES, write_tree

from analyzer.trace.tree import trees


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder whose tree is written."""
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


def entries(root: Path, limit: int = 1000) -> tuple[dict[str, dict[str, Any]], list[str]]:
    out = root.parent / "tree.jsonl"
    reasons = write_tree([str(root)], out, limit)
    found = [json.loads(line) for line in out.read_bytes().decode("ascii").splitlines()]
    return {entry["path"].removeprefix(f"{root}/"): entry for entry in found}, reasons


def test_each_kind_of_entry(root: Path) -> None:
    (root / "file").write_bytes(bytes(range(256)) * 2)
    (root / "file").chmod(0o640)
    (root / "folder").mkdir(mode=0o700)
    (root / "link").symlink_to("/etc/passwd")
    (root / "lost").symlink_to("no\nwhere")
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(root / "socket"))
        found, reasons = entries(root)
    assert reasons == []
    assert {name: entry["type"] for name, entry in found.items()} == {
        "file": "file", "folder": "directory", "link": "symlink", "lost": "symlink", "pipe": "other", "socket": "other",
    }  # fmt: skip
    assert (found["file"]["mode"], found["file"]["size"]) == ("640", 512)
    assert found["file"]["head"] == bytes(range(256)).decode("latin-1")
    assert len(found["file"]["head"]) == HEAD_BYTES
    assert (found["link"]["target"], found["lost"]["target"]) == ("/etc/passwd", "no\nwhere")
    assert found["folder"]["mode"] == "700"


def test_links_are_never_followed(root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "file").write_text("secret text")
    (root / "folder").symlink_to(secret)
    (root / "file").symlink_to(secret / "file")
    (root / "round").symlink_to(root)
    found, _ = entries(root)
    assert set(found) == {"folder", "file", "round"}
    assert "secret text" not in json.dumps(found)


@pytest.mark.parametrize(
    "name",
    [b"new\nline", b'quote"', b"back\\slash", b"\xff\xfe", "\u202e\U0001f40d".encode(), b" ", b"\x1b[2J", b"x" * 255],
)
def test_any_name_survives(name: bytes, root: Path) -> None:
    (root / "below").mkdir()
    with open(os.path.join(os.fsencode(root), b"below", name), "wb") as file:
        file.write(b"text")
    found, reasons = entries(root)
    assert reasons == []
    (path,) = set(found) - {"below"}
    assert os.fsencode(path) == b"below/" + name
    tree, broken = trees.read((root.parent / "tree.jsonl").read_text().splitlines())
    assert broken == 0
    assert len(tree) == 2


def test_more_entries_than_the_limit_are_a_reason(root: Path) -> None:
    for number in range(30):
        (root / f"{number:02}").write_text("")
    found, reasons = entries(root, limit=10)
    assert len(found) == 10
    assert reasons == ["more than 10 files: the rest was not compared"]
    assert entries(root, limit=30) == (entries(root, limit=31)[0], [])


def test_a_folder_that_is_too_deep_is_a_reason(root: Path) -> None:
    program = "import os, sys\nos.chdir(sys.argv[1])\nfor _ in range(30):\n    os.mkdir('d' * 200)\n    os.chdir('d' * 200)\nopen('hidden', 'w')"
    subprocess.run([sys.executable, "-c", program, str(root)], check=True)
    found, reasons = entries(root)
    assert reasons
    assert "could not be looked at" in reasons[0]
    assert any("unreadable" in entry for entry in found.values())
    subprocess.run(["rm", "-rf", str(root)], check=True)


def test_a_folder_that_may_not_be_read_is_a_reason(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = root / "closed"
    closed.mkdir()
    (closed / "file").write_text("")
    scandir = os.scandir

    def refuse(path: str) -> Any:
        if path == str(closed):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found, reasons = entries(root)
    assert found["closed"]["unreadable"] == "Permission denied"
    assert reasons == ["1 files or folders could not be looked at"]
    tree, broken = trees.read((root.parent / "tree.jsonl").read_text().splitlines())
    assert broken == 0
    assert tree[str(closed)].unreadable == "Permission denied"


def test_a_root_that_is_gone_is_a_reason(root: Path) -> None:
    root.rmdir()
    assert entries(root)[1] == ["1 files or folders could not be looked at"]
