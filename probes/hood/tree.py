"""The writable tree, as it is while nothing of the package runs: one JSON line per entry, bounded.

Lines: path, type (file, directory, symlink, other), mode (octal), size, mtime (nanoseconds), inode, target (of a link),
head (first bytes as latin-1 text), sha256 (of a program); or path and `unreadable`, the reason. The walk never follows a link.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from hood import record
from hood.digests import Digests

HEAD_BYTES = 256
_TYPES = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink"}


def write_tree(roots: list[str], path: Path, limit: int, digests: Digests | None = None) -> list[str]:
    """Writes the entries below the roots to `path`; gives the reasons why some are missing.

    `digests` are those of the looks before, where there were some.
    """
    digests = Digests() if digests is None else digests
    digests.begin()
    unreadable = 0
    with path.open("w", encoding="ascii") as file:
        for number, entry in enumerate(_entries(roots, limit, digests)):
            if number >= limit:
                return [f"more than {limit} files: the rest was not compared"]
            unreadable += "unreadable" in entry
            file.write(json.dumps(entry) + "\n")
    return [f"{unreadable} files or folders could not be looked at"] if unreadable else []


def _entries(roots: list[str], limit: int, digests: Digests) -> Iterator[dict[str, Any]]:
    pending = list(reversed(roots))
    while pending:
        directory = pending.pop()
        try:
            with os.scandir(directory) as scanned:
                # A folder with millions of names must not fill the supervisor's memory.
                children = sorted(islice(scanned, limit + 1), key=lambda child: child.name)
        except OSError as error:
            yield _unreadable(directory, "directory", error)
            continue
        for child in children:
            entry = _entry(child, digests)
            yield entry
            if entry["type"] == "directory":
                pending.append(child.path)


def _entry(child: os.DirEntry[str], digests: Digests) -> dict[str, Any]:
    try:
        status = child.stat(follow_symlinks=False)
        kind = _TYPES.get(stat.S_IFMT(status.st_mode), "other")
        head = _head(child.path) if kind == "file" else b""
        return {
            "path": child.path,
            "type": kind,
            "mode": format(stat.S_IMODE(status.st_mode), "o"),
            "size": status.st_size if kind == "file" else 0,
            "mtime": status.st_mtime_ns,
            "inode": status.st_ino,
            "target": os.readlink(child.path) if kind == "symlink" else "",  # noqa: PTH115 its exact text
            "head": head.decode("latin-1"),
            "sha256": digests.of(child.path, status, head) if kind == "file" else "",
        }
    except OSError as error:
        return _unreadable(child.path, "other", error)


def _unreadable(path: str, kind: str, error: OSError) -> dict[str, Any]:
    return {"path": record.shorten(path), "type": kind, "unreadable": error.strerror or "unreadable"}


def _head(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(descriptor, HEAD_BYTES)
    finally:
        os.close(descriptor)
