"""Archives from an index, from a user, and records from strangers."""

from __future__ import annotations

import gzip
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from analyzer.archives.archive import read_archive
from analyzer.errors import AcquireError, RecordError
from analyzer.store.unpacking import unpack
from tests.fuzz.target import target

ZIP = (
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"PK\x06\x06",
    b"PK\x06\x07",
    b"\xff\xff\xff\xff",
    b"\x01\x00",
    b"../",
    b"/",
)


def _read(data: bytes, name: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        try:
            contents = read_archive(path, name, lambda member: True)
        except AcquireError as error:
            assert str(error).isprintable()
            assert len(str(error)) < 1000
            return
    for member in contents.names:
        assert not member.startswith(("/", "\\"))
        assert ".." not in member.replace("\\", "/").split("/")


@target(*ZIP, guided=True)
def archive_zip(data: bytes) -> None:
    _read(data, "x.whl")


@target(
    b"ustar\x00", b"L", b"K", b"x", b"g", b"S", b"1", b"2", b"5", b"20 path=../x\n", b"\x80", b"\0" * 512, guided=True
)
def archive_tar(data: bytes) -> None:
    _read(gzip.compress(data, 1, mtime=0), "x.tar.gz")


@target(b"\x1f\x8b\x08", b"\0\0\0\0")
def archive_gzip(data: bytes) -> None:
    _read(data, "x.tar.gz")


@target(b"BZh9", b"1AY&SY", b"\x17rE8P\x90")
def archive_bzip2(data: bytes) -> None:
    _read(data, "x.tar.bz2")


@target(*ZIP, b"fumehood-record.json", guided=True)
def record_archive(data: bytes) -> None:
    with TemporaryDirectory() as folder, suppress(RecordError):
        path, inside = Path(folder) / "x.record", Path(folder) / "inside"
        path.write_bytes(data)
        inside.mkdir()
        unpack(path, inside)
