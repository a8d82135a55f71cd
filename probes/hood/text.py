"""Text files of the package's, read with bounds."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def read_text(path: Path, most: int) -> str:
    """The beginning of a regular file, `most` bytes of it; nothing of what is not one, cannot be read, or is reached over a link."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(most).decode("utf-8", "surrogateescape")
    except OSError:
        return ""
    finally:
        os.close(descriptor)
