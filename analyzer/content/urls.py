"""Finding addresses in the bytes of a file, whatever the file is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from analyzer.model.filefacts import MAX_URL, MAX_URLS, UrlFact

_SCHEME: Final = re.compile(rb"(?i)(?:https?|(?<![a-z])(?:ftps?|wss?))\Z")
_LONGEST_SCHEME: Final = 5
_REST: Final = re.compile(rb"(?:\[[0-9A-Fa-f:.%]{2,60}\])?[^\s\x00-\x20\x7f\"'<>\\^`|\[\]]*")
_ESCAPED_REST: Final = re.compile(rb"(?:[^\s\x00-\x20\x7f\"'<>\\^`|\[\]]|\\/)*")
_BINARY_END: Final = re.compile(rb"[\x80-\xff]")
_MARK: Final = b"://"
_ESCAPED_MARK: Final = rb":\/\/"
_WIDE_MARK: Final = b":\0/\0/\0"
_WIDE_RUN: Final = re.compile(rb"(?:[\x21-\x7e]\0)+")
_TRAILING: Final = ".,;:!?*~'\"$&"
_PAIRS: Final = {")": "(", "}": "{"}
_MAX_CHARACTERS: Final = 16 * 1024 * 1024
"""Of all addresses together, so that their number times their length fits a record's document."""


def find_urls(data: bytes, *, binary: bool = False) -> Iterator[tuple[int, str]]:
    """The addresses in some bytes, each with the place where it begins; also such as stand in another's query.

    Beside plain ones, those with the escaped slashes of JSON and those in UTF-16 (little-endian, of ASCII). In text an address may hold
    any letter; in a binary file it ends where ASCII does.
    """
    plain = (_at(data, place, 3, _REST, binary) for place in _places(data, _MARK))
    escaped = (_at(data, place, 5, _ESCAPED_REST, binary) for place in _places(data, _ESCAPED_MARK))
    wide = (_wide(data, place) for place in _places(data, _WIDE_MARK))
    yield from filter(None, chain(plain, escaped, wide))


def _places(data: bytes, mark: bytes) -> Iterator[int]:
    place = data.find(mark)
    while place >= 0:
        yield place
        place = data.find(mark, place + len(mark))


def _at(data: bytes, place: int, behind: int, rest: re.Pattern[bytes], binary: bool) -> tuple[int, str] | None:
    """The address whose mark stands at a place, and has so many bytes."""
    # One byte more than a scheme has, so that what stands before it is seen.
    before = data[max(0, place - _LONGEST_SCHEME - 1) : place]
    scheme = _SCHEME.search(before)
    found = rest.match(data[place + behind : place + behind + MAX_URL])
    if scheme is None or found is None:
        return None
    tail = found[0]
    if binary and (end := _BINARY_END.search(tail)):
        tail = tail[: end.start()]
    text = _trimmed(tail.replace(rb"\/", b"/").decode("utf-8", "backslashreplace"))
    return (place - len(scheme[0]), f"{scheme[0].decode().lower()}://{text}") if text else None


def _wide(data: bytes, place: int) -> tuple[int, str] | None:
    """The same of letters of two bytes, of which one is zero."""
    begin, first = place, max(0, place - 2 * (_LONGEST_SCHEME + 1))
    while begin - 2 >= first and not data[begin - 1] and 0x20 < data[begin - 2] < 0x7F:
        begin -= 2
    if not _SCHEME.search(data[begin:place:2]):
        return None
    run = _WIDE_RUN.match(data, begin, place + 2 * MAX_URL)
    found = _at(run[0][::2], (place - begin) // 2, 3, _REST, True) if run else None
    return (begin + 2 * found[0], found[1]) if found else None


def _trimmed(text: str) -> str:
    """Without the punctuation of the sentence around it, and without a closing bracket that nothing opens."""
    while text:
        last = text[-1]
        opening = _PAIRS.get(last)
        if last in _TRAILING or (opening is not None and text.count(last) > text.count(opening)):
            text = text[:-1]
        else:
            break
    return text


@dataclass(slots=True)
class UrlBook:
    """The different addresses of all files, in the order in which they were found."""

    found: dict[str, list[str | int]] = field(default_factory=dict)
    full: bool = False
    _characters: int = 0

    def add(self, url: str, file: str, line: int) -> None:
        """Counts an address that was found. Once there are too many, new ones are not kept, and `full` says so."""
        known = self.found.get(url)
        if known is not None:
            known[2] = int(known[2]) + 1
            return
        self._characters += len(url) + len(file)
        if len(self.found) >= MAX_URLS or self._characters > _MAX_CHARACTERS:
            self.full = True
            return
        self.found[url] = [file, line, 1]

    def facts(self) -> tuple[UrlFact, ...]:
        """What was kept."""
        return tuple(
            UrlFact(url=url, file=str(file), line=int(line), count=int(count))
            for url, (file, line, count) in self.found.items()
        )
