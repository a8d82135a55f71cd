"""Reading a zip archive (a wheel, or an old sdist) without trusting it."""

from __future__ import annotations

import stat
import zipfile
from typing import IO, TYPE_CHECKING, Final

from analyzer.archives.limits import MAX_MEMBERS, MIB
from analyzer.archives.members import Ledger, Member, Taking

if TYPE_CHECKING:
    from pathlib import Path

_MAX_READ: Final = 16 * MIB
"""The central directory is read at once, so this bounds it: 100,000 members with names of 100 characters fit."""

_CHUNK: Final = MIB
_ENCRYPTED: Final = 0x1
_READABLE: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LINK_BYTES: Final = 4096


class _Guarded:
    """A binary file whose single reads are bounded, whatever sizes the archive claims."""

    def __init__(self, stream: IO[bytes], ledger: Ledger) -> None:
        self._stream = stream
        self._ledger = ledger
        self.seek = stream.seek
        self.tell = stream.tell
        self.seekable = stream.seekable

    def read(self, size: int = -1) -> bytes:
        """Read like a file, but at most 16 MiB at once."""
        data = self._stream.read(min(size, _MAX_READ + 1) if size >= 0 else _MAX_READ + 1)
        if len(data) > _MAX_READ:
            raise self._ledger.refuse("has an unreasonably large directory of members")
        return data


def read_zip(path: Path, ledger: Ledger, taking: Taking, *, whole: bool = True) -> None:
    """Check every member against the ledger, decompress all of it once, and hand on the files that are wanted.

    Without `whole`, only these are decompressed.

    Raises:
        AcquireError: A member is refused.
        zipfile.BadZipFile: The archive is damaged; so says whatever else the standard library raises for it.
    """
    with path.open("rb") as stream:
        # zipfile asks of its file only what _Guarded has; its stub asks for the whole of IO.
        guarded: IO[bytes] = _Guarded(stream, ledger)  # type: ignore[assignment]
        with zipfile.ZipFile(guarded) as archive:
            _read_members(archive, ledger, taking, whole)


def _check(archive: zipfile.ZipFile, ledger: Ledger) -> None:
    """What can be told of all members before anything is decompressed; names are checked by the ledger later."""
    if len(archive.infolist()) > MAX_MEMBERS:
        raise ledger.refuse(f"has more than {MAX_MEMBERS} members")
    contents: dict[str, tuple[int, int]] = {}
    for info in archive.infolist():
        if info.flag_bits & _ENCRYPTED:
            raise ledger.refuse("is encrypted", info.filename)
        if info.compress_type not in _READABLE:
            raise ledger.refuse(f"uses compression method {info.compress_type}, which wheels do not", info.filename)
        if info.compress_type == zipfile.ZIP_STORED and info.compress_size != info.file_size:
            raise zipfile.BadZipFile("a member that is not packed has two sizes")
        # Installers take the first or the last one: what was looked at would not be what is installed.
        if contents.setdefault(info.filename, (info.CRC, info.file_size)) != (info.CRC, info.file_size):
            raise ledger.refuse("holds two different files of one name", info.filename)


def _read_members(archive: zipfile.ZipFile, ledger: Ledger, taking: Taking, whole: bool) -> None:
    _check(archive, ledger)
    for info in archive.infolist():
        member = _member(archive, info)
        name = ledger.admit(member)
        if member.kind == "symlink":
            continue
        taker = taking(name) if member.kind == "file" else None
        if taker is None and not whole:
            continue
        size = 0
        with archive.open(info) as data:
            while chunk := data.read(_CHUNK):
                size += len(chunk)
                ledger.count_bytes(len(chunk))
                if taker is not None:
                    taker.feed(chunk)
        if size != info.file_size:
            raise zipfile.BadZipFile(f"a member claims {info.file_size} bytes and has {size}")
        if taker is not None:
            taker.end()


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    """The member with its kind from the Unix mode, the upper half of the external attributes (0: none)."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        with archive.open(info) as data:
            return Member(info.filename, "symlink", data.read(_LINK_BYTES).decode("utf-8", "surrogateescape"))
    if info.is_dir() or kind == stat.S_IFDIR:
        return Member(info.filename, "directory")
    return Member(info.filename, "file" if kind in (0, stat.S_IFREG) else "special")
