from __future__ import annotations

import pytest

from analyzer.sandbox.yielding import HEAVY_SECONDS, PERIOD, SHARE, SHARES, WEIGHT, Yielding, heavy_quota, quota


def test_a_sandbox_gives_way_once_and_only_after_much_use() -> None:
    spent, given = [0.0, HEAVY_SECONDS, HEAVY_SECONDS + 0.1, HEAVY_SECONDS + 9], []
    left = iter(spent)
    one = Yielding(lambda: next(left), lambda: given.append(True))
    counts = []
    for _ in spent:
        one.look()
        counts.append(len(given))
    assert counts == [0, 0, 1, 1]


def test_both_kinds_of_control_groups_get_the_same_share() -> None:
    # What a group has by itself (cgroups(7)): 1024 of the old kind, 100 of the new one.
    assert 1024 // SHARES == SHARE
    assert 100 // WEIGHT == SHARE


@pytest.mark.parametrize(
    ("machine", "limit", "before", "after"),
    [(2, 2.0, 2.0, 1.0), (1, 2.0, 1.0, 1.0), (16, 2.0, 2.0, 2.0), (4, 0.5, 0.5, 0.5), (8, 64.0, 8.0, 4.0)],
)
def test_a_heavy_container_has_half_of_the_processors_at_most(
    machine: int, limit: float, before: float, after: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: machine)
    assert (quota(limit), heavy_quota(limit)) == (before * PERIOD, after * PERIOD)
