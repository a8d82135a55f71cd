"""One file of a package, looked through piece by piece as it comes out of its archive."""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Callable
from typing import Final, Literal

from analyzer.content.gzipped import GZIP, Gzip
from analyzer.content.secrets import SecretBook, find_secrets
from analyzer.content.urls import UrlBook, find_urls
from analyzer.errors import AcquireError

WINDOW: Final = 4 * 1024 * 1024
"""Bytes that are looked through at once."""

_OVERLAP: Final = 4096
"""Bytes that are looked at again with the next window: more than the longest thing that is found."""

_HEAD: Final = 8192
_BOMS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PACKED: Final = (
    b"PK\x03\x04",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf'\x1c",
    b"Rar!\x1a\x07",
    b"\x28\xb5\x2f\xfd",
)
_UNNAMED: Final = re.compile(r"\.(?:npz|docx|xlsx|pptx|odt|svgz)\Z", re.IGNORECASE)
"""Endings of what is packed by its nature, and holds no programs."""


class Books:
    """What all files give. `seconds` is the processor time from the process's start on until which files may be read."""

    def __init__(self, seconds: float) -> None:
        self.urls = UrlBook()
        self.secrets = SecretBook()
        self.files = 0
        self.bytes = 0
        self.packed: list[str] = []
        self._seconds = seconds

    def check_time(self) -> None:
        """Raises AcquireError where it is used up."""
        if time.process_time() > self._seconds:
            raise AcquireError(f"reading it took more than {self._seconds:g} s of processor time")


class Scan:
    """Looks through one file. `done`, where there is one, gets its first `keep` bytes in the end."""

    def __init__(self, books: Books, name: str, keep: int = 0, done: Callable[[bytes], None] | None = None) -> None:
        self._books = books
        self._name = name
        self._data = bytearray()
        self._lines = 0
        self._binary: bool | None = None
        self._packed: Gzip | Literal[False] | None = None
        self._decoder: codecs.IncrementalDecoder | None = None
        self._keep = keep
        self._kept = bytearray()
        self._done = done
        books.files += 1

    def feed(self, chunk: bytes) -> None:
        """The next bytes."""
        if self._packed is None:
            self._packed = Gzip() if chunk.startswith(GZIP) and self._done is None else False
        if self._packed is False:
            self._take(chunk)
            return
        for piece in self._packed.pieces(chunk):
            self._take(piece)
        if self._packed.is_broken:
            self._books.packed.append(self._name)
            self._packed = False

    def _take(self, chunk: bytes) -> None:
        self._books.bytes += len(chunk)
        if len(self._kept) < self._keep:
            self._kept += chunk[: self._keep - len(self._kept)]
        if self._binary is None and chunk:
            self._begin(chunk)
        self._data += self._decoder.decode(chunk).encode() if self._decoder else chunk
        if len(self._data) >= WINDOW:
            self._look(len(self._data) - _OVERLAP)

    def end(self) -> None:
        """Nothing comes any more."""
        self._look(len(self._data))
        if self._done is not None:
            self._done(bytes(self._kept))

    def _begin(self, head: bytes) -> None:
        if head.startswith(_BOMS):
            self._decoder = codecs.getincrementaldecoder("utf-16")("replace")
        self._binary = self._decoder is None and b"\0" in head[:_HEAD]
        if head.startswith(_PACKED) and not _UNNAMED.search(self._name):
            self._books.packed.append(self._name)

    def _look(self, until: int) -> None:
        """Notes what begins before a place of the window, and forgets it up to there."""
        self._books.check_time()
        data = bytes(self._data)
        place, line = 0, self._lines + 1
        for at, url in find_urls(data, binary=bool(self._binary)):
            if self._books.urls.full:
                break
            if at < until:
                # Plain ones come in order, then others.
                line += data.count(b"\n", place, at) if at >= place else -data.count(b"\n", at, place)
                place = at
                self._books.urls.add(url, self._name, 0 if self._binary else line)
        for found in find_secrets(data):
            if found.place < until:
                line = self._lines + 1 + data.count(b"\n", 0, found.place)
                self._books.secrets.add(found, self._name, 0 if self._binary else line)
        self._lines += data.count(b"\n", 0, until)
        del self._data[:until]
