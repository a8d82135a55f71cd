"""Reading the file of a list: bounded, whole or not at all."""

from __future__ import annotations

import codecs
import errno
import os
import stat
from typing import TYPE_CHECKING, Final

from analyzer.acquire.text import shown
from analyzer.archives.limits import MIB
from analyzer.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

MAX_LIST_BYTES: Final = 16 * MIB
"""One list. A lock file with all digests of a thousand projects has about 10 MiB."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_list(path: Path, *, named: bool) -> bytes:
    """The bytes of a list.

    Args:
        path: Where it stands.
        named: Whether the user named it, who may name a pipe; what another file names has to be a plain file.

    Raises:
        UsageError: It cannot be read, or is too large.
    """
    try:
        with open(path, "rb", opener=lambda name, flags: _opened(name, flags, named=named)) as stream:
            content = stream.read(MAX_LIST_BYTES + 1)
    except (OSError, ValueError) as error:  # a name may hold a zero byte
        reason = (error.strerror if isinstance(error, OSError) else None) or "it cannot be read"
        raise UsageError(f"{shown(str(path))}: {reason}; name a list of packages that can be read") from error
    if len(content) > MAX_LIST_BYTES:
        raise UsageError(f"{shown(str(path))} is larger than {MAX_LIST_BYTES // MIB} MiB: split it")
    return content


def _opened(name: str, flags: int, *, named: bool) -> int:
    """Opens without waiting for the other end of a pipe that no user named."""
    descriptor = os.open(name, flags | (0 if named else os.O_NONBLOCK))
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISDIR(mode) or not (named or stat.S_ISREG(mode)):
        os.close(descriptor)
        raise OSError(errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL, "it is no plain file")
    return descriptor


def decoded(content: bytes) -> str:
    """Its text: UTF-8, or by its byte order mark UTF-16, as PowerShell writes it. What is neither stays as escapes."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "backslashreplace")
    return content.decode("utf-8", "backslashreplace")
