"""A record becomes one file, the same bytes each time, with nothing in it that is not needed."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from analyzer.errors import RecordError
from analyzer.store import archive, contents
from analyzer.store.archive import MANIFEST, is_record, pack
from tests.unit.store.archives import CONTENT, ORIGIN, build, make_record, packed


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return make_record(tmp_path / "record")


def test_the_manifest_comes_first_and_lists_the_rest(record: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(packed(record))) as read:
        names = read.namelist()
        manifest = json.loads(read.read(MANIFEST))
        assert {name: read.read(name) for name in names[1:]} == CONTENT
    assert names == [MANIFEST, *sorted(CONTENT)]
    assert [file["name"] for file in manifest["files"]] == names[1:]
    assert manifest["format"] == 1
    assert manifest["created"] == "2026-01-02T03:04:05.000678Z"


def test_the_machine_that_ran_it_is_not_in_it(record: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(packed(record))) as read:
        assert b"someone" not in read.read(MANIFEST)


def test_the_same_record_gives_the_same_bytes(record: Path, tmp_path: Path) -> None:
    assert packed(record) == packed(make_record(tmp_path / "again"))


def test_links_and_other_files_are_left_out(record: Path) -> None:
    (record / "steps" / "02-import.out").symlink_to("/etc/hostname")
    (record / "steps" / "notes.txt").write_text("x")
    (record / "steps" / "03-import.out").mkdir()
    (record / "more").mkdir()
    (record / "more" / "01-install.out").write_text("x")
    with zipfile.ZipFile(io.BytesIO(packed(record))) as read:
        assert set(read.namelist()) == {MANIFEST, *CONTENT}


def test_it_can_go_through_a_pipe(record: Path) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: object) -> int:
            raise io.UnsupportedOperation

        def tell(self) -> int:
            raise io.UnsupportedOperation

    stream = Pipe()
    pack(record, ORIGIN, stream)
    with zipfile.ZipFile(io.BytesIO(stream.getvalue())) as read:
        assert read.testzip() is None
        assert read.namelist() == [MANIFEST, *sorted(CONTENT)]


def test_what_could_not_be_opened_again_is_not_kept(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_FILES", len(CONTENT) - 1)
    with pytest.raises(RecordError, match="no more than 10 files"):
        packed(record)


def test_a_record_that_is_too_large_is_not_kept(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", sum(map(len, CONTENT.values())) - 1)
    with pytest.raises(RecordError, match="smaller --timeout or --output-limit"):
        packed(record)


def test_a_file_that_is_too_large_is_named(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MAX_FILE_BYTES", 255)
    with pytest.raises(RecordError, match="capture.pcap of this run"):
        packed(record)


def test_it_is_recognised_by_what_it_is(record: Path, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(packed(record))
    assert is_record(path)


@pytest.mark.parametrize("other", [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), MANIFEST.encode(), b"{}" * 100])
def test_nothing_else_is_recognised(tmp_path: Path, other: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(other)
    assert not is_record(path)


def test_another_zip_is_not_recognised(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for name in (MANIFEST + "x", "x" + MANIFEST, MANIFEST[:-1], "sample/__init__.py"):
        with zipfile.ZipFile(path, "w") as written:
            written.writestr(name, "{}")
            written.writestr(MANIFEST, "{}")
        assert not is_record(path)


def test_what_is_not_there_is_no_record(tmp_path: Path) -> None:
    assert not is_record(tmp_path / "none")
    assert not is_record(tmp_path)


def test_one_made_by_hand_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(build(CONTENT))
    assert is_record(path)
