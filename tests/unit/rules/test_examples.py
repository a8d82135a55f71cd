"""How a rule's examples become events."""

from __future__ import annotations

from typing import Any

import pytest

from analyzer.rules.examples import events_of, failures
from tests.unit.rules.events import GOOD, rule

SEQUENCE = {
    "behavior": "file.write",
    "sequence": [
        {"name": "one", "event": "file.open"},
        {"name": "two", "event": "file.rename", "where": {"path": {"same": "one.path"}}},
    ],
    "within": 10,
    "detail": "{one.path}",
}


def told(content: dict[str, Any], shows: list[Any], nearly: list[Any]) -> list[str]:
    return list(failures(rule(content | {"examples": {"shows": shows, "nearly": nearly}}), {}))


def test_fields_that_are_not_named_are_empty() -> None:
    (made,) = events_of({"path": "/a"}, rule(GOOD))
    assert (made.kind, made.detail.path, made.detail.access, made.detail.flags) == ("file.open", "/a", "read", ())  # type: ignore[union-attr]


def test_headers_files_and_steps() -> None:
    (made,) = events_of({"when": {"phase": "install", "outcome": "attempted"}, "file": "a.py", "step": 3}, rule(GOOD))
    assert (made.phase, made.outcome, made.step, made.location.file if made.location else "") == (
        "install",
        "attempted",
        3,
        "a.py",
    )


def test_repeats_are_numbered_and_in_order() -> None:
    made = list(events_of([{"path": "/{n}", "repeat": 3}, {"path": "/last", "after": 5}], rule(GOOD)))
    assert [one.detail.path for one in made] == ["/1", "/2", "/3", "/last"]  # type: ignore[union-attr]
    assert sorted(made, key=lambda one: one.time) == made
    assert made[3].time - made[0].time == pytest.approx(5)


def test_sequences_as_lists_of_events() -> None:
    shows = [[{"event": "file.open", "path": "/a"}, {"event": "file.rename", "path": "/a"}]]
    nearly = [
        [{"event": "file.open", "path": "/a"}, {"event": "file.rename", "path": "/b"}],
        [{"event": "file.open", "path": "/a"}, {"event": "file.rename", "path": "/a", "after": 20}],
    ]
    assert told(SEQUENCE, shows, nearly) == []
    assert told(SEQUENCE, nearly, shows) == [
        "file.write: example 1 of `shows` is not observed",
        "file.write: example 2 of `shows` is not observed",
        "file.write: example 1 of `nearly` is observed",
    ]


@pytest.mark.parametrize(
    ("example", "telling"),
    [
        ({"colour": 1}, "file.open has no field 'colour'"),
        ({"path": 1}, "'path' cannot be 1"),
        ({"flags": "O_CREAT"}, "'flags' cannot be 'O_CREAT'"),
        ({"access": "writing"}, "'access' cannot be 'writing'"),
        ({"when": {"colour": 1}}, "header has no field 'colour'"),
        ({"when": {"phase": "instal"}}, "'phase' cannot be 'instal'"),
        ({"event": "file.eat"}, "unknown kind of event"),
    ],
)
def test_examples_that_no_event_can_be(example: dict[str, Any], telling: str) -> None:
    (problem,) = told(GOOD | {"where": {"path": "/x"}}, [example], [{"path": "/y"}])
    assert telling in problem


def test_events_of_a_sequence_name_their_kind() -> None:
    (problem,) = told(SEQUENCE, [{"path": "/a"}], [{"event": "file.open"}])
    assert "each event names its kind" in problem
