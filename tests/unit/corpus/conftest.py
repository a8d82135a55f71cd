"""Corpora of the tests' own: nothing ships with them unless a test says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzer.corpus import Corpus, open_corpus, shipped


@pytest.fixture(autouse=True)
def nothing_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "_data", lambda: b"")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(tmp_path / "corpus.sqlite")


@pytest.fixture
def corpus(url: str) -> Iterator[Corpus]:
    with open_corpus(url, make=True) as opened:
        yield opened
