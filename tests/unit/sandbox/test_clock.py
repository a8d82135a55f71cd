"""The later dates at which a package is run once more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.sandbox.clock import moments

DATES = st.datetimes(datetime(2024, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 hypothesis wants them so


@settings(deadline=None)
@given(DATES)
def test_they_are_later_in_order_and_bounded(now: datetime) -> None:
    found = moments(now)
    assert found == sorted(found)
    assert found[0] > 0
    assert found[-1] < 3 * 366 * 86_400


@settings(deadline=None)
@given(DATES)
def test_each_kind_of_gate_is_open_at_one_of_them(now: datetime) -> None:
    dates = [now + timedelta(seconds=ahead) for ahead in moments(now)]
    assert any((date.weekday() >= 5) != (now.weekday() >= 5) for date in dates)
    assert {(date.hour - now.hour) % 24 for date in dates} >= {6, 12, 18}
    assert any((date.year, date.month) != (now.year, now.month) for date in dates)
    assert any(date.year > now.year for date in dates)
    assert len({date.weekday() for date in [now, *dates]}) >= 3
