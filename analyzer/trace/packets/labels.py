"""Data that is hidden in names: labels below one domain, put together and decoded.

What counts as data is told by `encodings`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.trace.packets.encodings import BITS, FEWEST_BYTES, Encoding, decoded

Labels = tuple[str, ...]
_Names = dict[str, Labels]

_MOST_NAMES: Final = 5000
"""Names of one domain that are looked at."""

_MOST_DOMAINS: Final = 2000
_MOST_LABELS: Final = 127
_FEWEST_SHARED: Final = 2
"""Labels of a domain."""

_DEEPEST: Final = 5
"""Labels of the domains that are looked at apart."""

_SEQUENCE: Final = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Hidden:
    """Data in the names below a domain. `parts` are the bytes that each name brought; `format` is "text" or a format's name."""

    domain: str
    encoding: Encoding
    format: str
    data: bytes
    parts: dict[str, bytes]


def hidden(names: Iterable[str]) -> list[Hidden]:
    """What names, in the order in which they were asked for, hide; by domain in that order."""
    domains: dict[str, _Names] = defaultdict(dict)
    for name in names:
        labels = tuple(name.rstrip(".").split("."))
        domain = ".".join(labels[-_FEWEST_SHARED:]).lower()
        if not _FEWEST_SHARED < len(labels) <= _MOST_LABELS or (
            domain not in domains and len(domains) >= _MOST_DOMAINS
        ):
            continue
        if len(domains[domain]) < _MOST_NAMES:
            domains[domain].setdefault(name, labels)
    return [one for some in domains.values() for one in _search(some, _FEWEST_SHARED)]


def _search(names: _Names, depth: int) -> Iterator[Hidden]:
    """What the names below a domain hide all together; else what those below each of its own domains do."""
    found = _of_domain(names)
    if found is not None:
        yield found
    elif depth < _DEEPEST:
        below: dict[str, _Names] = defaultdict(dict)
        for name, labels in names.items():
            if len(labels) > depth + 1:
                below[".".join(labels[-depth - 1 :]).lower()][name] = labels
        for some in below.values():
            if len(some) < len(names):
                yield from _search(some, depth + 1)


def _of_domain(names: _Names) -> Hidden | None:
    """What the names of one domain hide: split over all of them, or each of them for itself."""
    shared = _shared(list(names.values()))
    suffix = ".".join(next(iter(names.values()))[-shared:])
    lefts = {name: labels[:-shared] for name, labels in names.items()}
    same = frozenset[tuple[int, str]]()
    if len(lefts) > 1:
        same = frozenset.intersection(*(frozenset(enumerate(labels)) for labels in lefts.values()))
    texts = {name: "".join(_data_labels(labels, same)) for name, labels in lefts.items()}
    for order in _orders(lefts):
        found = _joined([(name, texts[name]) for name in order])
        if found is not None:
            return Hidden(suffix, *found)
    return _each(suffix, texts)


def _shared(names: Sequence[Labels]) -> int:
    """How many labels all have in common at the end: at least two, and never all that one of them has.

    Of a single name, the short labels before its domain are taken to belong to that.
    """
    shortest = min(len(labels) for labels in names)
    count = _FEWEST_SHARED
    while count < shortest - 1:
        labels = {labels[-count - 1].lower() for labels in names}
        if len(labels) > 1 or (len(names) == 1 and len(labels.pop()) >= FEWEST_BYTES):
            break
        count += 1
    return count


def _orders(lefts: _Names) -> Iterator[list[str]]:
    """The names by the number that each has as its first or last label, and as they came."""
    for place in (0, -1):
        if all(len(labels) > 1 and _SEQUENCE.fullmatch(labels[place]) for labels in lefts.values()):
            yield sorted(lefts, key=lambda name: int(lefts[name][place]))
    yield list(lefts)


def _data_labels(labels: Labels, same: frozenset[tuple[int, str]]) -> Iterable[str]:
    """The labels that may carry data: no numbers, and none that all names have in the same place."""
    kept = [one for one in enumerate(labels) if one not in same and not _SEQUENCE.fullmatch(one[1])]
    return [label for _, label in kept] or labels


def _joined(texts: Sequence[tuple[str, str]]) -> tuple[Encoding, str, bytes, dict[str, bytes]] | None:
    """The texts of all names, decoded as one."""
    whole = "".join(text for _, text in texts)
    found = decoded(whole)
    if found is None:
        return None
    encoding, form, data = found
    parts: dict[str, bytes] = {}
    begin, bits = 0, BITS[encoding]
    for name, text in texts:
        end = begin + len(text)
        parts[name] = data[begin * bits // 8 : end * bits // 8]
        begin = end
    return encoding, form, data, parts


def _each(domain: str, texts: dict[str, str]) -> Hidden | None:
    """Names that can be decoded each for itself, where that is most of them."""
    told = {name: one for name, text in texts.items() if (one := decoded(text)) is not None}
    if not told or 2 * len(told) < len(texts):
        return None
    encoding, form, _ = next(iter(told.values()))
    parts = {name: data for name, (_, _, data) in told.items()}
    return Hidden(domain, encoding, form, b"\n".join(parts.values()), parts)
