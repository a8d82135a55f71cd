"""The inputs that fuzzing keeps are tried by every run of the tests, and some new ones made of them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.hunt import hunt
from tests.fuzz.inputs import inputs
from tests.fuzz.run import HEAD, Row
from tests.fuzz.target import CORPUS, LARGEST, SECONDS, Slow, Target, attempt, targets

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 1024 * 1024
"""Bytes of all corpora."""


@pytest.mark.parametrize("name", targets())
def test_what_was_kept_is_borne(name: str) -> None:
    one = targets()[name]
    assert one.seeds()
    for seed in one.seeds():
        attempt(one, seed)


@pytest.mark.parametrize("name", targets())
def test_what_is_made_of_it_is_borne(name: str) -> None:
    one = targets()[name]

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(inputs(one))
    def borne(data: bytes) -> None:
        attempt(one, data)

    borne()


def test_corpora_are_small_and_each_is_a_targets() -> None:
    files = [path for path in CORPUS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < MOST
    assert all(path.stat().st_size <= LARGEST for path in files)
    assert {path.parent.name for path in files} == set(targets())


def nothing(data: bytes) -> None:
    del data


def crashing(data: bytes) -> None:
    if b"\xff" in data:
        raise KeyError(data)


def endless(data: bytes) -> None:
    del data
    while True:
        pass


def greedy(data: bytes) -> None:
    del data
    raise MemoryError


@pytest.mark.parametrize(("run", "crashes"), [(nothing, False), (crashing, True), (greedy, True)])
def test_a_crash_is_found_and_its_smallest_input_kept(
    tmp_path: Path, run: Callable[[bytes], object], crashes: bool
) -> None:
    found = hunt(Target("x", run, (), guided=False), 2.0, tmp_path / "crashes")
    assert found["executions"] > 0
    assert bool(found["crashes"]) is crashes
    kept = [path.read_bytes() for path in (tmp_path / "crashes").glob("*") if not path.suffix] if crashes else []
    assert bool(kept) is crashes
    if run is crashing:
        assert any(one.startswith(b"\xff") for one in kept)


def test_what_takes_too_long_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.target.SECONDS", 0.2)
    begin = time.process_time()
    with pytest.raises(Slow):
        attempt(Target("x", endless, (), guided=False), b"")
    assert time.process_time() - begin < SECONDS


def test_a_row_stands_below_the_heads_words() -> None:
    row = str(Row("strace-lines", "atheris", 1_234_567, 600, 0))
    assert len(row) == len(HEAD)
    assert row.split() == ["strace-lines", "atheris", "1,234,567", "600", "0"]
