"""Databases that are there, not there, of another version, of somebody else's, damaged, locked or read-only."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from analyzer.corpus import Corpus, corpus_for_reports, database, migrations, open_corpus, opening, ranks, shipped
from analyzer.errors import CorpusError, UsageError
from analyzer.model.prevalence import Seen
from tests.unit.corpus.entries import READS, entry, report


def refused(ask: Callable[[], object], telling: str) -> None:
    with pytest.raises(CorpusError) as caught:
        ask()
    assert telling in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_that_is_not_there_is_made_only_where_that_is_asked_for(url: str, tmp_path: Path) -> None:
    refused(lambda: open_corpus(url), f"there is no corpus {url}: `fumehood corpus add` or `import` makes one")
    assert not list(tmp_path.iterdir())
    deep = tmp_path / "a" / "b" / "c" / "corpus.sqlite"
    open_corpus(str(deep), make=True)
    assert open_corpus(str(deep)).use().packages == 0
    far = tmp_path / "1" / "2" / "3" / "4" / "corpus.sqlite"
    refused(lambda: open_corpus(str(far), make=True), "its folder is not there")
    refused(lambda: open_corpus("/dev/null/corpus", make=True), "cannot be made: ")
    (tmp_path / "empty").touch()
    refused(lambda: open_corpus(str(tmp_path / "empty")), "has no corpus in it")


def test_the_users_own_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FUMEHOOD_CORPUS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert open_corpus().use().packages == 0
    assert (tmp_path / "fumehood" / "corpus.sqlite").is_file()


def test_later_means_when_it_is_asked(url: str) -> None:
    corpus = open_corpus(url, later=True)
    for ask in (corpus.use, lambda: corpus.dependents("six")):
        refused(ask, "there is no corpus")  # each question, not only the first
    waiting = open_corpus(url, make=True, later=True)
    assert not Path(url).exists()
    waiting.prepare()
    waiting.prepare()
    assert waiting.use().packages == 0


def test_none_is_none(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert corpus_for_reports() is None  # as the tests have it
    assert corpus_for_reports("none") is None
    assert corpus_for_reports(url) is not None
    with pytest.raises(UsageError, match="--corpus none: this command needs a corpus"):
        open_corpus("none")


def test_what_nothing_foreseen_breaks_is_told_to_whoever_asks(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(where: object, *, make: bool) -> None:
        raise MemoryError

    monkeypatch.setattr(opening, "open_database", broken)
    corpus = open_corpus(url, later=True)
    corpus.prepare()
    with pytest.raises(MemoryError):
        corpus.use()


def test_one_of_a_newer_version(url: str, corpus: Corpus) -> None:
    for told in ("2", "a", "9" * 50):
        with sqlite3.connect(url) as connection:
            connection.execute("UPDATE fumehood_corpus SET value = ? WHERE name = 'schema'", [told])
        refused(lambda: open_corpus(url), f"has schema version {told[:20]}, and this fumehood reads 1: upgrade it")


def test_one_of_an_older_version_is_led_to_this_one(url: str, corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus.add(report("six", [READS]))

    def step(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE fumehood_report ADD COLUMN shape VARCHAR(10)"))

    monkeypatch.setattr(opening, "SCHEMA_VERSION", 2)
    monkeypatch.setattr(migrations, "SCHEMA_VERSION", 2)
    monkeypatch.setattr(
        opening, "migrate", lambda connection, version: migrations.migrate(connection, version, {1: step})
    )
    for _ in range(2):  # once
        assert open_corpus(url).prevalence([READS])[READS].community == Seen(seen=1, of=1)
    with sqlite3.connect(url) as connection:
        assert connection.execute("SELECT shape FROM fumehood_report").fetchall() == [(None,)]
        assert connection.execute("SELECT value FROM fumehood_corpus WHERE name = 'schema'").fetchall() == [("2",)]


def test_what_is_no_database_and_what_is_damaged(url: str, tmp_path: Path, corpus: Corpus) -> None:
    nonsense = tmp_path / "nonsense"
    nonsense.write_bytes(b"not a database at all" * 100)
    refused(lambda: open_corpus(str(nonsense), make=True), "it is no database of SQLite's; name another file")
    refused(lambda: open_corpus(str(tmp_path)), "there is no such file or it may not be opened")
    data = bytearray(Path(url).read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    Path(url).write_bytes(data)
    refused(lambda: open_corpus(url), "it is damaged; restore it")


def test_one_that_somebody_else_writes(url: str, corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_PATIENCE_SECONDS", 0.1)
    locked = open_corpus(url)
    with sqlite3.connect(url, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert locked.use().packages == 0, "reading need not wait"
        refused(lambda: locked.add(report("six")), f"the corpus {url} cannot be written: another program works on it")
        other.execute("ROLLBACK")
        other.execute("BEGIN EXCLUSIVE")
        refused(locked.use, f"the corpus {url} cannot be read: another program works on it; try again when")
    assert locked.add(report("six"))


def test_one_that_may_only_be_read(url: str, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus.add(report("six", [READS]))
    monkeypatch.setattr(opening, "RANK_DATE", "2999-01-01")  # which cannot be noted there
    Path(url).chmod(0o444)
    for folder in takewhile(lambda one: one != Path(tempfile.gettempdir()), [tmp_path, *tmp_path.parents]):
        folder.chmod(0o755)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)  # root may write everything
    try:
        readable = open_corpus(url)
        assert readable.prevalence([READS])[READS].community == Seen(seen=1, of=1)
        refused(lambda: readable.add(report("boto3")), f"the corpus {url} cannot be written: it may only be read")
    finally:
        if user == 0:
            os.seteuid(user)


def test_one_that_went_away(url: str, corpus: Corpus) -> None:
    Path(url).unlink()
    refused(corpus.use, f"the corpus {url} cannot be read: no such table: fumehood_report; look after")


def test_newer_ranks_are_told_anew_and_older_ones_are_not(
    url: str, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus.add(report("six", [READS]))
    corpus.add(report("nobody-knows-it", [READS]))
    monkeypatch.setattr(ranks, "_ranks", lambda: {"nobody-knows-it": 1})
    same = open_corpus(url).prevalence([READS])[READS]
    assert same.top_100 == Seen(seen=1, of=1)
    monkeypatch.setattr(opening, "RANK_DATE", "2999-01-01")
    other = open_corpus(url)
    assert other.packages() == {0: 1, 3: 1}
    assert other.prevalence([READS])[READS].top_100 == Seen(seen=1, of=1)
    monkeypatch.setattr(ranks, "_ranks", lambda: {"nobody-knows-it": 500, "six": 600})
    monkeypatch.setattr(opening, "RANK_DATE", "2999-01-02")
    told = open_corpus(url).prevalence([READS])[READS]
    assert (told.top_100, told.top_1k) == (Seen(seen=0, of=0), Seen(seen=2, of=2))
    monkeypatch.setattr(opening, "RANK_DATE", "2000-01-01")
    monkeypatch.setattr(ranks, "_ranks", dict)
    assert open_corpus(url).packages() == {1: 2}


def test_each_shipped_corpus_is_taken_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def shipping(*names: str) -> None:
        lines = [
            f'{{"format":"fumehood-corpus","version":1,"reports":{len(names)}}}',
            *(entry(name).line for name in names),
        ]
        monkeypatch.setattr(shipped, "_FILE", "first.jsonl")
        monkeypatch.setattr(shipped, "_data", lambda: "\n".join(lines).encode() + b"\n")

    shipping("six", "boto3")
    assert open_corpus(url, make=True).use().packages == 2
    with sqlite3.connect(url) as connection:
        for table in ("kind", "requires", "sighting", "count", "report"):
            connection.execute(f"DELETE FROM fumehood_{table}")
    assert open_corpus(url).use().packages == 0, "what was taken out stays out"
    shipping("six", "boto3", "attrs")
    assert open_corpus(url).use().packages == 3


def test_servers_that_cannot_even_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    named = "the corpus postgresql://me:***@db.example:port/x cannot be opened: it is no URL"
    refused(lambda: open_corpus("postgresql://me:secret@db.example:port/x"), named)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    refused(lambda: open_corpus("postgresql://db.example/x"), "is not installed; install fumehood[postgresql]")


def test_the_command_line_does_not_load_what_takes_long() -> None:
    program = "import sys, analyzer.cli.app, analyzer.corpus; sys.exit('sqlalchemy' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[3], check=True)
