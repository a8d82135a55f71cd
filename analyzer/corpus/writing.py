"""Adding entries. Whoever calls holds the database's lock for writing: numbers and the newest report of each package depend on it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from packaging.version import Version
from sqlalchemy import Connection, Select, Table, bindparam, delete, func, insert, literal, select, update

from analyzer.corpus.entry import Entry, Sighting
from analyzer.corpus.ranks import bucket
from analyzer.corpus.schema import COUNTS, KINDS, PARTS, REPORTS, REQUIRES, SIGHTINGS, TOTAL
from analyzer.model.package import version_of

_BATCH: Final = 500
"""Entries that are looked up and written together; SQLite takes 32,766 values in one statement."""


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """Where a report stands among those of its package: the greatest is the newest."""

    analysed: str
    run: str
    number: int


def add_all(connection: Connection, entries: Iterable[Entry]) -> int:
    """Adds what is not there yet; gives how many that were.

    Of two that tell of the same run, the one of the newer fumehood stays; of the same fumehood, the one that came last.
    """
    rest = iter(entries)
    added = 0
    touched = set[str]()
    while batch := list(islice(rest, _BATCH)):
        added += _add(connection, {entry.run: entry for entry in batch}, touched)
    _count(connection, touched)
    return added


def rank_anew(connection: Connection) -> None:
    """Tells all packages' buckets by the ranks of this fumehood."""
    told = connection.execute(
        select(REPORTS.c.id, REPORTS.c.name, REPORTS.c.bucket).where(REPORTS.c.bucket.is_not(None))
    )
    changed = {number: bucket(name) for number, name, before in told if before != bucket(name)}
    _count(connection, _put(connection, changed))


def _add(connection: Connection, entries: Mapping[str, Entry], touched: set[str]) -> int:
    """Adds a batch; gives how many of it were new. What was seen in reports that came, went or were displaced is `touched`."""
    contents = {run: hashlib.sha256(entry.line.encode()).hexdigest() for run, entry in entries.items()}
    columns = (REPORTS.c.run, REPORTS.c.id, REPORTS.c.content, REPORTS.c.fumehood)
    replaced, kept = list[int](), set[str]()
    for run, number, content, fumehood in connection.execute(select(*columns).where(REPORTS.c.run.in_(entries))):
        if content == contents[run] or _age(fumehood) > _age(entries[run].fumehood):
            kept.add(run)
        else:
            replaced.append(number)
    touched |= _remove(connection, replaced)
    new = [entry for run, entry in entries.items() if run not in kept]
    if new:
        first = (connection.execute(select(func.max(REPORTS.c.id))).scalar() or 0) + 1
        numbered = dict(enumerate(new, first))
        buckets, displaced = _buckets(connection, numbered)
        touched |= _put(connection, displaced)
        touched |= _insert(connection, numbered, contents, buckets)
    return len(new)


def _buckets(connection: Connection, new: Mapping[int, Entry]) -> tuple[dict[int, int], dict[int, int | None]]:
    """The buckets of those new reports that are the newest of their packages, and of reports that are there and lose or gain theirs."""
    names = {entry.name for entry in new.values()}
    newest: dict[str, _Place] = {}
    before: dict[str, int] = {}
    columns = (REPORTS.c.name, REPORTS.c.analysed, REPORTS.c.run, REPORTS.c.id, REPORTS.c.bucket)
    for name, analysed, run, number, told in connection.execute(select(*columns).where(REPORTS.c.name.in_(names))):
        place = _Place(analysed, run, number)
        newest[name] = max(newest.get(name, place), place)
        if told is not None:
            before[name] = number
    for number, entry in new.items():
        place = _Place(entry.analysed, entry.run, number)
        newest[entry.name] = max(newest.get(entry.name, place), place)
    changed: dict[int, int | None] = {}
    for name, place in newest.items():
        if before.get(name) != place.number:
            if name in before:
                changed[before[name]] = None
            changed[place.number] = bucket(name)
    mine = {number: told for number, told in changed.items() if number in new and told is not None}
    return mine, {number: told for number, told in changed.items() if number not in new}


def _put(connection: Connection, buckets: Mapping[int, int | None]) -> set[str]:
    """Tells the buckets of reports that are there, in both places that keep them; gives what was seen in these."""
    if not buckets:
        return set()
    rows = [{"number": number, "told": told} for number, told in buckets.items()]
    for table, column in ((REPORTS, REPORTS.c.id), (SIGHTINGS, SIGHTINGS.c.report)):
        connection.execute(update(table).where(column == bindparam("number")).values(bucket=bindparam("told")), rows)
    return _seen(connection, buckets)


def _remove(connection: Connection, numbers: list[int]) -> set[str]:
    """Takes reports out; gives what was seen in these."""
    seen = _seen(connection, numbers)
    if numbers:
        for table in PARTS:
            connection.execute(delete(table).where(table.c.report.in_(numbers)))
        connection.execute(delete(REPORTS).where(REPORTS.c.id.in_(numbers)))
    return seen


def _seen(connection: Connection, numbers: Collection[int]) -> set[str]:
    """All ids of some reports."""
    found = set[str]()
    rest = iter(numbers)
    while batch := list(islice(rest, _BATCH)):
        found |= set(
            connection.execute(select(SIGHTINGS.c.id).distinct().where(SIGHTINGS.c.report.in_(batch))).scalars()
        )
    return found


def _count(connection: Connection, ids: Collection[str]) -> None:
    """Counts all packages anew, and those that show some ids."""
    rest = iter(ids)
    while batch := list(islice(rest, _BATCH)):
        shown = (SIGHTINGS.c.id, SIGHTINGS.c.bucket)
        counted = select(*shown, func.count()).where(SIGHTINGS.c.id.in_(batch), SIGHTINGS.c.bucket.is_not(None))
        _put_counts(connection, batch, counted.group_by(*shown))
    total = select(literal(TOTAL), REPORTS.c.bucket, func.count()).where(REPORTS.c.bucket.is_not(None))
    _put_counts(connection, [TOTAL], total.group_by(REPORTS.c.bucket))


def _put_counts(connection: Connection, ids: list[str], counted: Select[Any]) -> None:
    connection.execute(delete(COUNTS).where(COUNTS.c.id.in_(ids)))
    connection.execute(insert(COUNTS).from_select([COUNTS.c.id, COUNTS.c.bucket, COUNTS.c.packages], counted))


def _insert(
    connection: Connection, entries: Mapping[int, Entry], contents: Mapping[str, str], buckets: Mapping[int, int]
) -> set[str]:
    """Writes new reports; gives what was seen in them."""
    rows: dict[Table, list[dict[str, Any]]] = {REPORTS: [], SIGHTINGS: [], KINDS: [], REQUIRES: []}
    for number, entry in entries.items():
        told = buckets.get(number)
        rows[REPORTS].append(
            entry.model_dump(include={"name", "version", "analysed", "fumehood", "backend", "tracer", "python"})
            | {
                "id": number,
                "run": entry.run,
                "content": contents[entry.run],
                "digests": " ".join(entry.digests),
                "bucket": told,
            }
        )
        rows[SIGHTINGS] += [
            {
                "report": number,
                "id": one.id,
                "issue": issue,
                "phases": " ".join(one.phases),
                "called_only": one.called_only,
                "bucket": told,
            }
            for one, issue in _sightings(entry)
        ]
        rows[KINDS] += [{"report": number, "word": word} for word in entry.kinds]
        rows[REQUIRES] += [{"report": number, "word": word} for word in entry.requires]
    for table, values in rows.items():
        if values:
            connection.execute(insert(table), values)
    return {row["id"] for row in rows[SIGHTINGS]}


def _sightings(entry: Entry) -> list[tuple[Sighting, bool]]:
    """Both kinds, told apart. A package is counted once for an id, whatever bears it."""
    behaviors = {one.id for one in entry.behaviors}
    return [(one, False) for one in entry.behaviors] + [(one, True) for one in entry.issues if one.id not in behaviors]


def _age(fumehood: str) -> Version:
    """What orders versions of fumehood; what is none is older than all."""
    return version_of(fumehood) or Version("0.dev0")
