"""What is a rhythm, and what only happens often."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.trace.packets.rhythm import rhythm


def every(interval: float, times: int, jitter: float = 0.0) -> list[float]:
    chance = random.Random(7)
    found = [1000.0]
    for _ in range(times - 1):
        found.append(found[-1] + interval * (1 + chance.uniform(-jitter, jitter)))
    return found


@pytest.mark.parametrize("interval", [0.2, 5.0, 60.0])
def test_a_rhythm(interval: float) -> None:
    found = rhythm(every(interval, 4))
    assert found is not None
    assert (found.contacts, found.first) == (4, 1000.0)
    assert found.interval == pytest.approx(interval)
    assert found.jitter == pytest.approx(0.0, abs=1e-6)
    assert found.last == pytest.approx(1000 + 3 * interval)


def test_jitter_is_told() -> None:
    found = rhythm(every(10.0, 40, 0.3))
    assert found is not None
    assert 0.05 < found.jitter < 0.3


def test_several_contacts_at_once_are_one() -> None:
    found = rhythm(time + extra for time in every(1.0, 5) for extra in (0.0, 0.01, 0.04))
    assert found is not None
    assert (found.contacts, round(found.interval, 6)) == (5, 1.0)


def test_one_that_is_missed_makes_it_no_less_regular() -> None:
    times = every(1.0, 12)
    assert rhythm(times[:5] + times[6:]) is not None


@pytest.mark.parametrize(
    "times",
    [[], [1.0], every(1.0, 3), every(0.01, 50), every(0.08, 50), [0, 1, 2, 30], [0, 1, 10, 11, 12, 40, 90], [5.0] * 9],
)
def test_no_rhythm(times: list[float]) -> None:
    assert rhythm(times) is None


@given(st.lists(st.floats(0, 2e9), max_size=60))
def test_any_times(times: list[float]) -> None:
    found = rhythm(times)
    if found is not None:
        assert found.contacts >= 4
        assert found.first < found.last
        assert found.interval > 0
