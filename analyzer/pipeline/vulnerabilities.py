"""Vulnerabilities that several sources tell of, each once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from analyzer.model.project import Vulnerability
from analyzer.store.project import ProjectFacts, RecordedVulnerability

Source = Literal["index", "osv"]


def vulnerabilities(facts: ProjectFacts) -> list[Vulnerability] | None:
    """All that are known, the index's first; None where neither the index nor a list of the user's says anything.

    Lists have several records of one weakness under different names, which their aliases join.
    """
    told: list[tuple[Source, tuple[RecordedVulnerability, ...] | None]] = [
        ("index", facts.vulnerabilities),
        ("osv", facts.osv),
    ]
    if all(found is None for _, found in told):
        return None
    rows = [(source, one) for source, found in told for one in found or ()]
    groups = _groups([{one.id, *one.aliases} for _, one in rows])
    return [_joined([rows[number] for number in group]) for group in groups]


def _groups(names: list[set[str]]) -> list[list[int]]:
    """Which sets are joined by common names, directly or through others; by the first of each."""
    leader = list(range(len(names)))

    def find(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    known: dict[str, int] = {}
    for number, some in enumerate(names):
        for name in some:
            one, other = sorted((find(number), find(known.setdefault(name, number))))
            leader[other] = one
    groups: dict[int, list[int]] = {}
    for number in range(len(names)):
        groups.setdefault(find(number), []).append(number)
    return list(groups.values())


def _joined(rows: list[tuple[Source, RecordedVulnerability]]) -> Vulnerability:
    source, first = rows[0]
    every = [one for _, one in rows]
    return Vulnerability(
        id=first.id,
        aliases=_unlike(first.id, (name for one in every for name in (one.id, *one.aliases))),
        summary=next((one.summary for one in every if one.summary), ""),
        fixed_in=_unlike("", (version for one in every for version in one.fixed_in)),
        link=next((one.link for one in every if one.link), ""),
        source=source,
    )


def _unlike(one: str, texts: Iterable[str]) -> list[str]:
    """Each text once, in their order, but for one."""
    kept: Mapping[str, None] = dict.fromkeys(texts)
    return [text for text in kept if text != one]
