"""The file that records are written to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from analyzer.errors import SandboxError

if TYPE_CHECKING:
    from pathlib import Path


def open_log(path: Path) -> int:
    """A descriptor for a new, empty log, which belongs to the owner of its folder.

    Root writes logs for an ordinary user's analysis as well, and that user has to read them.

    Raises:
        SandboxError: it cannot be made.
    """
    try:
        descriptor = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
        try:
            _give_to_owner(descriptor, path.parent)
        except OSError:
            os.close(descriptor)
            raise
    except OSError as error:
        raise unwritable(path, error) from error
    return descriptor


def unwritable(path: Path | str, error: OSError) -> SandboxError:
    """The error for a log that cannot be made or written."""
    return SandboxError(f"the kernel tracer cannot write its log {path}: {error.strerror}")


def _give_to_owner(descriptor: int, folder: Path) -> None:
    owner = folder.stat()
    if os.geteuid() == 0 and owner.st_uid != 0 and os.fstat(descriptor).st_uid != owner.st_uid:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
