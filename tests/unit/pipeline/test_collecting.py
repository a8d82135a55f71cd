from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from analyzer.pipeline.collecting import seldom_collecting


@pytest.fixture(autouse=True)
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(("before", "inside"), [(700, 50_000), (90_000, 90_000), (0, 0)])
def test_a_search_is_seldom_and_afterwards_as_it_was(before: int, inside: int) -> None:
    gc.set_threshold(before, 10, 11)
    with pytest.raises(KeyError), seldom_collecting():
        assert gc.get_threshold() == (inside, 10, 11)
        raise KeyError
    assert gc.get_threshold() == (before, 10, 11)
