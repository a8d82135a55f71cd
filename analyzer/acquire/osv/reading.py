"""Reads OSV records from what a user has: a file, an archive as osv.dev exports it, or a folder of these."""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from analyzer.acquire.osv.advisories import Advisories
from analyzer.acquire.osv.documents import NoRecordsError, records
from analyzer.acquire.text import shown
from analyzer.archives.limits import GIB, MIB
from analyzer.errors import UsageError

MAX_BYTES: Final = GIB
"""All records together, unpacked. Those of PyPI take some 60 MiB."""

MAX_DOCUMENT_BYTES: Final = 256 * MIB
"""One file that is no archive, or one member of an archive."""

MAX_FILES: Final = 500_000
"""Files of a folder, or members of an archive."""

_ZIP: Final = b"PK\x03\x04"
_ENDINGS: Final = (".json", ".jsonl")
_FOLDER_ENDINGS: Final = (*_ENDINGS, ".zip")

_Stamp = tuple[str, int, int, int]
"""A file by path, inode, size and time of its last change."""


def read_advisories(paths: Iterable[Path]) -> Advisories:
    """The records of what the paths name. What did not change since is not read again.

    Raises:
        UsageError: One cannot be read, is not of the format, is too large, or has nothing about PyPI.
    """
    return _read(tuple((str(path), tuple(_files(path))) for path in paths))


@lru_cache(maxsize=1)
def _read(named: tuple[tuple[str, tuple[_Stamp, ...]], ...]) -> Advisories:
    advisories, budget = Advisories(), _Budget()
    for path, files in named:
        before = advisories.records
        for file, *_ in files:
            for place, content in _documents(file, budget):
                try:
                    for record in records(content):
                        advisories.add(record)
                except NoRecordsError as error:
                    raise _refused(file, f"{place}{error}") from error
        if advisories.records == before:
            raise _refused(path, "it has no record of the ecosystem PyPI; give that ecosystem's records")
    return advisories


class _Budget:
    """Counts what was read."""

    def __init__(self) -> None:
        self.left = MAX_BYTES

    def take(self, size: int, path: str) -> None:
        self.left -= size
        if size > MAX_DOCUMENT_BYTES:
            raise _refused(path, f"a document of it is larger than {MAX_DOCUMENT_BYTES // MIB} MiB; give it in parts")
        if self.left < 0:
            raise _refused(path, f"it has more than {MAX_BYTES // MIB} MiB of records; give those of PyPI alone")


def _files(path: Path) -> Iterator[_Stamp]:
    """The files that a path names."""
    try:
        if not path.is_dir():
            yield _stamp(path)
            return
        count = 0
        for folder, folders, names in os.walk(path, onerror=_raise):
            folders.sort()
            for name in sorted(name for name in names if name.endswith(_FOLDER_ENDINGS)):
                count += 1
                if count > MAX_FILES:
                    raise _refused(str(path), f"it has more than {MAX_FILES:,} files; give the records of PyPI alone")
                yield _stamp(Path(folder, name))
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _refused(str(path), f"it cannot be read ({reason}); check that it is there and readable") from error


def _stamp(path: Path) -> _Stamp:
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(0, "it is no plain file")
    return str(path), found.st_ino, found.st_size, found.st_mtime_ns


def _raise(error: OSError) -> None:
    raise error


def _documents(path: str, budget: _Budget) -> Iterator[tuple[str, bytes]]:
    """The documents of one file, and what stands before a message about each."""
    try:
        with open(path, "rb") as stream:
            if stream.read(len(_ZIP)) != _ZIP:
                stream.seek(0)
                content = stream.read(MAX_DOCUMENT_BYTES + 1)
                budget.take(len(content), path)
                yield "", content
                return
        with zipfile.ZipFile(path) as archive:
            yield from _members(path, archive, budget)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise _refused(path, f"it cannot be read ({reason}); get it again") from error


def _members(path: str, archive: zipfile.ZipFile, budget: _Budget) -> Iterator[tuple[str, bytes]]:
    members = [one for one in archive.infolist() if one.filename.endswith(_ENDINGS)]
    if len(members) > MAX_FILES:
        raise _refused(path, f"it has more than {MAX_FILES:,} members; give the records of PyPI alone")
    for member in members:
        # What the directory says of sizes may be wrong: the bytes count, of which no more are unpacked than are allowed.
        with archive.open(member) as stream:
            content = stream.read(MAX_DOCUMENT_BYTES + 1)
        budget.take(len(content), path)
        yield f"{shown(member.filename)}: ", content


def _refused(path: str, reason: str) -> UsageError:
    return UsageError(f"--osv {shown(path)}: {reason}")
