"""Tells from a connection's first bytes what is spoken on it."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

LINE_LIMIT: Final = 16_384
"""The longest request line that is waited for, the same as what h11 takes by default."""

_REQUEST_LINE: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32} [^\x00-\x20\x7f]+ HTTP/1\.[0-9]\r?\n")
_REQUEST_BEGUN: Final = re.compile(rb"[A-Z]{1,32}(?: [^\x00-\x20\x7f]*(?: [HTP/1.0-9]{0,8}\r?)?)?")


class Spoken(Enum):
    """What the first bytes are."""

    UNDECIDED = "undecided"
    """More bytes can still decide it."""
    TLS = "tls"
    HTTP = "http"
    OTHER = "other"


def recognise(data: bytes) -> Spoken:
    """Recognise TLS by its record and handshake header, HTTP/1.x by its whole request line."""
    if not data:
        return Spoken.UNDECIDED
    if data[0] == 0x16:
        return _tls(data)
    head = data[:LINE_LIMIT]
    if b"\n" in head:
        return Spoken.HTTP if _REQUEST_LINE.match(head) else Spoken.OTHER
    if len(data) < LINE_LIMIT and _REQUEST_BEGUN.fullmatch(head):
        return Spoken.UNDECIDED
    return Spoken.OTHER


def _tls(data: bytes) -> Spoken:
    """Record type 22, version 3.x, and a handshake message of type 1 (RFC 8446, sections 4 and 5.1)."""
    if len(data) >= 2 and data[1] != 3:
        return Spoken.OTHER
    if len(data) < 6:
        return Spoken.UNDECIDED
    return Spoken.TLS if data[5] == 1 else Spoken.OTHER
