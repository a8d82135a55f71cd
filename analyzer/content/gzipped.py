"""Files that are packed by gzip within a package, as data often is: looked into without trusting them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from analyzer.archives.limits import MAX_RATIO, MIB

GZIP: Final = b"\x1f\x8b\x08"
"""How such a file begins (RFC 1952, with the one method that there is)."""

_MOST: Final = 64 * MIB
_PIECE: Final = MIB
_WITH_HEADER: Final = 31
"""What zlib calls a window of 32 KiB with gzip's header and checksum."""


class Gzip:
    """Unpacks a file as it comes, piece by piece; at most 64 MiB, and at most 200 times what came."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_WITH_HEADER)
        self._came = self._unpacked = 0
        self.is_broken = False

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """What the next bytes hold, in pieces of at most 1 MiB; no more, and `is_broken`, once they are damaged or too much."""
        self._came += len(chunk)
        rest = chunk
        while rest:
            if self._inflate.eof:  # another member, as concatenated files have
                self._inflate = zlib.decompressobj(_WITH_HEADER)
            try:
                piece = self._inflate.decompress(rest, _PIECE)
            except zlib.error:
                self.is_broken = True
                return
            self._unpacked += len(piece)
            if self._unpacked > min(_MOST, max(MIB, MAX_RATIO * self._came)):
                self.is_broken = True
                return
            if piece:
                yield piece
            rest = self._inflate.unconsumed_tail or self._inflate.unused_data
