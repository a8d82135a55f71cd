"""Evidence by code that a run was directed at is kept, however much there is besides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analyzer.model.details.file import FileDelete
from analyzer.model.direction import Direction
from analyzer.model.event import Event, Location, Source
from analyzer.pipeline.judging.behaviors import MAX_EVIDENCE, _chosen, _Seen
from analyzer.pipeline.judging.placed import Placed
from analyzer.rules.engine import Observation

SITE = "/home/alex/project/.venv/lib/python3.11/site-packages"


def direction(**changes: object) -> Direction:
    fields: dict[str, object] = {
        "asked": "a.py",
        "file": "pkg/a.py",
        "line": 10,
        "end_line": 11,
        "function_line": 8,
        "function_end": 20,
    }
    return Direction.model_validate(fields | changes)


def event(line: int, file: str = f"{SITE}/pkg/a.py", time: float = 1.0) -> Event:
    return Event(
        time=time,
        phase="import",
        layer="syscall",
        pid=1,
        process="python",
        outcome="completed",
        attribution="package",
        detail=FileDelete(path="/tmp/x", directory=False, error=""),
        source=Source("steps/1.strace", 1),
        location=Location("pkg", "pkg.a", file, line),
    )


@pytest.mark.parametrize(
    ("line", "near"),
    [
        (10, ["line", "function", "file"]),
        (11, ["line", "function", "file"]),
        (20, ["function", "file"]),
        (21, ["file"]),
    ],
)
def test_how_near_an_event_is(line: int, near: list[str]) -> None:
    assert [how for _, how in Placed([direction()]).of(event(line))] == near


def test_other_files_and_unknown_code_are_not_near() -> None:
    placed = Placed([direction(), direction(file="")])
    assert placed.of(event(10, f"{SITE}/other/pkg/a.py")) == []
    assert placed.of(replace(event(10), location=None)) == []
    assert Placed().of(event(10)) == []


def test_a_build_script_is_known_wherever_it_is_built() -> None:
    placed = Placed([direction(file="setup.py")])
    assert placed.of(event(10, "/tmp/build-1/setup.py"))
    assert not placed.of(event(10, f"{SITE}/setup.py/other.py"))


def test_a_place_survives_what_else_there_is() -> None:
    placed, seen = Placed([direction()]), _Seen()
    for number in range(MAX_EVIDENCE * 2):
        _take(seen, placed, event(90, f"{SITE}/pkg/b.py", time=number))
    for number in range(10):
        _take(seen, placed, event(10, time=1000.0 + number))
    chosen = [one.event.location.line for one in _chosen(seen) if one.event.location is not None]
    assert (len(chosen), chosen.count(10)) == (MAX_EVIDENCE + 2, 2)


def test_what_is_told_anyway_is_told_once() -> None:
    placed, seen = Placed([direction()]), _Seen()
    _take(seen, placed, event(10))
    assert len(_chosen(seen)) == 1


def _take(seen: _Seen, placed: Placed, one: Event) -> None:
    observation = Observation("file.delete", "file.delete#1", one, "deleted")
    seen.add(observation, None, is_later=False)
    seen.keep(observation, placed.of(one))
