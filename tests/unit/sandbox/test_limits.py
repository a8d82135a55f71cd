from __future__ import annotations

import pytest

from analyzer.sandbox.interface import MIB, Limits


def test_without_a_timeout_the_limits_are_the_same() -> None:
    assert Limits().with_timeout(None) == Limits()


@pytest.mark.parametrize("seconds", [1.0, 3.0, 30.0, 1000.0])
def test_a_timeout_leaves_time_for_other_modules_when_one_hangs(seconds: float) -> None:
    limits = Limits().with_timeout(seconds)
    assert set(limits.phase_seconds.values()) == {seconds}
    assert limits.subject_seconds <= seconds / 3
    assert limits.subject_seconds <= Limits().subject_seconds


def test_the_kernels_limits_leave_room_for_files_and_for_our_own_programs() -> None:
    limits = Limits(memory_bytes=100 * MIB, disk_bytes=50 * MIB, processes=10)
    assert limits.hard_memory_bytes > 150 * MIB
    assert limits.hard_processes > 10


def test_a_whole_run_is_bounded() -> None:
    assert Limits().total_seconds > sum(Limits().phase_seconds.values())
