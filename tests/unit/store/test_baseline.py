"""A baseline survives being written down; one from a stranger is bounded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from analyzer.errors import RecordError
from analyzer.store.baseline import MAX_EVENTS, Baseline
from analyzer.store.contents import MAX_DOCUMENT_BYTES, most_bytes
from analyzer.store.record import BASELINE, Record
from analyzer.trace.canonical.fingerprint import Fingerprint

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
FINGERPRINTS = st.builds(
    Fingerprint,
    phase=st.sampled_from(["install", "startup", "import", "execute"]),
    step=TEXTS,
    layer=st.sampled_from(["syscall", "packet", "filesystem", "interpreter"]),
    kind=TEXTS,
    outcome=st.sampled_from(["completed", "attempted"]),
    program=TEXTS,
    code=TEXTS,
    detail=st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS, max_size=3).map(tuple), max_size=4).map(
        lambda found: tuple(sorted(found.items()))
    ),
)
EVENT: dict[str, Any] = {
    "phase": "startup", "step": "start", "layer": "syscall", "kind": "file.open", "outcome": "completed", "program": "python",
    "detail": {"path": "/x"}, "count": 1,
}  # fmt: skip


@given(st.dictionaries(FINGERPRINTS, st.integers(1, 1000), max_size=5))
def test_it_comes_back_as_it_was(counts: dict[Fingerprint, int]) -> None:
    text = Baseline.of(counts, {"tracer": "strace"}).model_dump_json(exclude_defaults=True)
    assert Baseline.model_validate_json(text).counts() == counts


@pytest.mark.parametrize(
    "change",
    [
        {"count": 0},
        {"count": 10**9},
        {"phase": "elsewhere"},
        {"program": "x" * 10_000},
        {"detail": {"path": "x" * 10_000}},
        {"detail": {"path": ["x"] * 1000}},
        {"detail": {str(number): "" for number in range(100)}},
        {"detail": {"path": {}}},
        {"more": 1},
    ],
)
def test_what_no_run_shows_is_refused(change: dict[str, Any]) -> None:
    Baseline.model_validate({"events": [EVENT]})
    with pytest.raises(ValidationError):
        Baseline.model_validate({"events": [EVENT | change]})


def test_too_many_events_are_refused() -> None:
    with pytest.raises(ValidationError):
        Baseline.model_validate({"events": [EVENT] * (MAX_EVENTS + 1)})


def test_a_record_of_an_earlier_version_has_none(tmp_path: Path) -> None:
    assert Record(tmp_path).baseline() is None


def test_a_record_keeps_one(tmp_path: Path) -> None:
    assert most_bytes(BASELINE) == MAX_DOCUMENT_BYTES
    (tmp_path / BASELINE).write_text(json.dumps({"events": [EVENT]}))
    found = Record(tmp_path).baseline()
    assert found is not None
    assert [event.count for event in found.events] == [1]


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"format": 2}', json.dumps({"events": [EVENT | {"count": -1}]}), '"\\ud800"']
)
def test_one_that_no_fumehood_wrote_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / BASELINE).write_text(text)
    with pytest.raises(RecordError, match=BASELINE):
        Record(tmp_path).baseline()
