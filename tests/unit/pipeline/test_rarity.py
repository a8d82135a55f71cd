"""When a component is called rarely used, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analyzer.pipeline.rarity import FEW_RELEASES, MOST_DOWNLOADED, TELLING_CORPUS, YOUNG_DAYS, Usage, rare

OLD = Usage(rank=None, rank_date="2026-04-01", releases=FEW_RELEASES, age=YOUNG_DAYS, dependents=None, corpus=0)
"""Nothing but that it is not in the list speaks against it."""

UNLISTED = "it is not in the list of the most downloaded projects of 2026-04-01"


def test_one_reason_is_not_enough() -> None:
    assert rare(OLD) == []
    assert rare(replace(OLD, releases=None, age=None)) == []


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ({"releases": 1}, ["it has 1 release"]),
        ({"releases": FEW_RELEASES - 1}, [f"it has {FEW_RELEASES - 1} releases"]),
        ({"age": 1}, ["its first release was 1 day old when it was run"]),
        ({"age": 12}, ["its first release was 12 days old when it was run"]),
        ({"releases": 2, "age": 0}, ["it has 2 releases", "its first release was 0 days old when it was run"]),
        ({"dependents": 0, "corpus": TELLING_CORPUS}, [f"none of the {TELLING_CORPUS} packages of the corpus declares to need it"]),
        ({"dependents": 0, "corpus": 40, "age": 3}, ["its first release was 3 days old when it was run", "none of the 40 packages of the corpus declares to need it"]),
    ],
)  # fmt: skip
def test_each_reason_is_a_sentence_with_its_number(change: dict[str, int], reasons: list[str]) -> None:
    assert rare(replace(OLD, **change)) == [UNLISTED, *reasons]


@pytest.mark.parametrize(
    "change",
    [
        {"dependents": 0, "corpus": TELLING_CORPUS - 1},
        {"dependents": 1, "corpus": TELLING_CORPUS},
        {"dependents": 0, "corpus": 0},
        {"dependents": None, "corpus": TELLING_CORPUS},
    ],
)
def test_a_small_corpus_is_no_reason_by_itself(change: dict[str, int]) -> None:
    assert rare(replace(OLD, **change)) == []


def test_what_is_downloaded_most_is_never_rare() -> None:
    worst = replace(OLD, releases=1, age=0, dependents=0, corpus=TELLING_CORPUS)
    assert rare(replace(worst, rank=MOST_DOWNLOADED)) == []
    assert rare(replace(worst, rank=MOST_DOWNLOADED + 1))[0] == (
        "it is number 10,001 of the most downloaded projects of 2026-04-01, beyond the first 10,000"
    )
