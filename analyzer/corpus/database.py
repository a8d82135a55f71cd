"""Connections to a corpus's database, whole transactions, and what can go wrong with them told in one line."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from analyzer.corpus.location import Location
from analyzer.errors import CorpusError

_PATIENCE_SECONDS: Final = 10
"""How long another program's work on the same database is waited for; one report takes milliseconds."""

_LOCK: Final = 0x66756D65
"""A number of our own, by which those who write to a PostgreSQL wait for one another."""

_WRITES: Final = "fumehood_writes"
_LONGEST: Final = 300


class Database:
    """A database of SQLite's or PostgreSQL's. Each transaction has a connection of its own, so that nothing is held in between."""

    def __init__(self, where: Location) -> None:
        self.where = where
        self._engine = _engine(where)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads. Raises CorpusError."""
        with self._telling("read"), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes all or nothing, while nobody else writes. Raises CorpusError."""
        with self._telling("written"), self._engine.connect() as connection:
            connection = connection.execution_options(**{_WRITES: True})
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE_SECONDS}s'"))
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                yield connection

    @contextmanager
    def _telling(self, done: str) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise CorpusError(f"the corpus {self.where.shown} cannot be {done}: {_reason(error)}") from error


def _engine(where: Location) -> Engine:
    if where.path is not None:
        return _sqlite(where)
    try:
        return create_engine(
            make_url(where.url),
            poolclass=NullPool,
            connect_args={"connect_timeout": _PATIENCE_SECONDS, "application_name": "fumehood"},
        )
    except (ArgumentError, ValueError) as error:
        raise CorpusError(
            f"the corpus {where.shown} cannot be opened: it is no URL; write postgresql://USER@HOST/DATABASE"
        ) from error
    except ImportError as error:
        raise CorpusError(
            f"the corpus {where.shown} cannot be opened: psycopg, which speaks to PostgreSQL, is not installed; "
            "install fumehood[postgresql]"
        ) from error


def _sqlite(where: Location) -> Engine:
    """No write-ahead log: a database in that mode could not be read from a folder that may not be written."""
    engine = create_engine(
        URL.create("sqlite", database=str(where.path)), poolclass=NullPool, connect_args={"timeout": _PATIENCE_SECONDS}
    )

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, record: Any) -> None:
        del record
        # Python's module would begin transactions by itself, and too late: what is read first has to be locked too.
        connection.isolation_level = None
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")

    @event.listens_for(engine, "begin")
    def began(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _reason(error: SQLAlchemyError) -> str:
    """Why, and what to do, without the statement that failed."""
    original = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    line = next(iter(original.splitlines()), "")[:_LONGEST]
    for sign, told in _KNOWN:
        if sign in original:
            return told
    return f"{line or type(error).__name__}; look after the database, or name another one with --corpus"


_KNOWN: Final = (
    ("database is locked", "another program works on it; try again when that has ended"),
    ("lock timeout", "another program works on it; try again when that has ended"),
    ("readonly database", "it may only be read; name one that may be written, or change its mode"),
    ("read-only transaction", "it may only be read; ask for the right to write, or name another one"),
    ("not a database", "it is no database of SQLite's; name another file"),
    ("disk image is malformed", "it is damaged; restore it, or make a new one of an exported corpus"),
    ("unable to open database file", "there is no such file or it may not be opened; name another one"),
    ("disk is full", "the disk is full; make room"),
    ("disk I/O error", "the disk fails or is full; look after it"),
)
"""What the databases say, and what we say of it."""
