"""A corpus in a PostgreSQL of the tests' own: the same as in SQLite, and what only a server can do wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from analyzer.corpus import database, open_corpus, shipped
from analyzer.corpus.database import Database
from analyzer.corpus.location import location
from analyzer.errors import CorpusError
from tests.packages import make_wheel
from tests.postgres import empty, server
from tests.unit.corpus.contract import CHECKS
from tests.unit.corpus.entries import READS, report


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    with server() as url:
        yield url


@pytest.fixture
def url(cluster: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(shipped, "_data", lambda: b"")
    return empty(cluster)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_in_postgresql(check: Callable[[str], None], url: str) -> None:
    check(url)


def test_one_that_is_written_by_somebody_else(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_PATIENCE_SECONDS", 1)
    corpus = open_corpus(url, make=True)
    where = location(url)
    assert where is not None
    with Database(where).writing() as connection:
        connection.execute(text("SELECT 1"))
        assert corpus.use().packages == 0, "reading need not wait"
        with pytest.raises(CorpusError, match="cannot be written: another program works on it; try again when"):
            corpus.add(report("six", [READS]))
    assert corpus.add(report("six", [READS]))


def test_whoever_may_only_read_reads(url: str) -> None:
    open_corpus(url, make=True).add(report("six", [READS]))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS reader")
        connection.execute("CREATE ROLE reader LOGIN")
        connection.execute("GRANT USAGE ON SCHEMA public TO reader")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    corpus = open_corpus(url.replace("//fumehood@", "//reader:secret@"))
    assert corpus.prevalence([READS])[READS].community.seen == 1
    with pytest.raises(CorpusError, match=r"cannot be written: .*permission denied for") as caught:
        corpus.add(report("boto3"))
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP OWNED BY reader")
        connection.execute("DROP ROLE reader")


def test_a_server_that_is_not_there(url: str) -> None:
    gone = url.replace("/fumehood?host=", "/fumehood?host=/nowhere")
    with pytest.raises(CorpusError, match=r"the corpus postgresql://fumehood@/fumehood cannot be read: ") as caught:
        open_corpus(gone)
    assert "\n" not in str(caught.value)
    with pytest.raises(CorpusError, match="has no corpus in it: `fumehood corpus add` or `import` makes one"):
        open_corpus(url)


@pytest.mark.embedded
def test_from_a_run_to_the_prevalence_of_the_next(tmp_path: Path, cache_directory: Path) -> None:
    wheel = make_wheel(tmp_path, "own", modules={"own.py": "eval('1')\n"})
    environment = {
        **os.environ,
        "FUMEHOOD_CACHE": str(cache_directory),
        "FUMEHOOD_CORPUS": str(tmp_path / "corpus.sqlite"),
        "COLUMNS": "200",
    }

    def fumehood(*words: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "analyzer", *map(str, words)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    missing = tmp_path / "missing-1.0-py3-none-any.whl"
    records = tmp_path / "records"
    done = fumehood("corpus", "run", missing, wheel, "--sandbox", "embedded", "-q", "--records", records)
    assert done.returncode == 4, done.stderr
    assert done.stdout.startswith("failed ")
    assert "\nadded " in done.stdout
    before = json.loads(fumehood("analyze", records / "own-1.0.record", "-q", "-o", "json=-").stdout)
    seen = {one["id"]: one["prevalence"]["community"] for one in before["behaviors"]}["execution.code.evaluate"]
    assert seen["seen"] >= 1
    assert seen["of"] == before["corpus"]["packages"]
    # The record's report is the run's.
    assert fumehood("corpus", "add", records / "own-1.0.record").stdout.startswith("there ")
