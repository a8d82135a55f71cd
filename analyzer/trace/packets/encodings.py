"""Text that encodes bytes, as names and paths can carry them: what it says, if it says anything.

Only what comes out as readable text, or begins as a known format does, counts: most words can be decoded to something. Nothing is unpacked.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Final, Literal

Encoding = Literal["hex", "base32", "base32hex", "base64"]

FEWEST_BYTES: Final = 8
"""What is shorter tells nothing."""

_SHORT: Final = 16
"""Bytes of text below which all of it has to be readable."""

_READABLE: Final = 0.9
_TEXT: Final = frozenset({*range(0x20, 0x7F), *b"\t\r\n"})

_FORMATS: Final = (
    ("gzip", b"\x1f\x8b\x08"),
    ("zlib", b"\x78\x9c"),
    ("zlib", b"\x78\xda"),
    ("bzip2", b"BZh"),
    ("xz", b"\xfd7zXZ\0"),
    ("zstd", b"\x28\xb5\x2f\xfd"),
    ("zip", b"PK\x03\x04"),
    ("7z", b"7z\xbc\xaf\x27\x1c"),
    ("ELF", b"\x7fELF"),
    ("PNG", b"\x89PNG"),
    ("JPEG", b"\xff\xd8\xff"),
    ("PDF", b"%PDF"),
    ("SQLite", b"SQLite format 3\0"),
    ("pickle", b"\x80\x04\x95"),
)
"""First bytes of formats (their specifications; for pickle, protocol 4 with a frame)."""

_ALPHABETS: Final[tuple[tuple[Encoding, re.Pattern[str]], ...]] = (
    ("hex", re.compile(r"[0-9a-fA-F]+")),
    ("base32", re.compile(r"[A-Za-z2-7]+={0,6}")),
    ("base32hex", re.compile(r"[0-9A-Va-v]+={0,6}")),
    ("base64", re.compile(r"[A-Za-z0-9_/+-]+={0,2}")),
)
"""RFC 4648; the alphabets that are part of another come first."""

BITS: Final[dict[Encoding, int]] = {"hex": 4, "base32": 5, "base32hex": 5, "base64": 6}
"""Bits of data in a character."""


def decoded(text: str) -> tuple[Encoding, str, bytes] | None:
    """The bytes that a text encodes, where they tell something, with what they are."""
    for encoding, alphabet in _ALPHABETS:
        if alphabet.fullmatch(text):
            data = _DECODERS[encoding](text.rstrip("="))
            form = _form(data)
            if form:
                return encoding, form, data
    return None


def _form(data: bytes) -> str:
    """What data is: the name of a format, "text", or "" for what tells nothing."""
    if len(data) < FEWEST_BYTES or len(set(data)) <= 2:
        return ""
    if len(data) >= _SHORT:
        known = next((name for name, begin in _FORMATS if data.startswith(begin)), "")
        if known:
            return known
    readable = sum(byte in _TEXT for byte in data)
    enough = len(data) if len(data) < _SHORT else _READABLE * len(data)
    return "text" if readable >= enough or _is_utf8(data) else ""


def _is_utf8(data: bytes) -> bool:
    """Whether it is text of other alphabets, which chance does not make."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return len(data) >= _SHORT and all(char.isprintable() or char in "\t\r\n" for char in text)


def _hex(text: str) -> bytes:
    return bytes.fromhex(text[: len(text) // 2 * 2])


def _base32(text: str) -> bytes:
    whole = text[: _whole(len(text), 8, frozenset({1, 3, 6}))].upper()
    return base64.b32decode(whole + "=" * (-len(whole) % 8))


def _base32hex(text: str) -> bytes:
    whole = text[: _whole(len(text), 8, frozenset({1, 3, 6}))].upper()
    return base64.b32hexdecode(whole + "=" * (-len(whole) % 8))


def _base64(text: str) -> bytes:
    whole = text[: _whole(len(text), 4, frozenset({1}))].translate(_URL_SAFE)
    try:
        return base64.b64decode(whole + "=" * (-len(whole) % 4), validate=True)
    except binascii.Error:
        return b""


def _whole(size: int, unit: int, broken: frozenset[int]) -> int:
    """How many characters end with a whole byte: some numbers of them in the last unit cannot (RFC 4648, sections 4 and 6)."""
    return size - (size % unit in broken)


_URL_SAFE: Final = str.maketrans("-_", "+/")
_DECODERS: Final[dict[Encoding, Callable[[str], bytes]]] = {
    "hex": _hex,
    "base32": _base32,
    "base32hex": _base32hex,
    "base64": _base64,
}
