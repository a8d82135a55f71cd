"""The writable tree, as it is while nothing of the package runs: one JSON line per entry, bounded.

Lines: path, type (file, directory, symlink, other), mode (octal), size, mtime (nanoseconds), target (of a link), head (first bytes as
latin-1 text; only of small or telling files). The walk never follows a link.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hood import record

HEAD_BYTES = 256
_TYPES = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink"}


def write_tree(roots: list[str], path: Path, limit: int) -> bool:
    """Writes the entries below the roots to `path`; false when there were more than the limit."""
    path.touch()
    with path.open("a", encoding="ascii") as file:
        for number, entry in enumerate(_entries(roots)):
            if number >= limit:
                return False
            file.write(record.json.dumps(entry) + "\n")
    return True


def _entries(roots: list[str]) -> Iterator[dict[str, Any]]:
    pending = list(reversed(roots))
    while pending:
        directory = pending.pop()
        try:
            children = sorted(os.scandir(directory), key=lambda child: child.name)
        except OSError as error:
            yield {"path": directory, "type": "other", "unreadable": error.strerror or "unreadable"}
            continue
        for child in children:
            entry = _entry(child)
            if entry is not None:
                yield entry
                if entry["type"] == "directory":
                    pending.append(child.path)


def _entry(child: os.DirEntry[str]) -> dict[str, Any] | None:
    try:
        status = child.stat(follow_symlinks=False)
    except OSError:
        return None
    kind = _TYPES.get(stat.S_IFMT(status.st_mode), "other")
    return {
        "path": child.path,
        "type": kind,
        "mode": format(stat.S_IMODE(status.st_mode), "o"),
        "size": status.st_size if kind == "file" else 0,
        "mtime": status.st_mtime_ns,
        "target": os.readlink(child.path) if kind == "symlink" else "",
        "head": _head(child.path) if kind == "file" else "",
    }


def _head(path: str) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(descriptor, HEAD_BYTES).decode("latin-1")
    finally:
        os.close(descriptor)
