from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzer.errors import UsageError
from analyzer.render.interface import RENDERERS, find_renderer, open_atomically
from tests.unit.render.eventful import rich_report

if TYPE_CHECKING:
    from collections.abc import Iterator


def write(path: Path, data: bytes | str) -> None:
    with open_atomically(path) as stream:
        stream.write(data.encode() if isinstance(data, str) else data)


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.mark.parametrize("name", ["json", "html"])
def test_a_format_is_found_by_its_name_and_is_pure(name: str) -> None:
    renderer = find_renderer(name)
    assert (renderer.format, renderer.suffix) == (name, f".{name}")
    assert renderer.render(rich_report()) == renderer.render(rich_report())


def test_an_unknown_format_lists_the_known_ones() -> None:
    with pytest.raises(
        UsageError,
        match=r"^unknown report format 'pdf'; known formats are attack-layer, cyclonedx, html, json, markdown, mbc, package-analysis, sarif$",
    ):
        find_renderer("pdf")


def test_every_format_is_registered_under_its_own_name() -> None:
    assert all(name == renderer.format for name, renderer in RENDERERS.items())


def test_text_is_written_as_utf_8_with_the_mode_of_the_umask(tmp_path: Path, umask: None) -> None:
    path = tmp_path / "report.json"
    write(path, "straße")
    assert path.read_bytes() == "straße".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_an_old_file_is_replaced_not_written_into(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    with path.open() as reader:
        write(path, b"new")
        assert reader.read() == "old"
    assert path.read_text() == "new"


def test_a_symbolic_link_stays(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "latest.json"
    link.symlink_to("real/report.json")
    write(link, "x")
    assert link.is_symlink()
    assert (tmp_path / "real" / "report.json").read_text() == "x"


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    write(path, "through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)


@pytest.mark.parametrize("where", ["missing/report.json", "file/report.json", "."])
def test_an_unwritable_path_is_one_clear_line(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"^cannot write '.*': [A-Z][a-z ]+; name a file in [a-z ]+$") as raised:
        write(tmp_path / where, "x")
    assert "\n" not in str(raised.value)


def test_nothing_is_left_when_the_disk_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(UsageError, match="No space left on device"):
        write(tmp_path / "report.json", "x")
    assert list(tmp_path.iterdir()) == []


def test_a_block_that_raises_leaves_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    with pytest.raises(KeyError), open_atomically(path) as stream:
        stream.write(b"half")
        raise KeyError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
