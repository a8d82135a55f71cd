"""The content-addressed cache: files by their SHA-256, and small documents about them.

```
ROOT/files/sha256/ab/abcd…      archives, mode 0444, named by their digest
ROOT/KIND/ab/abcd…              documents (index pages, metadata), named by the digest of their key
ROOT/tmp/…                      what is being written
```

Everything appears by rename, so that two processes may write at once. Every file is hashed again before it is used, and every document
begins with its digest (`analyzer.kept`), so that a damaged entry is fetched again instead of being trusted.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from analyzer import kept
from analyzer.acquire.limits import MAX_FILE_BYTES, MAX_PAGE_BYTES
from analyzer.acquire.text import shown
from analyzer.archives.limits import MIB
from analyzer.errors import AcquireError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CHUNK: Final = MIB


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in the cache whose bytes were just seen to have this digest and size."""

    path: Path
    sha256: str
    size: int


class Sink:
    """Takes the bytes of one file, counts and hashes them, and refuses more than it was told to expect."""

    def __init__(
        self, stream: BinaryIO, filename: str, limit: int, unusable: Callable[[OSError], AcquireError]
    ) -> None:
        self._stream = stream
        self._unusable = unusable
        self._filename = filename
        self._limit = limit
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, chunk: bytes) -> None:
        """Append a chunk.

        Raises:
            AcquireError: The file is larger than the limit, or cannot be written.
        """
        self.size += len(chunk)
        if self.size > self._limit:
            raise AcquireError(
                f"{shown(self._filename)} is larger than {self._limit // MIB} MiB: it is not analysed; "
                "choose a smaller file"
            )
        self._digest.update(chunk)
        try:
            self._stream.write(chunk)
        except OSError as error:
            raise self._unusable(error) from error

    @property
    def sha256(self) -> str:
        """The digest of everything that was written, in lower-case hex."""
        return self._digest.hexdigest()


class Cache:
    """A cache directory; it is made by `prepare`, or when something is first written."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = default_root() if root is None else root

    def prepare(self) -> None:
        """Make the cache's folders, a new one for this user alone, and see that files can be written there.

        Raises:
            AcquireError: They cannot, or every user can.
        """
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            mode = self.root.stat().st_mode
        except OSError as error:
            raise self._unusable(error) from error
        if mode & stat.S_IWOTH:
            raise AcquireError(
                f"the cache {shown(str(self.root))} may be written by every user, who could put false answers there: "
                "take that right away (chmod o-w) or set FUMEHOOD_CACHE to another folder"
            )
        kept.sweep(self.root / "tmp")
        with self._temporary():
            pass

    def file(self, sha256: str) -> Stored | None:
        """The file with this digest, hashed again; None where there is none, it cannot be read, or its bytes are not the right ones."""
        path = self._file_path(sha256)
        digest = hashlib.sha256()
        try:
            with kept.open_plain(path) as stream:
                size = os.fstat(stream.fileno()).st_size
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
        except OSError:
            return None  # whoever needs it fetches it again, and is told where that cannot be kept
        return Stored(path, sha256, size) if digest.hexdigest() == sha256 else None

    def add(
        self, filename: str, fill: Callable[[Sink], None], *, sha256: str = "", limit: int = MAX_FILE_BYTES
    ) -> Stored:
        """Store the bytes that `fill` writes into the sink.

        Args:
            filename: What the user knows the file as; for messages only.
            fill: Writes the whole file.
            sha256: The digest that the file must have ("" for any).
            limit: The most bytes that are taken.

        Raises:
            AcquireError: The digest is another one, the file is too large, or the cache cannot be written.
        """
        with self._temporary() as (stream, temporary):
            sink = Sink(stream, filename, limit, self._unusable)
            fill(sink)
            if sha256 and sink.sha256 != sha256:
                raise AcquireError(
                    f"{shown(filename)} has SHA-256 {sink.sha256}, but the index promised {sha256}: nothing was kept; "
                    "try again, and distrust the index if it stays"
                )
            stream.flush()
            path = self._file_path(sink.sha256)
            temporary.chmod(0o444)
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(path)
            return Stored(path, sink.sha256, sink.size)

    def document(self, kind: str, key: str) -> bytes | None:
        """The document that was kept under a key; None for none or a damaged one. Whoever asks checks its form."""
        return kept.kept(self._document_path(kind, key), MAX_PAGE_BYTES)

    def keep(self, kind: str, key: str, content: bytes) -> None:
        """Keep a document under a key, in place of an earlier one."""
        with self._temporary() as (stream, temporary):
            stream.write(kept.sealed(content))
            stream.flush()
            path = self._document_path(kind, key)
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(path)

    def _file_path(self, sha256: str) -> Path:
        return self.root / "files" / "sha256" / sha256[:2] / sha256

    def _document_path(self, kind: str, key: str) -> Path:
        name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        return self.root / kind / name[:2] / name

    @contextmanager
    def _temporary(self) -> Iterator[tuple[BinaryIO, Path]]:
        """A new file on the cache's own file system, removed unless it was renamed away."""
        try:
            directory = self.root / "tmp"
            directory.mkdir(parents=True, exist_ok=True)
            with kept.beside(directory / "file") as (stream, temporary):
                yield stream, temporary
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> AcquireError:
        reason = error.strerror or type(error).__name__
        if error.errno == errno.EISDIR:
            place = shown(str(error.filename2 or error.filename))
            return AcquireError(
                f"the cache {shown(str(self.root))} cannot be used: {place} is a folder, where a file is to be; remove it "
                "or set FUMEHOOD_CACHE to another folder"
            )
        return AcquireError(
            f"the cache {shown(str(self.root))} cannot be used: {reason}; make room there "
            "or set FUMEHOOD_CACHE to another folder"
        )


def default_root() -> Path:
    """$FUMEHOOD_CACHE, else `fumehood` below $XDG_CACHE_HOME (XDG base directories), else below ~/.cache."""
    if own := os.environ.get("FUMEHOOD_CACHE"):
        return Path(own).absolute()
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not base.startswith("/"):
        base = str(Path("~/.cache").expanduser())
    return Path(base) / "fumehood"
