"""How fast a large corpus answers, and how long a report takes to be added to it."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from analyzer.corpus import open_corpus
from analyzer.corpus.database import Database
from analyzer.corpus.entry import Entry, Sighting
from analyzer.corpus.location import Location, location
from analyzer.corpus.writing import add_all
from analyzer.issues import load as issues
from analyzer.rules.loader import ruleset
from tests.postgres import server

REPORTS = 10_000
ROUNDS = 30


def corpus() -> None:
    """Milliseconds for the prevalence of all ids of a report, for its anomalies, and for one more report."""
    entries = list(synthetic(REPORTS))
    print(f"a corpus of {REPORTS:,} reports of as many packages:")
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", str(Path(folder) / "corpus.sqlite"), entries)
    with server() as url:
        _measure("PostgreSQL", url, entries)


def _measure(name: str, url: str, entries: list[Entry]) -> None:
    with open_corpus(url, make=True) as opened:
        where = location(url)
        assert where is not None
        begin = time.perf_counter()
        _add(where, *entries)
        filled = time.perf_counter() - begin
        most = max(entries, key=lambda entry: len(entry.behaviors))
        ids = [one.id for one in (*most.behaviors, *most.issues)]
        print(f"  {name}: filled in {filled:.1f} s; a report with {len(ids)} behaviors and issues:")
        _print("prevalence", lambda: opened.prevalence(ids))
        _print("anomalies", lambda: opened.anomalies(ids, most.kinds, most.name))
        _print("dependents", lambda: opened.dependents(most.name))
        more = iter(list(synthetic(ROUNDS + 1, seed=2)))
        _print("one more", lambda: _add(where, next(more)))


def _add(where: Location, *entries: Entry) -> None:
    with Database(where).writing() as connection:
        add_all(connection, entries)


def _print(what: str, ask: Callable[[], object]) -> None:
    ask()
    spent = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        ask()
        spent.append((time.perf_counter() - begin) * 1000)
    print(f"    {what:<12} median {statistics.median(spent):6.1f} ms, most {max(spent):6.1f} ms")


def synthetic(count: int, seed: int = 1) -> Iterator[Entry]:
    """Reports of made-up runs of the packages with the first ranks: every id is known, few are common."""
    chance = random.Random(seed)
    names = [
        line
        for line in files("analyzer.corpus").joinpath("data", "ranks.txt").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    behaviors = sorted(one.id for one in ruleset().taxonomy)
    known_issues = sorted(one.id for one in issues())
    kinds = [f"Topic :: {number}" for number in range(200)]
    # A few behaviors are in almost every package, and most in hardly any.
    shares = [min(0.9, 0.9 / (1 + place / 4)) for place in range(len(behaviors))]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(count):
        when = start + timedelta(minutes=number, days=30 * (seed - 1))
        yield Entry(
            name=names[number],
            version="1.0",
            analysed=when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            fumehood="0.1.0",
            backend="embedded",
            tracer="kernel",
            python="3.11.2",
            digests=[f"{chance.getrandbits(256):064x}"],
            behaviors=[
                Sighting(id=one, phases=["import"])
                for one, share in zip(behaviors, shares, strict=True)
                if chance.random() < share
            ],
            issues=[Sighting(id=one, phases=["import"]) for one in known_issues if chance.random() < 0.05],
            kinds=chance.sample(kinds, 5),
            requires=chance.sample(names[:1000], chance.randrange(10)),
        )
