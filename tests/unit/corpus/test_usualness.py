"""From numbers to words."""

from __future__ import annotations

import pytest

from analyzer.corpus.usualness import is_anomalous, label, prevalence
from analyzer.model.prevalence import Seen


@pytest.mark.parametrize(
    ("seen", "of", "word"),
    [
        (0, 0, "no data"),
        (19, 19, "no data"),
        (20, 20, "common"),
        (2, 20, "common"),
        (1, 20, "uncommon"),
        (0, 20, "rare"),
        (10, 100, "common"),
        (9, 100, "uncommon"),
        (2, 100, "uncommon"),
        (1, 100, "rare"),
    ],
)
def test_labels(seen: int, of: int, word: str) -> None:
    assert label(Seen(seen=seen, of=of)) == word


def test_the_label_is_of_the_whole_community() -> None:
    told = prevalence({0: 1, 3: 1}, {0: 1, 1: 2, 3: 97})
    assert told.label == "uncommon"
    assert (told.top_100, told.top_1k) == (Seen(seen=1, of=1), Seen(seen=1, of=3))
    assert (told.top_10k, told.community) == (Seen(seen=1, of=3), Seen(seen=2, of=100))


@pytest.mark.parametrize(("seen", "of", "strange"), [(0, 10, True), (1, 20, False), (1, 21, True), (5, 100, False)])
def test_what_is_strange(seen: int, of: int, strange: bool) -> None:
    assert is_anomalous(seen, of) is strange
