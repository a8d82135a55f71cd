"""Opening a corpus: its tables are there, of this version, told by these ranks, and with the corpus that ships with fumehood."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, delete, insert, inspect, select

from analyzer.corpus import shipped
from analyzer.corpus.database import Database
from analyzer.corpus.location import Location
from analyzer.corpus.migrations import migrate
from analyzer.corpus.ranks import RANK_DATE
from analyzer.corpus.schema import FACTS, METADATA, SCHEMA_VERSION
from analyzer.corpus.writing import add_all, rank_anew
from analyzer.errors import CorpusError

_SCHEMA: Final = "schema"
_RANKS: Final = "ranks"
_SHIPPED: Final = "shipped:"

_NEW_FOLDERS: Final = 3
"""Folders that are made for a database: `.local/share/fumehood`."""


def open_database(where: Location, *, make: bool) -> Database:
    """A database that can be asked; with `make`, one that is not there is made.

    What only makes it newer (ranks, the shipped corpus) is left for later where it may not be written or somebody else writes.
    Raises CorpusError where there is none, or none that this version reads.
    """
    if where.path is not None:
        _see_to_file(where.path, where.shown, make=make)
    database = Database(where)
    with database.reading() as connection:
        known = _facts(connection)
    version = _version(known, where)
    if version == 0 and not make:
        raise CorpusError(f"{where.shown} has no corpus in it: `fumehood corpus add` or `import` makes one")
    if version != SCHEMA_VERSION or _is_behind(known):
        try:
            with database.writing() as connection:
                _bring_up(connection, where)
        except CorpusError:
            if version != SCHEMA_VERSION:
                raise
    return database


def _see_to_file(path: Path, shown: str, *, make: bool) -> None:
    """Sees that a database can be opened at a path, for which its folder may have to be made."""
    try:
        if path.exists():
            return
        if make:
            # A home that is not there is not made up.
            if not any(folder.is_dir() for folder in list(path.parents)[: _NEW_FOLDERS + 1]):
                raise CorpusError(f"the corpus {shown} cannot be made: its folder is not there; name another place")
            path.parent.mkdir(parents=True, exist_ok=True)
            return
    except OSError as error:
        raise CorpusError(
            f"the corpus {shown} cannot be made: {error.strerror or error}; name another place"
        ) from error
    raise CorpusError(f"there is no corpus {shown}: `fumehood corpus add` or `import` makes one")


def _bring_up(connection: Connection, where: Location) -> None:
    """Makes or renews what is missing. Somebody else may have done so since it was looked at."""
    known = _facts(connection)
    version = _version(known, where)
    if version == 0:
        METADATA.create_all(connection)
    else:
        migrate(connection, version)
    _note(connection, _SCHEMA, str(SCHEMA_VERSION))
    if known.get(_RANKS, "") < RANK_DATE:
        rank_anew(connection)
        _note(connection, _RANKS, RANK_DATE)
    name = shipped.name()
    if name and _SHIPPED + name not in known:
        add_all(connection, shipped.entries())
        _note(connection, _SHIPPED + name, RANK_DATE)


def _is_behind(known: dict[str, str]) -> bool:
    """An older fumehood that shares the database leaves newer ranks as they are."""
    name = shipped.name()
    return known.get(_RANKS, "") < RANK_DATE or bool(name and _SHIPPED + name not in known)


def _facts(connection: Connection) -> dict[str, str]:
    """What the database says of itself; nothing where it has no corpus."""
    if not inspect(connection).has_table(FACTS.name):
        return {}
    return {row.name: row.value for row in connection.execute(select(FACTS.c.name, FACTS.c.value))}


def _version(known: dict[str, str], where: Location) -> int:
    """The schema's version, 0 where there is no corpus. Raises CorpusError for one of a newer fumehood."""
    told = known.get(_SCHEMA, "0")
    version = int(told) if told.isdecimal() and len(told) < 10 else SCHEMA_VERSION + 1
    if version > SCHEMA_VERSION:
        raise CorpusError(
            f"the corpus {where.shown} has schema version {told[:20]}, and this fumehood reads {SCHEMA_VERSION}: upgrade it, "
            "or name another corpus"
        )
    return version


def _note(connection: Connection, name: str, value: str) -> None:
    connection.execute(delete(FACTS).where(FACTS.c.name == name))
    connection.execute(insert(FACTS).values(name=name, value=value))
