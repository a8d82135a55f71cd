"""What a record keeps of the index's and others' words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import RecordError
from analyzer.store.contents import most_bytes
from analyzer.store.project import ProjectFacts, RecordedVulnerability
from analyzer.store.record import PROJECT, Record

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
WEAK = st.builds(
    RecordedVulnerability,
    id=TEXTS,
    aliases=st.lists(TEXTS, max_size=3).map(tuple),
    summary=TEXTS,
    fixed_in=st.lists(TEXTS, max_size=3).map(tuple),
    link=TEXTS,
)
FACTS = st.builds(
    ProjectFacts,
    format=st.just(1),
    listed=st.booleans(),
    releases=st.none() | st.integers(0, 1000),
    first_upload=st.none() | st.just("2026-01-02T03:04:05Z"),
    upload=st.none() | st.just("2026-01-02T03:04:05Z"),
    yanked=st.none() | st.booleans(),
    vulnerabilities=st.none() | st.lists(WEAK, max_size=3).map(tuple),
    osv=st.none() | st.lists(WEAK, max_size=3).map(tuple),
    osv_note=TEXTS,
    notes=st.lists(TEXTS, max_size=3).map(tuple),
)


@given(FACTS)
def test_it_comes_back_as_it_was(facts: ProjectFacts) -> None:
    text = json.dumps(facts.model_dump(mode="json", exclude_defaults=True))
    assert ProjectFacts.model_validate_json(text) == facts


def test_a_record_of_an_earlier_version_has_none(tmp_path: Path) -> None:
    assert Record(tmp_path).project() is None


def test_a_record_keeps_it(tmp_path: Path) -> None:
    assert most_bytes(PROJECT) > 0
    (tmp_path / PROJECT).write_text(json.dumps({"format": 1, "releases": 3}))
    assert Record(tmp_path).project() == ProjectFacts(releases=3)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"more": 1},
        {"releases": -1},
        {"releases": 10**9},
        {"first_upload": "yesterday"},
        {"upload": "2026-01-01T00:00:00Z\n"},
        {"vulnerabilities": [{"id": "x"}] * 2000},
        {"osv": [{"id": "x" * 10_000}]},
        {"osv": [{"id": "x", "aliases": ["y"] * 1000}]},
        {"osv": [{"id": "x", "source": "osv"}]},
        {"osv_note": "x" * 10_000},
        {"notes": ["x"] * 100},
    ],
)
def test_what_no_fumehood_wrote_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    (tmp_path / PROJECT).write_text(json.dumps({"format": 1} | change))
    with pytest.raises(RecordError, match=PROJECT):
        Record(tmp_path).project()
