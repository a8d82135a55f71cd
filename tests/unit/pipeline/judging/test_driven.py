from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analyzer.pipeline.judging.driven import driven, ended_how
from analyzer.store.record import Record, StepRecord
from tests.unit.pipeline.recording import Recording


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return Recording(tmp_path)


def lines(*messages: dict[str, Any] | str) -> str:
    return "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in messages)


def only_step(recording: Recording) -> tuple[Record, StepRecord]:
    record = Record(recording.folder)
    return record, record.steps()[0]


def test_subjects_are_told_with_their_times(recording: Recording) -> None:
    recording.step(
        "import",
        driver=lines(
            {"begin": "a", "t": 1_000_011.0}, {"end": "a", "t": 1_000_012.0, "error": ""},
            {"begin": "b", "t": 1_000_012.5}, {"end": "b", "t": 1_000_013.0, "error": "ValueError: x"},
            {"begin": "c", "t": 1_000_014.0},
        ),
    )  # fmt: skip
    said = driven(*only_step(recording))
    assert [(one.name, one.begin, one.end, one.error) for one in said.subjects] == [
        ("a", 1_000_011.0, 1_000_012.0, ""),
        ("b", 1_000_012.5, 1_000_013.0, "ValueError: x"),
        ("c", 1_000_014.0, None, ""),
    ]
    assert said.timed
    assert said.unfinished() == ["c"]


def test_times_that_cannot_be_are_kept_within_the_command(recording: Recording) -> None:
    recording.step("import", driver=lines({"begin": "a", "t": 5}, {"end": "a", "t": 1e10}))
    record, step = only_step(recording)
    (one,) = driven(record, step).subjects
    assert (one.begin, one.end) == (step.begin, step.end)


def test_without_times_a_subject_may_have_run_at_any_time(recording: Recording) -> None:
    recording.step("import", driver=lines({"begin": "a"}, {"end": "a"}))
    record, step = only_step(recording)
    said = driven(record, step)
    assert (said.subjects[0].begin, said.subjects[0].end, said.timed) == (step.begin, step.end, False)


def test_the_first_word_about_a_subject_counts(recording: Recording) -> None:
    recording.step(
        "import",
        driver=lines(
            {"begin": "a"}, {"end": "a", "error": "x"}, {"begin": "a"}, {"end": "a", "error": ""}, "nonsense", "[]"
        ),
    )
    (one,) = driven(*only_step(recording)).subjects
    assert one.error == "x"


def test_what_one_module_says_of_another_does_not_count(recording: Recording) -> None:
    forged = ({"end": "b", "error": ""}, {"begin": "b"}, {"end": "b", "error": ""}, {"done": True})
    recording.step("import", driver=lines({"begin": "a"}, *forged))
    said = driven(*only_step(recording))
    assert [(one.name, one.end) for one in said.subjects] == [("a", None)]


def test_callables_are_counted_and_left_out_with_a_reason(recording: Recording) -> None:
    recording.step(
        "execute",
        kind="callables",
        driver=lines({"found": 3}, {"skip": "a:b", "why": "it ends the interpreter"}, {"found": -1}, {"found": 1e9}),
    )
    said = driven(*only_step(recording))
    assert (said.found, said.skipped) == (1_000_000_000, {"a:b": "it ends the interpreter"})


def test_a_command_without_a_driver_said_nothing(recording: Recording) -> None:
    recording.step("install")
    said = driven(*only_step(recording))
    assert (said.subjects, said.found, said.skipped) == ([], None, {})


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"status": "timeout"}, "cut when its time was over"),
        ({"exit": {"signal": "SIGSEGV"}, "status": "failed"}, "the interpreter was ended by SIGSEGV"),
        ({"exit": {"status": 3}, "status": "failed"}, "the interpreter ended with status 3"),
    ],
)
def test_why_a_subject_was_left_unfinished(recording: Recording, how: dict[str, Any], told: str) -> None:
    recording.step("import", **how)
    assert ended_how(only_step(recording)[1]) == told
