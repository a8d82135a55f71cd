"""The data that ships: ranks, and the first corpus where there is one."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from analyzer.corpus import RANK_DATE, rank, shipped
from analyzer.corpus.ranks import COMMUNITY, bucket

RANKS = files("analyzer.corpus").joinpath("data", "ranks.txt").read_text(encoding="utf-8").splitlines()
PACKAGES = Path(__file__).parents[3] / "docs" / "first-corpus.txt"


def test_ranks() -> None:
    names = [line for line in RANKS if not line.startswith("#")]
    assert len(names) == len(set(names)) == 15_000
    assert all(name == canonicalize_name(name) for name in names)
    assert f"# Date: {RANK_DATE}" in RANKS
    assert (rank("boto3"), rank("Typing.Extensions"), rank("no-such-name-at-all")) == (1, 6, None)
    assert rank(names[-1]) == 15_000


def test_buckets() -> None:
    names = [line for line in RANKS if not line.startswith("#")]
    places = (1, 100, 101, 1_000, 1_001, 10_000, 10_001, 15_000)
    assert [bucket(names[place - 1]) for place in places] == [0, 0, 1, 1, 2, 2, COMMUNITY, COMMUNITY]
    assert bucket("no-such-name-at-all") == COMMUNITY


def test_the_list_of_packages_of_the_first_corpus() -> None:
    wanted = [Requirement(line) for line in PACKAGES.read_text().splitlines() if line and not line.startswith("#")]
    assert all(len(one.specifier) == 1 and str(one.specifier).startswith("==") for one in wanted)
    counts = [sum(bucket(one.name) == each for one in wanted) for each in range(COMMUNITY + 1)]
    assert sum(counts) >= 50
    assert all(count >= 5 for count in counts), counts


def test_the_first_corpus_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # what is shipped
    assert len({entry.name for entry in (shipped.entries() if shipped.name() else [])}) >= 40
