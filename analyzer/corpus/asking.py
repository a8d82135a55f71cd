"""What a corpus is asked. Only the newest report of each package counts: the one that has a bucket."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, func, select

from analyzer.corpus.schema import COUNTS, KINDS, REPORTS, REQUIRES, SIGHTINGS, TOTAL
from analyzer.corpus.usualness import ENOUGH, ENOUGH_OF_KIND, is_anomalous, prevalence
from analyzer.model.prevalence import Anomaly, CorpusUse, Prevalence

ANY: Final = "any"
"""The kind of all packages."""

_NOBODY: Final = -1
_MAX_KINDS: Final = 1_000
"""Kinds that a package is held against; one that names more wants to be held against none."""


def packages(connection: Connection) -> dict[int, int]:
    """How many packages each bucket has."""
    counted = select(COUNTS.c.bucket, COUNTS.c.packages).where(COUNTS.c.id == TOTAL)
    return {row.bucket: row.packages for row in connection.execute(counted)}


def reports(connection: Connection) -> int:
    """How many reports there are, older ones too."""
    return connection.execute(select(func.count()).select_from(REPORTS)).scalar_one()


def use(connection: Connection) -> CorpusUse:
    """How many packages, and the days from which to which they were analysed."""
    columns = (func.count(), func.min(REPORTS.c.analysed), func.max(REPORTS.c.analysed))
    count, first, last = connection.execute(select(*columns).where(REPORTS.c.bucket.is_not(None))).one()
    return CorpusUse(packages=count, first=(first or "")[:10], last=(last or "")[:10])


def prevalences(connection: Connection, ids: Collection[str]) -> dict[str, Prevalence]:
    """How usual each id is."""
    seen: dict[str, dict[int, int]] = defaultdict(dict)
    for identifier, bucket, count in connection.execute(select(COUNTS).where(COUNTS.c.id.in_({*ids, TOTAL}))):
        seen[identifier][bucket] = count
    of = seen[TOTAL]
    return {identifier: prevalence(seen[identifier], of) for identifier in ids}


def dependents(connection: Connection, name: str) -> int:
    """How many packages declare to need one, itself left out."""
    counted = (
        select(func.count())
        .select_from(REQUIRES.join(REPORTS))
        .where(REQUIRES.c.word == name, REPORTS.c.bucket.is_not(None), REPORTS.c.name != name)
    )
    return connection.execute(counted).scalar_one()


def versions(connection: Connection, name: str) -> set[str]:
    """The versions of a package that there are reports of."""
    return set(connection.execute(select(REPORTS.c.version).where(REPORTS.c.name == name)).scalars())


def anomalies(
    connection: Connection, behaviors: Collection[str], kinds: Collection[str], besides: str
) -> list[Anomaly]:
    """Those behaviors that packages of the same kind seldom show; the package in question is not among them."""
    ids = set(behaviors)
    mine = connection.execute(
        select(REPORTS.c.id).where(REPORTS.c.name == besides, REPORTS.c.bucket.is_not(None))
    ).scalar()
    own = _NOBODY if mine is None else mine
    kind, of = _kind(connection, kinds, own)
    if not kind:
        return []
    counts = _in_any(connection, ids, own) if kind == ANY else _in_kind(connection, ids, own, kind)
    found = [Anomaly(behavior=one, kind=kind, seen=counts.get(one, 0), of=of) for one in sorted(ids)]
    return [one for one in found if is_anomalous(one.seen, one.of)]


def _in_any(connection: Connection, ids: Collection[str], own: int) -> dict[str, int]:
    """In how many packages each id was seen, one report left out."""
    counted = (
        select(COUNTS.c.id, func.sum(COUNTS.c.packages).label("seen")).where(COUNTS.c.id.in_(ids)).group_by(COUNTS.c.id)
    )
    counts = {row.id: int(row.seen) for row in connection.execute(counted)}
    mine = select(SIGHTINGS.c.id).where(SIGHTINGS.c.report == own, SIGHTINGS.c.id.in_(ids))
    for identifier in connection.execute(mine).scalars():
        counts[identifier] -= 1
    return counts


def _in_kind(connection: Connection, ids: Collection[str], own: int, kind: str) -> dict[str, int]:
    """The same among packages of a kind."""
    counted = (
        select(SIGHTINGS.c.id, func.count().label("seen"))
        .join_from(KINDS, SIGHTINGS, KINDS.c.report == SIGHTINGS.c.report)
        .where(
            KINDS.c.word == kind,
            SIGHTINGS.c.id.in_(ids),
            SIGHTINGS.c.bucket.is_not(None),
            SIGHTINGS.c.report != own,
        )
        .group_by(SIGHTINGS.c.id)
    )
    return {row.id: row.seen for row in connection.execute(counted)}


def _kind(connection: Connection, kinds: Collection[str], own: int) -> tuple[str, int]:
    """The kind of the fewest packages, but enough of them, and how many these are; "" where nothing has enough."""
    # What cannot be printed is in no corpus, and PostgreSQL does not even take it.
    known = sorted({kind for kind in kinds if kind.isprintable()})[:_MAX_KINDS]
    counted = (
        select(KINDS.c.word, func.count())
        .select_from(KINDS.join(REPORTS))
        .where(KINDS.c.word.in_(known), REPORTS.c.bucket.is_not(None), REPORTS.c.id != own)
        .group_by(KINDS.c.word)
    )
    enough = [(count, word) for word, count in connection.execute(counted) if count >= ENOUGH_OF_KIND]
    if enough:
        count, word = min(enough)
        return word, count
    everything = sum(packages(connection).values()) - (own != _NOBODY)
    return (ANY, everything) if everything >= ENOUGH else ("", 0)
