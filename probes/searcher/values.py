"""The values that are looked for, and where they stand in some bytes, whole or in part."""

from __future__ import annotations

import json
from binascii import a2b_base64
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import TYPE_CHECKING, Final

from searcher.ordinary import ORDINARY

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SHORTEST: Final = 12
"""Characters of a value below which it could stand somewhere by chance."""

View = Callable[[bytes], bytes]

_PART: Final = 16
_DISTINCT: Final = 6
"""Different characters among `SHORTEST`, below which they are no random ones: digits of hexadecimal numbers seldom have fewer."""

_OWN: Final = 8
"""Characters among `SHORTEST` that are the value's own."""

_URL_ALPHABET: Final = bytes.maketrans(b"-_", b"+/")
_MOST_VALUES: Final = 2000
_LONGEST: Final = 65_536
_FILE_BYTES: Final = 16 << 20
_MOST_PLACES: Final = 4000
"""Places in one piece of data that are looked at more closely: a value may be repeated a million times."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A planted value: its name, and the file or "$VARIABLE" that holds it."""

    name: str
    path: str
    value: bytes

    @property
    def least(self) -> int:
        """How many characters of it in a row are a hit."""
        return max(SHORTEST, min(_PART, ceil(len(self.value) / 2)))


@dataclass(frozen=True, slots=True)
class Match:
    """A value in some bytes: how many percent of it, and where the longest part of it stands."""

    secret: Secret
    share: int
    start: int
    size: int


def read(path: Path) -> tuple[list[Secret], list[Secret]]:
    """The secrets of a run, and the facts of its machine (class "system"), from `secrets.json`; both empty without that file.

    Raises OSError and ValueError for a file that cannot be read or is not of the format: a list of `{name, path, value}`.
    """
    if not path.exists():
        return [], []
    with path.open("rb") as file:
        entries = json.loads(file.read(_FILE_BYTES))
    if not isinstance(entries, list):
        raise ValueError(f"{path.name} is no list")  # noqa: TRY004 one kind of error for one kind of mistake
    found: dict[str, list[Secret]] = {"secret": [], "system": []}
    for entry in entries[:_MOST_VALUES]:
        if not isinstance(entry, dict):
            raise ValueError(f"{path.name} has an entry that is none")  # noqa: TRY004
        value = str(entry.get("value", "")).strip().encode("utf-8", "surrogateescape")[:_LONGEST]
        kind = str(entry.get("class", "secret"))
        if value and kind in found:
            found[kind].append(Secret(str(entry.get("name", "")), str(entry.get("path", "")), value))
    return found["secret"], found["system"]


class Values:
    """All values, indexed by what any twelve of their characters are. Those that are too short or too plain are left out.

    `view` is how both values and data are looked at: as they are, in lower case, or by their `differences`.
    """

    def __init__(self, secrets: Iterable[Secret], view: View = bytes) -> None:
        self._view = view
        self._grams: dict[bytes, list[tuple[Secret, int]]] = defaultdict(list)
        self.secrets: dict[Secret, bytes] = {}
        for secret in secrets:
            value = view(secret.value)
            own = _own(secret.value)
            places = [
                (value[at : at + SHORTEST], at)
                for at in range(len(value) - SHORTEST + 1)
                if len(set(secret.value[at : at + SHORTEST])) >= _DISTINCT and sum(own[at : at + SHORTEST]) >= _OWN
            ]
            for gram, at in places:
                self._grams[gram].append((secret, at))
            if places:
                self.secrets[secret] = own

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._grams)

    def search(self, data: bytes, closely: int) -> list[Match]:
        """Which values are in the data: parts of them in its first `closely` bytes, whole ones in all of it."""
        grams, data = self._grams, self._view(data)
        end = min(len(data), closely) - SHORTEST + 1
        places = [at for at in range(end) if data[at : at + SHORTEST] in grams][:_MOST_PLACES]
        matches = self._around(data, places)
        if len(data) > closely:
            known = {match.secret for match in matches}
            matches += [match for secret in self.secrets if secret not in known for match in self._whole(data, secret)]
        return matches

    def _whole(self, data: bytes, secret: Secret) -> list[Match]:
        value = self._view(secret.value)
        at = data.find(value)
        return [Match(secret, 100, at, len(value))] if at >= 0 else []

    def _around(self, data: bytes, places: list[int]) -> list[Match]:
        """What the places come to, for each value that they belong to."""
        covered: dict[Secret, bytearray] = {}
        longest: dict[Secret, tuple[int, int, int]] = {}
        for at in places:
            for secret, offset in self._grams[data[at : at + SHORTEST]]:
                cover = covered.setdefault(secret, bytearray(len(secret.value)))
                if cover[offset] & 2:
                    continue  # its row has been measured
                start, size = self._row(data, at, secret, offset)
                first = offset - (at - start)
                cover[first : first + size] = b"\3" * size
                proving = sum(self.secrets[secret][first : first + size])
                if proving > longest.get(secret, (0, 0, 0))[0]:
                    longest[secret] = (proving, start, size)
        return [
            Match(secret, _share(self.secrets[secret], covered[secret]), start, size)
            for secret, (proving, start, size) in longest.items()
            if proving >= secret.least
        ]

    def _row(self, data: bytes, at: int, secret: Secret, offset: int) -> tuple[int, int]:
        """Where the row around a place begins that the data and the value have in common, and its size."""
        value = self._view(secret.value)
        back = 0
        while back < min(at, offset) and data[at - back - 1] == value[offset - back - 1]:
            back += 1
        size = SHORTEST
        room = min(len(data) - at, len(value) - offset)
        while size < room and data[at + size] == value[offset + size]:
            size += 1
        return at - back, back + size


@cache
def _own(value: bytes) -> bytes:
    """For each character of a value, 1 if it is its own: visible, and no part of what all of its kind have."""
    own = bytearray(byte > 0x20 for byte in value)
    for ordinary in ORDINARY:
        at = value.find(ordinary)
        while at >= 0:
            own[at : at + len(ordinary)] = bytes(len(ordinary))
            at = value.find(ordinary, at + 1)
    for at in range(len(value) - SHORTEST + 1):
        if _is_encoded_text(value[at : at + SHORTEST]):
            own[at : at + SHORTEST] = bytes(SHORTEST)
    return bytes(own)


def _is_encoded_text(piece: bytes) -> bool:
    """Whether some characters are the base64 of text, such as the names and the issuer in a web token (RFC 7519)."""
    try:
        decoded = a2b_base64(piece.translate(_URL_ALPHABET), strict_mode=True)
    except ValueError:
        return False
    return all(0x20 <= byte < 0x7F for byte in decoded)


def _share(own: bytes, cover: bytearray) -> int:
    """Percent of a value's own characters that are covered: how its lines are broken may differ."""
    found = sum(1 for mine, is_covered in zip(own, cover, strict=False) if mine and is_covered)
    return max(1, 100 * found // max(sum(own), 1))


def differences(data: bytes) -> bytes:
    """Each byte against the next one: the same whatever single byte all of them are disguised with."""
    if len(data) < 2:
        return b""
    number = int.from_bytes(data[:-1], "big") ^ int.from_bytes(data[1:], "big")
    return number.to_bytes(len(data) - 1, "big")
