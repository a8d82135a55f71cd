from __future__ import annotations

import pytest

from analyzer.model.prevalence import Anomaly, CorpusUse, Seen
from analyzer.render.html.page import _STYLES, _joined
from analyzer.render.prevalence import (
    STEPS,
    anomaly_text,
    bar_length,
    corpus_text,
    prevalence_groups,
    prevalence_label,
    prevalence_word,
    seen_text,
)
from tests.unit.render.vetted import prevalence


def test_a_word_stands_only_where_there_is_data() -> None:
    assert prevalence_word(None) == ""
    assert prevalence_word(prevalence("no data", 0, 0, 0, 3)) == ""
    assert prevalence_word(prevalence("rare", 0, 0, 0, 1)) == "rare (1 of 52)"
    assert prevalence_word(prevalence("common", 1, 1, 1, 1200, of=(9, 9, 9, 4000))) == "common (1,200 of 4,000)"


def test_a_label_says_why_there_is_no_data() -> None:
    assert prevalence_label(prevalence("uncommon", 0, 0, 0, 2)) == "Prevalence: uncommon"
    alone = prevalence("no data", 0, 0, 0, 0, of=(0, 0, 0, 1))
    assert prevalence_label(alone) == "Prevalence: no data, 1 package analysed"
    assert prevalence_label(prevalence("no data", 0, 0, 0, 0, of=(0, 0, 0, 0))) == "Prevalence: no data"


def test_groups_come_from_the_most_downloaded_on() -> None:
    told = [(name, seen_text(seen)) for name, seen in prevalence_groups(prevalence("common", 1, 2, 3, 40))]
    assert told == [("Top 100", "1 of 16"), ("Top 1k", "2 of 31"), ("Top 10k", "3 of 44"), ("Community", "40 of 52")]


@pytest.mark.parametrize(
    ("seen", "of", "length"),
    [
        (0, 52, 0), (1, 1_000_000, 1), (26, 52, 10), (999_999, 1_000_000, STEPS - 1), (52, 52, STEPS), (0, 0, 0), (3, 0, 0), (-1, 5, 0),
        (9, 3, STEPS), (10**30, 10**31, 2),
    ],
)  # fmt: skip
def test_only_nothing_is_empty_and_only_all_is_full(seen: int, of: int, length: int) -> None:
    assert bar_length(Seen(seen=seen, of=of)) == length


def test_the_style_sheet_has_every_length() -> None:
    style = _joined(_STYLES)
    assert all(f".b{length} {{ --part: {length * 100 // STEPS}%; }}" in style for length in range(STEPS + 1))


def test_anomalies_name_the_kind() -> None:
    one = Anomaly(behavior="file.rename", kind="Framework :: Django", seen=0, of=14)
    assert anomaly_text(one) == "seldom seen in packages of kind Framework :: Django: 0 of 14"
    assert anomaly_text(one.model_copy(update={"kind": "any"})) == "seldom seen in any package: 0 of 14"
    assert "\x1b" not in anomaly_text(one.model_copy(update={"kind": "\x1b[2J"}))


@pytest.mark.parametrize(
    ("use", "text"),
    [
        ({"first": "2025-09-02", "last": "2025-10-01"}, ", analysed from 2025-09-02 to 2025-10-01"),
        ({"first": "2025-10-01", "last": "2025-10-01"}, ", analysed on 2025-10-01"),
        ({"last": "2025-10-01T08:00:00Z"}, ", analysed on 2025-10-01"),
        ({}, ""),
    ],
)
def test_the_corpus_is_told_with_its_dates(use: dict[str, str], text: str) -> None:
    assert corpus_text(CorpusUse.model_validate({"packages": 52} | use)) == f"prevalence is told from 52 packages{text}"


def test_a_missing_corpus_is_told_with_the_reason() -> None:
    missing = CorpusUse(packages=0, missing="the database\n is locked")
    assert corpus_text(CorpusUse(packages=0)) == "prevalence is not known: no package is in the corpus"
    assert corpus_text(missing) == r"prevalence is not known: the database\n is locked"
