"""Compressed data and archives: what they hold, up to a size. Bombs are cut, and that is said."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PLACES: Final = 16
"""Places in one piece at which one kind of data is looked for."""

_FIELDS: Final = 512
"""Bytes of a form in which a field's value is looked for that is packed and not encoded."""

_MEMBERS: Final = 200
_INPUT: Final = 16 << 20
_MEMORY: Final = 64 << 20
_ZLIB: Final = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_XZ: Final = b"\xfd7zXZ\0"
_LZMA: Final = b"\x5d\0\0"
_BZIP2: Final = b"BZh"
_GZIP: Final = b"\x1f\x8b\x08"
_LOCAL: Final = b"PK\x03\x04"
_TAR: Final = b"ustar"

MAGIC: Final = (_GZIP, _BZIP2, _XZ, _LZMA, _LOCAL, *_ZLIB)
"""How the kinds begin that can be told by it."""


def unpack(data: bytes, most: int) -> Iterator[tuple[str, bytes, bool]]:
    """What is packed anywhere in some data: the encoding's name, the content, and whether that was cut at `most` bytes."""
    for at in _places(data, _GZIP):
        yield from _inflated("gzip", data[at : at + _INPUT], 31, most)
    for magic in _ZLIB:
        for at in _places(data, magic):
            yield from _inflated("zlib", data[at : at + _INPUT], 15, most)
    for at in _places(data, _BZIP2):
        yield from _bzip2(data[at : at + _INPUT], most)
    for magic in (_XZ, _LZMA):
        for at in _places(data, magic):
            yield from _lzma(data[at : at + _INPUT], most, xz=magic == _XZ)
    yield from _zip(data, most)
    yield from _tar(data, most)


def raw_deflate(data: bytes, most: int) -> Iterator[tuple[str, bytes, bool]]:
    """Deflate without a header, of which only its orderly end tells what it is."""
    # A message's body or one of a form's parts, and the value of a form's field.
    begins = [0, *(at + 4 for at in _places(data, b"\r\n\r\n")), *(at + 1 for at in _places(data[:_FIELDS], b"="))]
    for begin in begins:
        unpacker = zlib.decompressobj(-15)
        try:
            content = unpacker.decompress(data[begin : begin + _INPUT], most)
        except zlib.error:
            continue
        if (unpacker.eof or len(content) == most) and len(content) > 8:
            yield "deflate", content, not unpacker.eof


def _places(data: bytes, magic: bytes) -> Iterator[int]:
    at = -1
    for _ in range(_PLACES):
        at = data.find(magic, at + 1)
        if at < 0:
            return
        yield at


def _inflated(name: str, data: bytes, window: int, most: int) -> Iterator[tuple[str, bytes, bool]]:
    unpacker = zlib.decompressobj(window)
    yield from _content(name, lambda: unpacker.decompress(data, most), lambda: unpacker.eof, most, (zlib.error,))


def _bzip2(data: bytes, most: int) -> Iterator[tuple[str, bytes, bool]]:
    from bz2 import BZ2Decompressor

    unpacker = BZ2Decompressor()
    errors = (OSError, ValueError, EOFError)
    yield from _content("bzip2", lambda: unpacker.decompress(data, most), lambda: unpacker.eof, most, errors)


def _lzma(data: bytes, most: int, *, xz: bool) -> Iterator[tuple[str, bytes, bool]]:
    import lzma

    unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ if xz else lzma.FORMAT_ALONE, memlimit=_MEMORY)
    errors = (lzma.LZMAError, EOFError, MemoryError)
    name = "xz" if xz else "lzma"
    yield from _content(name, lambda: unpacker.decompress(data, most), lambda: unpacker.eof, most, errors)


def _content(
    name: str, give: Callable[[], bytes], ended: Callable[[], bool], most: int, errors: tuple[type[Exception], ...]
) -> Iterator[tuple[str, bytes, bool]]:
    try:
        content = give()
    except errors:
        return
    if content:
        yield name, content, not ended() and len(content) >= most


def _zip(data: bytes, most: int) -> Iterator[tuple[str, bytes, bool]]:
    """A zip archive's members by their local headers (APPNOTE.TXT 4.3.7), which also an archive without an end has."""
    at, left = -1, most
    for _ in range(_MEMBERS):
        at = data.find(_LOCAL, at + 1)
        if at < 0 or at + 30 > len(data) or left <= 0:
            return
        method, _, _, _, packed, _, name, extra = struct.unpack_from("<HHHIIIHH", data, at + 8)
        begin = at + 30 + name + extra
        content = data[begin : begin + packed] if packed else data[begin : begin + _INPUT]
        if method == 0 and content:
            yield "zip", content[:left], len(content) > left
            left -= len(content)
        elif method == 8:
            for _, inner, cut in _inflated("zip", content, -15, left):
                yield "zip", inner, cut
                left -= len(inner)


def _tar(data: bytes, most: int) -> Iterator[tuple[str, bytes, bool]]:
    """A tar archive's members, of which the content stands in the clear: what is split by nothing needs no unpacking.

    Only names and headers stand between; hence one piece, without them, shows what goes on from member to member.
    """
    at = data.find(_TAR) - 257
    if at < 0:
        return
    content = bytearray()
    for _ in range(_MEMBERS):
        header = data[at : at + 512]
        if len(header) < 512 or header[257:262] != _TAR:
            break
        try:
            size = int(header[124:136].strip(b"\0 ") or b"0", 8)
        except ValueError:
            break
        if size < 0 or len(content) >= most:
            break
        content += data[at + 512 : at + 512 + min(size, most)]
        at += 512 + -(-size // 512) * 512
    if content:
        yield "tar", bytes(content[:most]), len(content) > most
