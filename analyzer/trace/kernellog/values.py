"""Values that several kinds of arguments share."""

from __future__ import annotations

from analyzer.trace.kernellog.raw import Raw
from analyzer.trace.literals import Quoted


def pointer(raw: Raw, place: int) -> str:
    """An address, where nothing is known of what stands there."""
    address = raw.word(place)
    return f"{address:#x}" if address else "NULL"


def quoted_path(data: bytes, raw: Raw) -> Quoted:
    """A string; cut where the record was and nothing else says how long it is."""
    return Quoted(data, raw.cut)
