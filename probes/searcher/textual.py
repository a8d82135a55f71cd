"""Encodings of bytes as text: what each gives of some data, as `(name, bytes)`. Pure, and linear in the size of the data."""

from __future__ import annotations

import binascii
import html
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEAST: Final = 16
_DISTINCT: Final = 6
"""Different characters of a run, below which it holds no value, such as the zeros of an empty page in base64."""

_RUNS: Final = 400
"""Runs of one encoding that are decoded in one piece."""

_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_-]{8,}(?:(?:[ \t]*\r?\n[ \t]*)+[A-Za-z0-9+/_-]+)*")
_BASE32: Final = re.compile(
    rb"(?:[A-Z2-7]{8,}(?:[ \t]*\r?\n[ \t]*[A-Z2-7]+)*|[a-z2-7]{8,}(?:[ \t]*\r?\n[ \t]*[a-z2-7]+)*)"
)
_HEX: Final = re.compile(rb"(?:0[xX]|\\x)?[0-9A-Fa-f]{2}(?:(?:[:\s,.-]|\\x|,? ?0x)?[0-9A-Fa-f]{2}){7,}")
_NOT_HEX: Final = re.compile(rb"0[xX]|\\x|[^0-9A-Fa-f]")
_WHITE: Final = re.compile(rb"\s+")
_PERCENT: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
_ESCAPE: Final = re.compile(rb"\\(?:u\{?([0-9A-Fa-f]{2,6})\}?|x([0-9A-Fa-f]{2})|([0-7]{3})|([\\/\"'nrtbf]))")
_SHORT: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_ENTITY: Final = re.compile(rb"&#?[A-Za-z0-9]{1,32};")
_QUOTED: Final = re.compile(rb"=(?:\r?\n|[0-9A-F]{2})")
_URL_ALPHABET: Final = bytes.maketrans(b"-_", b"+/")


def base64(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Runs in either alphabet, whatever stands before them: a run may begin at any of four places in a group."""
    for run in _runs(_BASE64, data):
        text = run.translate(_URL_ALPHABET)
        for skip in range(4):
            whole = text[skip : len(text) - (len(text) - skip) % 4]
            rest = text[len(whole) + skip :]
            if len(rest) > 1:
                whole += rest + b"=" * (4 - len(rest))
            yield "base64", binascii.a2b_base64(whole)


def base32(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The same, in groups of eight."""
    from base64 import b32decode

    for run in _runs(_BASE32, data):
        text = run.upper()
        for skip in range(8):
            usable = len(text) - skip
            usable -= {1: 1, 3: 1, 6: 1}.get(usable % 8, 0)  # no number of bytes ends there
            whole = text[skip : skip + usable]
            if len(whole) >= _LEAST:
                yield "base32", b32decode(whole + b"=" * (-len(whole) % 8))


def base16(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Pairs of digits in either case, with nothing or one of the usual marks between them."""
    for run in _runs(_HEX, data, keep=True):
        text = _NOT_HEX.sub(b"", run)
        for skip in range(2):
            whole = text[skip : len(text) - (len(text) - skip) % 2]
            yield "hex", binascii.a2b_hex(whole)


def percent(data: bytes) -> Iterator[tuple[str, bytes]]:
    """URL escapes, as in paths, and as in forms and queries, where a plus sign is a space."""
    if b"%" in data and (decoded := _unescaped(data)) != data:
        yield "url", decoded
    if b"+" in data:
        yield "url", _unescaped(data.replace(b"+", b" "))


def _unescaped(data: bytes) -> bytes:
    return _PERCENT.sub(lambda match: bytes([int(match[1], 16)]), data)


def escapes(data: bytes) -> Iterator[tuple[str, bytes]]:
    r"""Backslash escapes of JSON and programming languages: \u0041, \x41, \101, \n."""
    if b"\\" in data and (decoded := _ESCAPE.sub(_escaped, data)) != data:
        yield "escapes", decoded


def _escaped(match: re.Match[bytes]) -> bytes:
    code = match[1] or match[2]
    if code is not None:
        return _character(int(code, 16))
    if match[3] is not None:
        return bytes([int(match[3], 8) & 0xFF])
    return _SHORT.get(match[4], match[4])


def _character(code: int) -> bytes:
    return bytes([code]) if code < 0x100 else chr(code).encode("utf-8", "replace") if code < 0x110000 else b"?"


def entities(data: bytes) -> Iterator[tuple[str, bytes]]:
    """HTML's and XML's character references."""
    if b"&" in data and b";" in data:
        decoded = _ENTITY.sub(_referred, data)
        if decoded != data:
            yield "html", decoded


def _referred(match: re.Match[bytes]) -> bytes:
    """What a reference stands for; one of the first 256 numbers may mean a byte as well as a character."""
    text = match[0][2:-1]
    if match[0][1:2] == b"#" and text.isdigit() and len(text) < 4 and int(text) < 0x100:
        return bytes([int(text)])
    return html.unescape(match[0].decode("ascii")).encode("utf-8", "replace")


def quoted(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Quoted-printable, as in mail."""
    if b"=" in data:
        decoded = _QUOTED.sub(lambda match: b"" if match[0][-1:] == b"\n" else bytes([int(match[0][1:], 16)]), data)
        if decoded != data:
            yield "quoted-printable", decoded


def _runs(pattern: re.Pattern[bytes], data: bytes, *, keep: bool = False) -> Iterator[bytes]:
    """The longest runs of an alphabet, white space taken out unless it is to be kept."""
    found = [match.span() for match in pattern.finditer(data)]
    if len(found) > _RUNS:
        found = sorted(found, key=lambda span: span[0] - span[1])[:_RUNS]
    for start, end in found:
        run = data[start:end] if keep else _WHITE.sub(b"", data[start:end])
        if len(run) >= _LEAST and len(set(run)) >= _DISTINCT:
            yield run


REWRITINGS: Final = (percent, escapes, entities, quoted)
"""Those that stand in text here and there."""

RUNS: Final = (base64, base32, base16)
"""Those that runs of an alphabet are in."""
