"""Files of ours that decide what a run shows, as lines that change when one of them does."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def digest(lines: Iterable[str]) -> str:
    """One digest of many lines, in hexadecimal."""
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def states(folder: str, without: frozenset[str] = frozenset()) -> Iterator[str]:
    """Names, sizes and times of all files below a folder. Reading them would take ten times as long.

    Folders of compiled modules, and those directly in it that are named by `without`, are left out. Raises OSError.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__" and entry.name not in without:
                    yield from states(entry.path)
            else:
                yield state(entry)


def state(path: Path | os.DirEntry[str]) -> str:
    """The same of one file. Raises OSError."""
    status = path.stat(follow_symlinks=False)
    return f"{os.fspath(path)} {status.st_size} {status.st_mtime_ns}"
