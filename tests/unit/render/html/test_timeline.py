from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.report import ProcessNode, Report
from analyzer.render.html.timeline import NARROWEST, SLOT, axis_of, life_of, marks_of
from tests.unit.render.eventful import rich_report
from tests.unit.render.sample import START, behavior, evidence, process, quiet_report

FRACTIONS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [0.0, -1.0, 1e300, 5e-324, START, START + 1]
)
NODES = st.builds(
    lambda phase, started, took: process(1, ["x"], 0, phase=phase).model_copy(update={"started": started, "duration_seconds": took}),
    st.sampled_from(["install", "startup", "import", "execute"]), FRACTIONS, st.none() | FRACTIONS,
)  # fmt: skip


def test_each_phase_has_its_part_and_none_is_too_narrow() -> None:
    segments = axis_of(rich_report()).segments
    assert [one.phase for one in segments] == ["install", "startup", "import", "execute"]
    assert [round(one.seconds, 3) for one in segments] == [2.4, 0.1, 3.5, 60.0]
    assert segments[0].left == 0
    assert sum(one.width for one in segments) == pytest.approx(100)
    assert min(one.width for one in segments) >= NARROWEST
    assert segments[3].width > segments[2].width > segments[0].width > segments[1].width


def test_time_runs_evenly_within_a_phase_and_ends_at_the_edges() -> None:
    axis = axis_of(rich_report())
    execute = axis.segments[3]
    assert axis.at(START + 36) == pytest.approx(execute.left + execute.width / 2)
    assert (axis.at(START - 5), axis.at(START + 1000)) == (0, 100)


def test_a_phase_that_runs_again_has_a_segment_of_its_own() -> None:
    runs = ["install", "import", "import", "execute", "import", "execute"]
    report = quiet_report(processes=[process(at, ["x"], at, phase=phase) for at, phase in enumerate(runs)])
    assert [one.phase for one in axis_of(report).segments] == ["install", "import", "execute", "import", "execute"]


def test_too_many_changes_of_phase_are_one_run() -> None:
    nodes = [process(at, ["x"], at, phase="import" if at % 2 else "execute") for at in range(40)]
    assert [one.phase for one in axis_of(quiet_report(processes=nodes)).segments] == ["run"]
    assert [one.phase for one in axis_of(quiet_report()).segments] == ["run"]


def test_a_life_ends_at_the_edge_where_its_end_was_not_seen() -> None:
    axis = axis_of(rich_report())
    open_end = life_of(process(1, ["x"], 6), axis)
    assert open_end is not None
    assert not open_end.ended
    assert open_end.left + open_end.width == pytest.approx(100)
    short = life_of(process(1, ["x"], 66, duration_seconds=0.0), axis)
    assert short is not None
    assert 0 < short.width < 1
    assert short.left + short.width <= 100
    assert life_of(process(1, ["x"], 0).model_copy(update={"started": 0.0}), axis) is None


def test_what_happens_at_about_one_time_is_one_mark_led_by_the_gravest() -> None:
    axis = axis_of(rich_report())
    slight = behavior("file.read", "Reads.", "info", [evidence("a", 6.0), evidence("b", 6.1), evidence("c", 40)])
    grave = behavior("steal.x", "Steals.", "critical", [evidence("d", 6.2)])
    marks = marks_of([(one, each) for one in (slight, grave) for each in one.evidence], axis)
    assert [[one.id for one in mark.behaviors] for mark in marks] == [["steal.x", "file.read"], ["file.read"]]
    assert marks[0].left == axis.at(START + 6.2)
    assert (marks[0].first, marks[0].last) == (START + 6.0, START + 6.2)
    never = evidence("e", 1).model_copy(update={"time": 0.0})
    assert marks_of([(grave, never)], axis) == ()


@given(st.lists(NODES, max_size=12), FRACTIONS)
def test_any_numbers_stay_on_the_axis(nodes: list[ProcessNode], time: float) -> None:
    report: Report = quiet_report(processes=nodes)
    axis = axis_of(report)
    assert 0 <= axis.at(time) <= 100
    lives = [life for node in nodes if (life := life_of(node, axis))]
    assert all(life.left >= -1e-6 and 0 < life.width <= 100 and life.left + life.width <= 100 + 1e-6 for life in lives)
    seen = behavior("a.b", "A", "low", [evidence("x", 0).model_copy(update={"time": time})])
    assert len(marks_of([(seen, seen.evidence[0])], axis)) <= 1
    assert 100 / SLOT < 50
