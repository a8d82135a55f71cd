"""Files that are there whole or not at all, and documents that are known again when they were damaged.

A file is written beside its place under a name of its writer's (`.fumehood-TOKEN.tmp`), and renamed. A writer that was killed leaves
that name, which the next one in the same folder removes. A kept document begins with the SHA-256 of the rest in
hexadecimal and a line feed.
"""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from analyzer.tokens import is_abandoned, new_token

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEGINNING: Final = ".fumehood-"
_ENDING: Final = ".tmp"
_DIGEST: Final = 64

_unfinished: set[Path] = set()
"""What this process writes at the moment."""


@contextmanager
def replacing(path: Path, *, durable: bool = False) -> Iterator[BinaryIO]:
    """A new file with the mode of the umask, which takes the path's place when the block is left, and is gone when that raises.

    A `durable` one is on the disk before it takes the place, so that a machine that stops leaves the old file or the new one.
    Raises OSError.
    """
    with beside(path) as (stream, temporary):
        yield stream
        stream.flush()
        if durable:
            os.fsync(stream.fileno())
        temporary.replace(path)
        if durable:
            _sync_folder(path.parent)


@contextmanager
def beside(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file in the folder of a path, and its own path; it is gone after the block unless it was renamed. Raises OSError."""
    temporary, descriptor = create_beside(path)
    try:
        with open(descriptor, "wb") as stream:
            yield stream, temporary
    finally:
        temporary.unlink(missing_ok=True)
        _unfinished.discard(temporary)


def create_beside(path: Path) -> tuple[Path, int]:
    """Makes a file of this process's in the folder of a path; gives its path and a descriptor to write to. Raises OSError."""
    # Not tempfile: it makes files of mode 0600, and the umask cannot be read without changing it for every thread.
    temporary = path.with_name(f"{_BEGINNING}{new_token()}{_ENDING}")
    _unfinished.add(temporary)
    return temporary, os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)


def sweep(folder: Path) -> None:
    """Removes what killed writers left in a folder."""
    with suppress(OSError):
        for path in folder.glob(f"{_BEGINNING}*{_ENDING}"):
            token = path.name.removeprefix(_BEGINNING).removesuffix(_ENDING)
            with suppress(OSError):
                if is_abandoned(token, path.lstat().st_mtime):
                    path.unlink()


def discard_unfinished() -> None:
    """Removes what this process was writing when it was told to end."""
    for path in _unfinished:
        with suppress(OSError):
            path.unlink()


def keep(path: Path, content: bytes) -> None:
    """Keeps a document, in place of an earlier one. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as stream:
        stream.write(sealed(content))


def sealed(content: bytes) -> bytes:
    """A document as it is kept."""
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def kept(path: Path, limit: int) -> bytes | None:
    """A document that `keep` wrote, of at most `limit` bytes.

    None where there is none, and for everything else that may stand there: a damaged document, or one of another version, a folder, a
    link, a pipe, a file that may not be read.
    """
    data = plain_file(path, limit + _DIGEST + 1)
    if data is None:
        return None
    digest, separator, content = data[:_DIGEST], data[_DIGEST : _DIGEST + 1], data[_DIGEST + 1 :]
    return content if separator == b"\n" and hashlib.sha256(content).hexdigest().encode() == digest else None


def plain_file(path: Path, limit: int) -> bytes | None:
    """The first bytes of a file; None for what is no plain file, or cannot be read."""
    try:
        with open_plain(path) as stream:
            return stream.read(limit)
    except OSError:
        return None


def open_plain(path: Path) -> BinaryIO:
    """Opens a file for reading that is no link, and never waits for another process. Raises OSError for what is no plain file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{path} is no plain file")
    return open(descriptor, "rb")


def _sync_folder(folder: Path) -> None:
    """Some file systems cannot, which is no reason to fail: the file itself is there."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
