from __future__ import annotations

from analyzer.sandbox.yielding import HEAVY_SECONDS, SHARE, SHARES, WEIGHT, Yielding


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
