"""A corpus as other parts see it: what may be asked of it, and when its database is opened."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock, Thread
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Final, Self

from packaging.utils import canonicalize_name

from analyzer.corpus.location import NONE, Location, location
from analyzer.errors import UsageError
from analyzer.model.prevalence import Anomaly, CorpusUse, Prevalence
from analyzer.model.report import Report

if TYPE_CHECKING:
    from analyzer.corpus.database import Database

_CLOCKS_DIFFER: Final = timedelta(days=1)
"""By how much a stranger's clock may be ahead of ours."""


class Corpus:
    """Stored reports. What is counted are packages, by the newest complete report of each.

    Every method raises CorpusError where the database cannot be opened, read or, by `add` and `take`, written.
    """

    def __init__(self, where: Location, *, make: bool) -> None:
        self._where = where
        self._make = make
        self._opened: Future[Database] | None = None
        self._begun = Lock()

    @property
    def name(self) -> str:
        """Where it is, as messages say it: without a password."""
        return self._where.shown

    def prepare(self) -> None:
        """Begins to open the database in a thread of its own, so that the first question need not wait for that."""
        with self._begun:
            if self._opened is None:
                self._opened = Future()
                # As a daemon: a server that does not answer keeps nobody from ending.
                Thread(target=self._open, args=(self._opened,), name="corpus", daemon=True).start()

    def dependents(self, name: str) -> int:
        """How many packages declare to need this one."""
        from analyzer.corpus import asking

        with self._database().reading() as connection:
            return asking.dependents(connection, canonicalize_name(name))

    def prevalence(self, ids: Collection[str]) -> dict[str, Prevalence]:
        """How usual each of these behaviors and issues is; every id that was asked for has an answer."""
        from analyzer.corpus import asking

        with self._database().reading() as connection:
            return asking.prevalences(connection, ids)

    def anomalies(self, behaviors: Collection[str], kinds: Collection[str], besides: str = "") -> list[Anomaly]:
        """Which of these behaviors are rare among packages of these kinds, `besides` being the package that shows them."""
        from analyzer.corpus import asking

        with self._database().reading() as connection:
            return asking.anomalies(connection, behaviors, kinds, canonicalize_name(besides))

    def use(self) -> CorpusUse:
        """How many packages there are, and when they were analysed."""
        from analyzer.corpus import asking

        with self._database().reading() as connection:
            return asking.use(connection)

    def packages(self) -> dict[int, int]:
        """How many packages each bucket of ranks has."""
        from analyzer.corpus import asking

        with self._database().reading() as connection:
            return asking.packages(connection)

    def reports(self) -> int:
        """How many reports there are, of older versions and runs too."""
        from analyzer.corpus import asking

        with self._database().reading() as connection:
            return asking.reports(connection)

    def versions(self, name: str) -> set[str]:
        """The versions of a package that there are reports of."""
        from analyzer.corpus import asking

        with self._database().reading() as connection:
            return asking.versions(connection, canonicalize_name(name))

    def add(self, report: Report) -> bool:
        """Keeps a complete report; False where it is there already. Raises RecordError for one that is not complete."""
        from analyzer.corpus.entry import Entry
        from analyzer.corpus.writing import add_all

        entry = Entry.of(report)
        with self._database().writing() as connection:
            return add_all(connection, [entry]) == 1

    def export(self, stream: BinaryIO, path: Path) -> int:
        """Writes all reports, compressed where the path ends in .gz; gives how many. Raises OSError where the stream fails."""
        from analyzer.corpus import exchange

        with self._database().reading() as connection, exchange.compressing(stream, path) as compressed:
            return exchange.export(connection, compressed)

    def take(self, stream: BinaryIO, name: str) -> int:
        """Adds an exported corpus, all of it or nothing; gives how many reports were new. Raises CorpusError also for what is none."""
        from analyzer.corpus.exchange import imported
        from analyzer.corpus.writing import add_all

        with self._database().writing() as connection:
            return add_all(connection, imported(stream, name, until=datetime.now(UTC) + _CLOCKS_DIFFER))

    def close(self) -> None:
        """No connection is held between two questions, so there is nothing to end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _database(self) -> Database:
        with self._begun:
            mine = self._opened is None
            opened = self._opened = self._opened or Future()
        if mine:
            self._open(opened)
        return opened.result()

    def _open(self, opened: Future[Database]) -> None:
        """What opening raises is raised by every question."""
        try:
            from analyzer.corpus.opening import open_database

            opened.set_result(open_database(self._where, make=self._make))
        except BaseException as error:  # noqa: BLE001 whoever asks gets it, and nobody waits for ever
            opened.set_exception(error)


def open_corpus(url: str = "", *, make: bool = False, later: bool = False) -> Corpus:
    """The corpus at a SQLAlchemy URL or path; "" is the user's own ($FUMEHOOD_CORPUS, else below the data folder).

    A database that is not there is made where `make` says so; the user's own always is. With `later`, it is opened when it is first
    asked (or by `prepare`), and CorpusError comes then.

    Raises:
        UsageError: It is no path and no URL of SQLite or PostgreSQL.
        CorpusError: The database cannot be opened, made or read, or belongs to a newer fumehood.
    """
    where = location(url)
    if where is None:
        raise UsageError(f"--corpus {NONE}: this command needs a corpus; leave the option out, or name one")
    corpus = Corpus(where, make=make or where.own)
    if not later:
        corpus.use()
    return corpus


def corpus_for_reports(url: str = "") -> Corpus | None:
    """The corpus that reports are held against, opened when it is needed; None where the user wants none. Raises UsageError."""
    return None if location(url) is None else open_corpus(url, later=True)
