"""Reading a compressed tar archive (an sdist) without trusting it."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import tarfile
from typing import TYPE_CHECKING, BinaryIO, Final

from analyzer.archives.limits import MIB
from analyzer.archives.members import Ledger, Member, Taking

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK: Final = 64 * 1024
_HEADER_BYTES: Final = MIB
"""What tarfile may read for the header of one member; long names, pax records and sparse maps are part of it."""


class _Forward(io.RawIOBase):
    """A decompressed stream that only goes forward, and accounts for every byte that it passes.

    tarfile reads a header's extensions at once, with whatever size the archive claims: `allow` bounds what may be
    *read* until the next call of it, while bytes that are skipped by seeking only count for the ledger.
    """

    def __init__(self, stream: BinaryIO | gzip.GzipFile | bz2.BZ2File, ledger: Ledger) -> None:
        super().__init__()
        self._stream = stream
        self._ledger = ledger
        self._position = 0
        self._allowance = 0
        self.last = b""

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def seekable(self) -> bool:
        """Whether it can be positioned: forward only, which is all that tarfile does here."""
        return True

    def allow(self, size: int) -> None:
        """Permit this many bytes to be read from here on."""
        self._allowance = size

    def tell(self) -> int:
        """Bytes from the start of the decompressed stream."""
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """Read as much as asked for, within the allowance."""
        if size is None or size < 0 or size > self._allowance:
            raise self._ledger.refuse("has a member header that is unreasonably large")
        self._allowance -= size
        parts = []
        while size and (chunk := self._take(min(size, _CHUNK))):
            parts.append(chunk)
            size -= len(chunk)
        self.last = b"".join(parts)
        return self.last

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Skip forward to an absolute position, or as far as the stream goes."""
        if whence != os.SEEK_SET or offset < self._position:
            raise OSError("the stream goes forward only")
        while self._position < offset and self._take(min(offset - self._position, _CHUNK)):
            continue
        return self._position

    def only_zeros_remain(self) -> bool:
        """Read to the end, which verifies the compressor's checksum too, and tell whether only padding was left."""
        padding = not self.last.strip(b"\0")
        while chunk := self._take(_CHUNK):
            padding = padding and not chunk.strip(b"\0")
        return padding

    def _take(self, size: int) -> bytes:
        chunk = self._stream.read(size)
        self._position += len(chunk)
        self._ledger.count_bytes(len(chunk))
        return chunk


def read_tar(path: Path, ledger: Ledger, taking: Taking, *, bzip2: bool) -> None:
    """Check every member against the ledger, decompress all of it once, and hand on the files that are wanted.

    Raises:
        AcquireError: A member is refused.
        tarfile.TarError: The archive is damaged; so says whatever else the standard library raises for it.
    """
    with path.open("rb") as packed, bz2.open(packed) if bzip2 else gzip.open(packed) as unpacked:
        stream = _Forward(unpacked, ledger)
        stream.allow(_HEADER_BYTES)
        with tarfile.TarFile(fileobj=stream, encoding="utf-8", errors="surrogateescape") as archive:
            _read_members(archive, stream, ledger, taking)
        if not stream.only_zeros_remain():
            raise ledger.refuse("is damaged, or has data behind its end")


def _read_members(archive: tarfile.TarFile, stream: _Forward, ledger: Ledger, taking: Taking) -> None:
    while True:
        stream.allow(_HEADER_BYTES)
        info = archive.next()
        if info is None:
            return
        member = _member(info)
        name = ledger.admit(member)
        taker = taking(name) if member.kind == "file" else None
        if taker is None:
            continue
        stream.seek(info.offset_data)
        left = info.size
        while left:
            stream.allow(MIB)
            chunk = stream.read(min(left, MIB))
            if not chunk:
                raise EOFError("the archive ends inside a member")
            taker.feed(chunk)
            left -= len(chunk)
        taker.end()


def _member(info: tarfile.TarInfo) -> Member:
    if info.issym():
        return Member(info.name, "symlink", info.linkname)
    if info.islnk():
        return Member(info.name, "hardlink", info.linkname)
    if info.isdir():
        return Member(info.name, "directory")
    return Member(info.name, "file" if info.isreg() and not info.issparse() else "special")
