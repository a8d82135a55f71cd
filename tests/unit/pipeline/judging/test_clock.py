"""What the report says of a clock that ran ahead, and of delays where none did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analyzer.model.report import LaterRun
from tests.unit.pipeline.recording import Recording

OPENING = 'openat(AT_FDCWD, "/home/alex/.ssh/id_rsa", O_RDONLY) = 3'
SLEEPING = "nanosleep({tv_sec=600, tv_nsec=0}, 0x7f) = ? ERESTART_RESTARTBLOCK (Interrupted by signal) <2.0>"
DATE = 1_811_500_000.0
"""2027-05-28 10:26 UTC."""


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    made = Recording(tmp_path)
    made.installed()
    made.step("install", argv=["/opt/uv/uv"])
    return made


def clock(ahead: float = 0.0, skipped: float = 0.0, skips: int = 0) -> dict[str, Any]:
    return {"date": DATE, "ahead": ahead, "skipped": skipped, "skips": skips}


def test_of_a_real_clock_nothing_is_said(recording: Recording) -> None:
    recording.step("import", OPENING)
    recording.end([])
    report = recording.report()
    assert report.sandbox.clock is None
    assert not any("clock ran ahead" in limit.text for limit in report.sandbox.limits)
    assert not any(one.later_only for one in report.behaviors)


def test_what_was_skipped_and_each_later_date_are_told(recording: Recording) -> None:
    recording.step("import", clock=clock(skipped=600.25, skips=2))
    recording.step("import", clock=clock(ahead=86_400.0, skipped=60.0, skips=1))
    recording.step("execute", clock=clock(ahead=86_400.0))
    recording.step("import", clock=clock(ahead=864_000.0))
    recording.end([])
    report = recording.report()
    found = report.sandbox.clock
    assert found is not None
    assert (found.skipped_seconds, found.skips) == (660.25, 3)
    date = "2027-05-28T10:26:40Z"
    assert found.later == [
        LaterRun(date=date, days_ahead=1.0, duration_seconds=15.0),
        LaterRun(date=date, days_ahead=10.0, duration_seconds=5.0),
    ]
    assert any(limit.text.startswith("the clock ran ahead: ") for limit in report.sandbox.limits)


def test_what_was_seen_at_a_later_date_only_says_so(recording: Recording) -> None:
    recording.step("import", clock=clock())
    recording.step("import", OPENING, clock=clock(ahead=86_400.0))
    recording.end([])
    (found,) = [one for one in recording.report().behaviors if one.id == "steal.ssh-key.read"]
    assert found.later_only
    assert [one.during for one in found.evidence] == ["import, with the clock at 2027-05-28 10:26 UTC"]


def test_what_was_seen_before_is_not_only_of_a_later_date(recording: Recording) -> None:
    recording.step("import", OPENING, clock=clock())
    recording.step("import", OPENING, clock=clock(ahead=86_400.0))
    recording.end([])
    (found,) = [one for one in recording.report().behaviors if one.id == "steal.ssh-key.read"]
    assert not found.later_only


def test_a_repetition_says_its_date_in_the_reason_and_is_not_the_phases_result(recording: Recording) -> None:
    recording.step("execute", clock=clock(), subject="tool")
    recording.step(
        "execute", clock=clock(ahead=86_400.0), subject="tool", status="timeout", reasons=["tool was cut after 3 s"]
    )
    recording.end([])
    report = recording.report()
    assert report.completeness.reasons == ["execute, with the clock at 2027-05-28 10:26 UTC: tool was cut after 3 s"]
    (phase,) = [one for one in report.phases if one.name == "execute"]
    assert phase.status == "ok"
    assert report.coverage.scripts.cut == []


def cut(recording: Recording, **more: Any) -> list[str]:
    recording.step("execute", SLEEPING + "\n+++ killed by SIGKILL +++", subject="tool", status="timeout", **more)
    recording.end([])
    return recording.report().completeness.reasons


def test_a_delay_that_the_time_limit_cut_is_a_reason_that_names_the_option(recording: Recording) -> None:
    reasons = cut(recording, reasons=["tool was cut after 3 s"])
    assert "execute: script tool was in a delay of 600 s when it was cut; --fast-clock shortens delays" in reasons


@pytest.mark.parametrize("more", [{"reasons": []}, {"reasons": ["tool was cut after 3 s"], "clock": clock()}])
def test_a_call_that_waits_and_a_shortened_delay_are_none(recording: Recording, more: dict[str, Any]) -> None:
    assert not any("--fast-clock" in reason for reason in cut(recording, **more))
