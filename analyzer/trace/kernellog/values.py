"""Values that several kinds of arguments share."""

from __future__ import annotations

from typing import Final

from analyzer.trace.kernellog.raw import Raw
from analyzer.trace.logs.literals import Quoted

AT_FDCWD: Final = -100
"""In place of a folder's descriptor: the working folder (linux/fcntl.h)."""


def pointer(raw: Raw, place: int) -> str:
    """An address, where nothing is known of what stands there."""
    address = raw.word(place)
    return f"{address:#x}" if address else "NULL"


def text(data: bytes) -> str:
    """A string as it was; bytes that are no UTF-8 as surrogates."""
    return data.decode("utf-8", "surrogateescape")


def octal(mode: int) -> str:
    """Permissions as strace writes them: at least three digits, with a leading zero where there are more than one."""
    return f"0{mode:o}" if mode >= 0o10 else f"{mode:03o}"


def quoted_path(data: bytes, raw: Raw) -> Quoted:
    """A string; cut where the record was and nothing else says how long it is."""
    return Quoted(data, raw.cut)
