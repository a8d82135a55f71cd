"""The most processes at one time."""

from __future__ import annotations

import pytest

from analyzer.trace.calls.crowd import most_at_once
from analyzer.trace.calls.processes import Process


@pytest.mark.parametrize(
    ("lives", "expected"),
    [
        ([], 0),
        ([(1, 2)], 1),
        ([(1, 0), (1, 0), (1, 0)], 3),
        ([(1, 2), (2, 3), (3, 4)], 1),
        ([(1, 5), (2, 3), (4, 6), (5, 6)], 2),
    ],
)
def test_processes_count_from_their_start_to_their_end(lives: list[tuple[float, float]], expected: int) -> None:
    processes = [Process(pid, None, start, ours=False, ended=end) for pid, (start, end) in enumerate(lives)]
    assert most_at_once(processes) == expected
