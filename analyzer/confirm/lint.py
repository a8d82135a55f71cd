"""What `make lint` asks of the mapping: it agrees with the taxonomy, its texts are sentences, and nothing in it is dead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from analyzer.confirm.mapping import Entry, Mapping, expanded
from analyzer.taxonomy import Taxonomy


def findings(mapping: Mapping, taxonomy: Taxonomy) -> list[str]:
    """What is wrong with the mapping of this version, a line each."""
    entries = [(f"{name}, entry {number}", entry, tools) for name, number, entry, tools in mapping.entries()]
    return [
        *(f"{where}: {problem}" for where, entry, _ in entries for problem in _of_entry(entry, taxonomy)),
        *_dead(entries),
    ]


def _of_entry(entry: Entry, taxonomy: Taxonomy) -> Iterator[str]:
    for text in (entry.why, entry.not_observable):
        if text is not None and not text.endswith("."):
            yield f"{text[:60]!r} does not end in a full stop"
    for key in ("tools", "rules", "cwes", "tags", "message", "behaviors"):
        counts = Counter(getattr(entry, key))
        yield from (f"{one} is there twice in `{key}`" for one, count in counts.items() if count > 1)
    for pattern in entry.behaviors:
        if "*" not in pattern and taxonomy[pattern].status != "active":
            yield f"{pattern} is {taxonomy[pattern].status}"
        if "*" in pattern and len(expanded([pattern])) == 1:
            yield f"{pattern} is the pattern of a single behavior"


def _dead(entries: list[tuple[str, Entry, tuple[str, ...]]]) -> Iterator[str]:
    """Rules and numbers that an entry before has taken already, of the same scanners."""
    taken: dict[tuple[tuple[str, ...], str], str] = {}
    for where, entry, tools in entries:
        if entry.message or entry.tags or (entry.rules and entry.cwes):
            continue
        named = entry.tools or tools
        for one in [*entry.rules, *(f"CWE-{number}" for number in entry.cwes)]:
            before = taken.setdefault((named, one.lower()), where)
            if before != where:
                yield f"{where}: {one} never comes to it, since {before} is about it too"
