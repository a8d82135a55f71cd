"""What the interpreter probe is told of the places that a run is directed at: written over a constant of its overlay.

So it is there in every interpreter of the run, without a file or a variable of its own. `probes/interpreter/places.py` reads it: one line
a place, of fields that tabs part: number, name of the file, name of its folder ("" for any), first and last line, qualified name of the
function; all of it as hexadecimal digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from analyzer.errors import SandboxError
from analyzer.model.direction import Place

MAX_PLACES: Final = 500
"""Different places that are watched; more are not, since each process tells of each up to three times."""

_PLACEHOLDER: Final = b"<places that the run is directed at>"
_LENGTH_BYTES: Final = 4
"""Of a bytes object's length before its content (marshal's TYPE_STRING, in all versions from 3.9 to 3.14)."""
_MAX_NAME: Final = 200
_MAX_LINE: Final = 10_000_000
_ANYWHERE: Final = frozenset({"setup.py"})
"""Files that are run from wherever they were unpacked to."""


def directed(content: bytes, places: Iterable[Place]) -> bytes:
    """An overlay's file, source text or compiled, with the places in it; as it is where there are none.

    Raises SandboxError where the file has no room for them, as one of another version's probe.
    """
    settings = _settings(places)
    if not settings:
        return content
    before, found, after = content.partition(_PLACEHOLDER)
    if not found:
        raise SandboxError(
            "the interpreter probe cannot be told where to look: remove the cache's folder interpreters, and try again"
        )
    length = len(_PLACEHOLDER).to_bytes(_LENGTH_BYTES, "little")
    if before.endswith(length):
        before = before[:-_LENGTH_BYTES] + len(settings).to_bytes(_LENGTH_BYTES, "little")
    return before + settings + after


def numbers(places: Iterable[Place]) -> dict[Place, int]:
    """The different places that are watched, by number from 0, in order of their first."""
    different = dict.fromkeys(places)
    return {place: number for number, place in enumerate(different) if number < MAX_PLACES}


def _settings(places: Iterable[Place]) -> bytes:
    lines = [line for place, number in numbers(places).items() for line in _lines(place, number)]
    return "\n".join(lines).encode("utf-8", "surrogatepass").hex().encode("ascii")


def _lines(place: Place, number: int) -> Iterator[str]:
    for folder, name in _files(place):
        first = min(max(place.line, 0), _MAX_LINE)
        last = min(max(place.end_line, first), _MAX_LINE)
        fields = (str(number), name, folder, str(first), str(last), place.function)
        if all(field.isprintable() and len(field) <= _MAX_NAME for field in fields):
            yield "\t".join(fields)


def _files(place: Place) -> Iterator[tuple[str, str]]:
    """Folder and name of the file that a place may be in: of its path, or else of its module."""
    parts = [part for part in re.split(r"[/\\]", place.file) if part not in {"", "."}]
    if parts:
        yield ("" if parts[-1] in _ANYWHERE else "".join(parts[-2:-1])), parts[-1]
    elif place.module:
        folder, _, name = place.module.rpartition(".")
        yield folder.rpartition(".")[2], f"{name}.py"
        yield name, "__init__.py"
