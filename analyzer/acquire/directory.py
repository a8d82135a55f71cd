"""A project directory as an sdist: packed by us, the same bytes for the same tree, without asking its build backend."""

from __future__ import annotations

import gzip
import os
import re
import stat
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from packaging.utils import canonicalize_name

from analyzer.acquire.limits import MAX_FILE_BYTES
from analyzer.acquire.source import PROJECT_FILES, no_project, source_metadata, wanted_in_sdist
from analyzer.acquire.text import shown, unreadable
from analyzer.archives.limits import GIB, MAX_MEMBERS, MAX_METADATA_BYTES, MAX_UNPACKED_BYTES
from analyzer.archives.members import Member, stays_inside
from analyzer.errors import AcquireError
from analyzer.model.package import version_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from analyzer.acquire.cache import Cache, Sink, Stored

_SKIPPED: Final = frozenset(
    {
        ".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", "node_modules", "__pycache__",
        ".mypy_cache", ".pytest_cache", ".ruff_cache",
    }
)  # fmt: skip
"""Folders that are no part of a project: histories, environments and caches."""

NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
"""A valid project name (PEP 508)."""

NO_VERSION: Final = "0"
"""The version of trees whose version only a build would tell."""

_MAX_DEPTH: Final = 64
_MODE_EXECUTABLE: Final = 0o755
_MODE_PLAIN: Final = 0o644
_MODE_LINK: Final = 0o777


@dataclass(frozen=True, slots=True)
class Packed:
    """A directory in the cache, with what its files say: else `name` is the folder's and `version` is ""."""

    name: str
    version: str
    filename: str
    stored: Stored


@dataclass(frozen=True, slots=True)
class _Entry:
    path: Path
    below: str
    status: os.stat_result


def pack(root: Path, cache: Cache) -> Packed:
    """Pack a directory into the cache as NAME-VERSION.tar.gz, or NAME.tar.gz where only a build would tell the version.

    Installers refuse a file that builds to another version than its name has, but not a name without a version.

    Raises:
        AcquireError: It is no project, holds something that an sdist cannot, is too large, or cannot be read.
    """
    try:
        # Looked at first, so that a home folder or a file system is not walked only to be told the same.
        if {child.name for child in root.iterdir()}.isdisjoint(PROJECT_FILES):
            raise no_project(str(root))
        entries = list(_walk(root))
        files = _metadata_files(entries, root)
    except OSError as error:
        raise unreadable(root, error) from error
    metadata = source_metadata(files, str(root))
    name = metadata.name if NAME.fullmatch(metadata.name) else _folder_name(root)
    version = _normalised(metadata.version)
    stem = canonicalize_name(name).replace("-", "_")
    filename = f"{stem}-{version}.tar.gz" if version and name == metadata.name else f"{stem}.tar.gz"

    def fill(sink: Sink) -> None:
        try:
            _write(sink, f"{stem}-{version or NO_VERSION}", entries, root)
        except OSError as error:
            raise unreadable(root, error) from error

    stored = cache.add(filename, fill, limit=MAX_FILE_BYTES)
    return Packed(name, version, filename, stored)


def _walk(root: Path) -> Iterator[_Entry]:
    """Every entry below the root in a fixed order, parents first, without following links.

    The bounds hold while walking, so that an endless tree (a home folder, a mounted file system) ends in an error.
    """
    waiting = [root]
    count = total = 0
    while waiting:
        folder = waiting.pop()
        for name in sorted(child.name for child in folder.iterdir()):  # Path.iterdir gives no cheaper or safer listing
            path = folder / name
            status = path.lstat()
            entry = _Entry(path, path.relative_to(root).as_posix(), status)
            if stat.S_ISDIR(status.st_mode):
                if name in _SKIPPED or (path / "pyvenv.cfg").exists():
                    continue
                if entry.below.count("/") >= _MAX_DEPTH:
                    raise _refused(root, entry.below, f"lies more than {_MAX_DEPTH} folders deep")
                waiting.append(path)
            count += 1
            total += status.st_size if stat.S_ISREG(status.st_mode) else 0
            if count > MAX_MEMBERS or total > MAX_UNPACKED_BYTES:
                raise AcquireError(
                    f"{shown(str(root))} holds more than {MAX_MEMBERS} entries or {MAX_UNPACKED_BYTES // GIB} GiB: "
                    "name the project's own folder, without data and environments"
                )
            yield entry


def _metadata_files(entries: list[_Entry], root: Path) -> Mapping[str, bytes]:
    files = {}
    for entry in entries:
        if not stat.S_ISREG(entry.status.st_mode) or not wanted_in_sdist(f"top/{entry.below}"):
            continue
        with _open(entry, root) as stream:
            content = stream.read(MAX_METADATA_BYTES + 1)
        if len(content) > MAX_METADATA_BYTES:
            raise _refused(root, entry.below, f"is larger than {MAX_METADATA_BYTES} bytes")
        files[entry.below] = content
    return files


def _write(sink: Sink, stem: str, entries: list[_Entry], root: Path) -> None:
    # The sink has the one method that gzip needs for writing; equal trees shall have equal digests, so nothing else
    # varies.
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=cast("BinaryIO", sink), mtime=0, compresslevel=6) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for entry in sorted(entries, key=lambda each: each.below):
            _add(archive, stem, entry, root)


def _add(archive: tarfile.TarFile, stem: str, entry: _Entry, root: Path) -> None:
    info = tarfile.TarInfo(f"{stem}/{entry.below}")
    mode = entry.status.st_mode
    if stat.S_ISDIR(mode):
        info.type, info.mode = tarfile.DIRTYPE, _MODE_EXECUTABLE
        archive.addfile(info)
    elif stat.S_ISLNK(mode):
        target = str(entry.path.readlink())
        if not stays_inside(entry.below, Member(entry.below, "symlink", target)):
            raise _refused(root, entry.below, f"is a link that leaves the directory (to {shown(target)})")
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, target, _MODE_LINK
        archive.addfile(info)
    elif stat.S_ISREG(mode):
        info.mode = _MODE_EXECUTABLE if mode & 0o111 else _MODE_PLAIN
        with _open(entry, root) as stream:
            info.size = entry.status.st_size
            archive.addfile(info, stream)
    else:
        raise _refused(root, entry.below, "is a device, pipe or socket")


def _open(entry: _Entry, root: Path) -> BinaryIO:
    """Open the very file that was listed: no link, no device, the same inode and size."""
    descriptor = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    stream = os.fdopen(descriptor, "rb")
    now = os.fstat(descriptor)
    if (now.st_dev, now.st_ino, now.st_size) != (entry.status.st_dev, entry.status.st_ino, entry.status.st_size):
        stream.close()
        raise _refused(root, entry.below, "changed while it was read")
    return stream


def _refused(root: Path, below: str, problem: str) -> AcquireError:
    return AcquireError(f"{shown(below)} in {shown(str(root))} {problem}: remove it and try again")


def _folder_name(root: Path) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", root.name).strip("-_.")
    return name or "project"


def _normalised(version: str) -> str:
    return str(version_of(version) or "")
