"""Simple disguises of whole pieces: backwards, ROT13, exclusive or with one byte, two or four bytes to a character."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Final

from searcher.packed import MAGIC

if TYPE_CHECKING:
    from collections.abc import Iterator

_LETTERS: Final = string.ascii_letters.encode("ascii")
_TEXT: Final = string.printable.encode("ascii")
_USUAL: Final = frozenset((string.ascii_letters + string.digits + ' \n+/=_-"{}:,').encode("ascii"))
_TURNED: Final = bytes.maketrans(_LETTERS, _LETTERS[13:26] + _LETTERS[:13] + _LETTERS[39:] + _LETTERS[26:39])
_SHOWN: Final = tuple(frozenset(byte ^ key for byte in _TEXT) for key in range(256))
"""By key, the bytes that it makes printable."""

_KEYS: Final = 4
"""Keys that are tried on one piece, the likeliest first."""

_SAMPLE: Final = 4096
_NEAR: Final = 64
_LEAST: Final = 12


def disguises(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What the data is without its disguise, whatever that is, as `(name, bytes)`."""
    if len(data) < _LEAST:
        return
    zeros = data.count(0)
    is_wide = zeros * 3 >= len(data)
    if is_wide and zeros * 5 <= len(data) * 4:
        yield "utf-16" if zeros * 5 < len(data) * 3 else "utf-32", data.replace(b"\0", b"")
    if is_text(data):
        yield "reversed", data[::-1]
        yield "rot13", data.translate(_TURNED)
    elif is_packed(data[: -_NEAR - 1 : -1]):
        yield "reversed", data[::-1]
    for key in [] if is_wide else keys(data):
        yield f"xor {key:#04x}", data.translate(bytes(byte ^ key for byte in range(256)))


def is_packed(head: bytes) -> bool:
    """Whether some bytes hold the beginning of packed data; of the kinds with short ones, near their own."""
    return any(head.find(magic, 0, _SAMPLE if len(magic) > 2 else _NEAR) >= 0 for magic in MAGIC)


def is_text(data: bytes) -> bool:
    """Whether some bytes are printable ASCII, as far as they are looked at."""
    sample = data[:_SAMPLE]
    return len(sample.translate(None, _TEXT)) * 20 <= len(sample)


def keys(data: bytes) -> list[int]:
    """Bytes by which the data could have been disguised: those that give printable text, or the beginning of a known kind."""
    found = [data[0] ^ magic[0] for magic in MAGIC if len(data) > 16 and _begins(data, magic)]
    sample = data[:_SAMPLE]
    kinds = {byte: sample.count(byte) for byte in set(sample)}
    if len(kinds) <= len(_TEXT) and not is_text(data):
        fitting = [key for key in range(1, 256) if _SHOWN[key].issuperset(kinds)]
        scores = {key: sum(n for byte, n in kinds.items() if byte ^ key in _USUAL) for key in fitting}
        found += sorted(fitting, key=lambda key: -scores[key])[:_KEYS]
    return found


def _begins(data: bytes, magic: bytes) -> bool:
    key = data[0] ^ magic[0]
    return bool(key) and len(magic) > 2 and all(data[at] ^ key == byte for at, byte in enumerate(magic))
