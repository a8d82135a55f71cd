"""What is said of the execute phase: short, and true of what was run, called and missed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analyzer.model.report import PhaseResult
from tests.unit.pipeline.recording import Recording

CALLS = (
    {"found": 5}, {"begin": "sample"}, {"end": "sample", "error": ""},
    {"begin": "sample:a"}, {"end": "sample:a", "error": ""}, {"begin": "sample:b"}, {"end": "sample:b", "error": "ValueError: "},
    {"skip": "sample:C.m", "why": "no instance"}, {"begin": "sample:hangs"},
)  # fmt: skip
"""Three of five begun, one of them raising, one never ending; one left out, and one never reached."""


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    made = Recording(tmp_path)
    made.installed()
    made.step("install", argv=["/opt/uv/uv"])
    return made


def call(recording: Recording, *reasons: str, status: str = "timeout") -> None:
    driver = "".join(json.dumps(line) + "\n" for line in CALLS)
    recording.step("execute", kind="callables", driver=driver, status=status, reasons=list(reasons))


def executed(recording: Recording) -> PhaseResult:
    return recording.report().phases[-1]


def test_each_kind_of_run_is_told(recording: Recording) -> None:
    recording.step("execute", subject="sample", kind="script", status="failed")
    recording.step("execute", subject="python -m sample", kind="module")
    recording.step("execute", subject="mine.py", kind="driver", status="failed")
    call(recording)
    assert executed(recording).detail == (
        "2 runs of entry points, 1 ended with an error; 1 run of the user's driver, 1 ended with an error; "
        "3 of 5 callables called, 1 raised, 1 did not end, 2 could not be reached"
    )


def test_a_call_that_hangs_cuts_no_phase(recording: Recording) -> None:
    call(recording)
    assert executed(recording).status == "ok"
    assert recording.report().completeness.status == "complete"


def test_when_the_phases_time_is_over_it_is_cut_and_says_how_far_it_got(recording: Recording) -> None:
    call(recording, "calls of sample was cut after 3 s")
    recording.end(["1 of 5 callables were not called: the phase's time was over"])
    result = executed(recording)
    assert result.status == "timeout"
    assert result.detail.startswith("calls of sample was cut after 3 s; 3 of 5 callables called")
    assert recording.report().completeness.status == "incomplete"


def test_an_entry_point_that_hangs_cuts_the_phase(recording: Recording) -> None:
    recording.step("execute", kind="script", status="timeout", reasons=["sample was cut after 20 s"])
    assert executed(recording).status == "timeout"


def test_without_anything_to_run_it_is_left_out(recording: Recording) -> None:
    result = executed(recording)
    assert (result.status, result.detail) == ("skipped", "the package has no entry points")
