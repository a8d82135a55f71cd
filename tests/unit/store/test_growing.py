from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.store import growing
from analyzer.store.growing import Growing, GrowingLines
from analyzer.store.record import Record


@given(data=st.binary(max_size=300), cuts=st.lists(st.integers(0, 300), max_size=6), most=st.integers(1, 80))
def test_however_a_file_grows_its_lines_are_those_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, cuts: list[int], most: int
) -> None:
    folder = tmp_path_factory.mktemp("record")
    path = folder / "log"
    lines, found = GrowingLines(path), []
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(data)], strict=True):
        with path.open("ab") as file:
            file.write(data[begin:end])
        while lines.file.left:
            found += lines.read(most)
    found += lines.rest()
    assert found == [line.removesuffix("\n") for line in Record(folder).lines("log")]


def test_a_file_that_comes_later_is_read_from_its_beginning(tmp_path: Path) -> None:
    file = Growing(tmp_path / "log")
    assert (file.read(), file.left) == (b"", 0)
    (tmp_path / "log").write_bytes(b"abcdef")
    assert file.left == 6
    assert (file.read(4), file.left, file.taken) == (b"abcd", 2, 4)
    assert file.read(4) == b"ef"


def test_a_line_without_end_comes_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "MAX_LINE", 4)
    (tmp_path / "log").write_bytes(b"abcdefghij")
    assert GrowingLines(tmp_path / "log").read() == ["abcd", "efgh", "ij"]


def test_a_file_that_became_shorter_is_read_no_more(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"abcdef")
    file = Growing(path)
    file.read()
    os.truncate(path, 2)
    assert (file.read(), file.left) == (b"", 0)
    path.write_bytes(b"abcdefghijkl")
    assert file.read() == b""


def test_a_file_that_is_gone_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"abcdef")
    file = Growing(path)
    assert file.read(1) == b"a"
    path.unlink()
    assert file.read() == b"bcdef"


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_only_regular_files_are_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "log"
    (tmp_path / "other").write_bytes(b"secret")
    if kind == "link":
        path.symlink_to("other")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    file = Growing(path)
    assert (file.read(), file.left) == (b"", 0)
    file.close()


def test_after_its_close_nothing_is_read(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"abc")
    file = Growing(tmp_path / "log")
    file.read(1)
    file.close()
    file.close()
    assert (file.read(), file.left) == (b"", 0)
