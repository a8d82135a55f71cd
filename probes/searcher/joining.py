"""What was split over several messages, put together again: in order of time, and by a counter that the messages carry.

Messages with one destination, in one part, are taken together, DNS names by the domain that they end with. Of each message that part
is taken that is not in most others: the longest row of characters in which a value could be written.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from searcher.messages import Message, Place

_MOST: Final = 20_000
"""Messages of one group that are put together."""

_BYTES: Final = 4 << 20
_LARGE: Final = 16_384
"""Bytes of a message up to which its longest row is looked for."""

_TOKEN: Final = re.compile(rb"[A-Za-z0-9+/_%-]{2,}={0,2}")
_NUMBER: Final = re.compile(rb"\d{1,6}")
_NUMBERED: Final = re.compile(rb"(\d{1,5})[-_x.](.+)|(.+)[-_.](\d{1,5})", re.DOTALL)
_RAW: Final = frozenset({"body", "stream", "payload"})
_COUNTERS: Final = 3


@dataclass(frozen=True, slots=True)
class Joined:
    """Several messages as one: the place of the last, and the group, by which the single ones are known."""

    place: Place
    part: str
    group: tuple[str, str]
    data: bytes


def group_of(message: Message) -> tuple[str, str]:
    """What messages have in common that could belong together."""
    if message.part != "name":
        return message.place.host, message.part
    return b".".join(message.data.split(b".")[-2:]).decode("ascii", "backslashreplace").lower(), "name"


def join(messages: Iterable[Message]) -> Iterator[Joined]:
    """Every way in which messages could belong together; the same bytes may come more than once."""
    groups: dict[tuple[str, str], list[Message]] = defaultdict(list)
    for message in messages:
        if message.data:
            groups[group_of(message)].append(message)
    for group, members in groups.items():
        ordered = sorted(members, key=lambda one: one.place.time)[:_MOST]
        different = list({one.data: one for one in ordered}.values())
        rows = _names(different) if group[1] == "name" else _others(ordered, different)
        for data in dict.fromkeys(rows):
            if data:
                yield Joined(ordered[-1].place, group[1], group, data)


def _others(ordered: list[Message], different: list[Message]) -> Iterator[bytes]:
    if len(different) < 2:
        return
    if different[0].part in _RAW:
        yield _cut(one.data for one in ordered)
    small = [one.data for one in different if len(one.data) <= _LARGE]
    found = [set(_TOKEN.findall(data)) for data in small]
    usual = {
        token
        for token, count in Counter(token for tokens in found for token in tokens).items()
        if count * 2 > len(small)
    }
    chosen = [(data, max(tokens - usual, key=len, default=b"")) for data, tokens in zip(small, found, strict=True)]
    yield from _ordered([(data.replace(token, b" ", 1), token) for data, token in chosen if token])


def _names(names: list[Message]) -> Iterator[bytes]:
    rows = [one.data.split(b".") for one in names]
    common = 0 if len(rows) > 1 else min(2, len(rows[0]) - 1)
    while len(rows) > 1 and all(
        len(row) > common + 1 and row[-1 - common].lower() == rows[0][-1 - common].lower() for row in rows
    ):
        common += 1
    rows = [row[: len(row) - common] or row for row in rows]
    yield _cut(b"".join(row) for row in rows)
    yield _cut(max(row, key=len) for row in rows)
    yield from _ordered([_numbered(row) for row in rows])


def _numbered(row: list[bytes]) -> tuple[bytes, bytes]:
    """The labels beside the data, which may count, and the data, without a number at its beginning or end."""
    numbers = [label for label in row if label.isdigit() and len(label) <= 5]
    data = b"".join(label for label in row if label not in numbers)
    if numbers:
        return b" ".join(numbers), data
    longest = max(row, key=len)
    if match := _NUMBERED.fullmatch(longest):
        return match[1] or match[4], match[2] or match[3]
    return b" ".join(label for label in row if label is not longest), longest


def _ordered(pairs: list[tuple[bytes, bytes]]) -> Iterator[bytes]:
    """The data of pairs of (what stands around it, data): as they came, and by each number that all of them have and none shares."""
    yield _cut(data for _, data in pairs)
    numbers = [_NUMBER.findall(around[:_LARGE]) for around, _ in pairs]
    for place in range(min(_COUNTERS, min(map(len, numbers), default=0))):
        counted = [int(row[place]) for row in numbers]
        if len(set(counted)) == len(counted):
            yield _cut(data for _, data in sorted(zip(counted, (data for _, data in pairs), strict=True)))
    for place in range(-min(_COUNTERS, min(map(len, numbers), default=0)), 0):
        counted = [int(row[place]) for row in numbers]
        if len(set(counted)) == len(counted):
            yield _cut(data for _, data in sorted(zip(counted, (data for _, data in pairs), strict=True)))


def _cut(pieces: Iterable[bytes]) -> bytes:
    whole = bytearray()
    for piece in pieces:
        whole += piece[: _BYTES - len(whole)]
        if len(whole) >= _BYTES:
            break
    return bytes(whole)
