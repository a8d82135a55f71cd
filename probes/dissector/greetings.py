# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads what clients say first: HTTP request lines and TLS greetings. Small, bounded, and without scapy.

Scapy's own TLS layer takes another 0.15 s to import, more than a few fields are worth; the reader that the simulated
internet has is under a licence that cannot be combined with this program's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from dissector.ja4 import fingerprint

HEAD_LIMIT: Final = 16_384
PROTOCOLS: Final = 32

_REQUEST: Final = re.compile(rb"([A-Z][A-Z0-9_-]{0,31}) ([^\x00-\x20\x7f]{1,8192}) HTTP/1\.[0-9]\r?\n")
_HOST: Final = re.compile(rb"\n[Hh][Oo][Ss][Tt]:[ \t]*([^\r\n]{0,1024})")


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request's first line and its Host header, "" without one."""

    method: str
    target: str
    host: str


@dataclass(frozen=True, slots=True)
class Greeting:
    """A TLS client's server name and application protocols, as far as they could be read, and its fingerprint (`dissector.ja4`).

    The fingerprint is "" where the greeting goes on in another segment or is malformed.
    """

    sni: str
    alpn: tuple[str, ...]
    ja4: str


def http_request(segment: bytes) -> Request | None:
    """The request that a segment begins with."""
    head = segment[:HEAD_LIMIT]
    line = _REQUEST.match(head)
    if line is None:
        return None
    headers = head[line.end() - 1 :].split(b"\r\n\r\n", 1)[0]
    host = _HOST.search(headers)
    method, target = (part.decode("latin-1") for part in line.groups())
    return Request(method, target, host[1].decode("latin-1").strip() if host else "")


def tls_greeting(segment: bytes) -> Greeting | None:
    """The ClientHello that a segment begins with (RFC 8446, section 4.1.2); fields are empty where it is malformed."""
    if len(segment) < 6 or segment[0] != 0x16 or segment[1] != 3 or segment[5] != 1:
        return None
    message = segment[5:HEAD_LIMIT]
    suites, listed = _offered(message)
    extensions = dict(listed)
    # The list's length, then a name type and a length; the first name is the only one that clients send.
    sni = _vector(extensions.get(0, b""), 3, 2) if extensions.get(0, b"")[2:3] == b"\0" else b""
    protocols = _protocols(extensions.get(16, b""))
    whole = len(message) >= 4 + int.from_bytes(message[1:4], "big")
    return Greeting(
        sni.decode("ascii", "backslashreplace"),
        tuple(name.decode("ascii", "backslashreplace") for name in protocols),
        fingerprint(message[4:6], suites, listed, protocols[0] if protocols else b"") if whole else "",
    )


def _vector(data: bytes, at: int, size: int) -> bytes:
    """A field behind its length in `size` bytes; shorter than it claims where the data ends."""
    return data[at + size : at + size + int.from_bytes(data[at : at + size], "big")]


def _offered(message: bytes) -> tuple[bytes, list[tuple[int, bytes]]]:
    """The cipher suites, and the extensions in their order."""
    at = 4 + 2 + 32  # handshake header, version, random
    at += 1 + len(_vector(message, at, 1))  # session identifier
    suites = _vector(message, at, 2)
    at += 2 + len(suites)
    at += 1 + len(_vector(message, at, 1))  # compression methods
    content = _vector(message, at, 2)
    found: list[tuple[int, bytes]] = []
    at = 0
    while at + 4 <= len(content):
        body = _vector(content, at + 2, 2)
        found.append((int.from_bytes(content[at : at + 2], "big"), body))
        at += 4 + len(body)
    return suites, found


def _protocols(content: bytes) -> list[bytes]:
    names = _vector(content, 0, 2)
    found: list[bytes] = []
    at = 0
    while at < len(names) and len(found) < PROTOCOLS:
        name = _vector(names, at, 1)
        found.append(name)
        at += 1 + len(name)
    return found
