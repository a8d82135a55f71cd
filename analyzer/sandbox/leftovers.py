"""Folders and control groups that say by a token (`analyzer.tokens`) whose they are, and the removal of abandoned ones."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analyzer.errors import SandboxError
from analyzer.tokens import is_abandoned, new_token

_PREFIX = "fumehood-"
_REMOVAL_ATTEMPTS = 20
_LEAST_BYTES = 256 * 1024
"""Less room than this means that a run did not find what it needed."""
_NO_PLACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG})
"""Errors of a place, whatever was to be written there. Those of the cache and of outputs were told before they come so far."""


@contextmanager
def owned_folder() -> Iterator[Path]:
    """A temporary folder for this user alone, which is gone afterwards.

    Raises SandboxError where it cannot be made, or where the block fails because nothing can be written there any more.
    """
    try:
        folder = Path(tempfile.gettempdir(), _PREFIX + new_token())
    except OSError as error:
        raise _unusable(Path(os.environ.get("TMPDIR", "/tmp")), error) from error  # noqa: S108 for the message
    try:
        folder.mkdir(mode=0o700)
        yield folder
    except OSError as error:
        if error.errno not in _NO_PLACE and folder.is_dir():
            raise
        raise _unusable(folder.parent, error) from error
    finally:
        _remove(folder)


def lacking_room(folder: Path) -> list[str]:
    """Why what was to be written into a folder of ours may be cut: its disk is full. Not every writer can tell it any more."""
    try:
        left = os.statvfs(folder)
    except OSError as error:
        return [f"the folder for temporary files cannot be looked at any more: {error.strerror or error}"]
    if left.f_bavail * left.f_frsize >= _LEAST_BYTES:
        return []
    parent = folder.parent
    return [
        f"the disk of the folder for temporary files {parent} is full: make room there, or set TMPDIR to another folder"
    ]


def sweep_folders(parent: Path | None = None) -> None:
    """Removes abandoned folders from the place of temporary files, or another one: this user's, or for root everybody's.

    Root's sandboxes give their records to users that exist nowhere else.
    """
    for path in Path(parent or tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            status = path.lstat()
        except OSError:
            continue  # somebody else removed it first
        if os.geteuid() in {0, status.st_uid} and is_abandoned(path.name.removeprefix(_PREFIX), status.st_mtime):
            shutil.rmtree(path, ignore_errors=True)


def abandoned_groups(parent: Path) -> list[Path]:
    """Abandoned control groups directly below another one."""
    return [
        path
        for path in parent.glob(f"{_PREFIX}*")
        if path.is_dir() and is_abandoned(path.name.removeprefix(_PREFIX), path.stat().st_mtime)
    ]


def group_name(token: str) -> str:
    """The name of the control group of a run."""
    return _PREFIX + token


def _unusable(parent: Path, error: OSError) -> SandboxError:
    return SandboxError(
        f"the folder for temporary files {parent} cannot be used: {error.strerror or type(error).__name__}; make room there, or set "
        "TMPDIR to another folder"
    )


def _remove(folder: Path) -> None:
    """A process that was just killed may write its last file while the folder goes, so that it takes a second try."""
    for _ in range(_REMOVAL_ATTEMPTS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)
