from __future__ import annotations

import io

import pytest
from rich.console import Console

from analyzer.model.report import Direction, Exploration
from analyzer.render.directed import direction_place, exploration_text, reached_words
from analyzer.render.terminal.summary import summarize
from tests.unit.render.guided import guided_report, made_directions
from tests.unit.render.pages import told
from tests.unit.render.sample import quiet_report


def printed(report: object) -> str:
    stream = io.StringIO()
    Console(file=stream, width=160, _environ={"NO_COLOR": "1"}).print(summarize(report))  # type: ignore[arg-type]
    return stream.getvalue()


def test_places_are_told_as_they_were_asked_for() -> None:
    assert [direction_place(one) for one in made_directions()] == [
        "src/acme_telemetry/_send.py:88-91 in Client.post",
        "acme_telemetry/guard.py in start",
        "acme_telemetry/win.py:12",
        "setup.py:3",
    ]
    assert direction_place(Direction(asked="", module="a.b", function="f")) == "a.b in f"


def test_how_far_a_run_came_is_said_in_words() -> None:
    assert [reached_words(one) for one in made_directions()] == [
        "the line was run",
        "the function was entered",
        "nothing of the file was run",
        "not known",
    ]
    lined = Direction(asked="a.py", line=3, reached="function")
    assert reached_words(lined) == "its function was entered, the line was not run"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"opened": "shell", "exit": "0"}, "a shell was open for 12 s and ended with exit 0"),
        ({"opened": "python", "exit": "SIGHUP"}, "a Python prompt was open for 12 s and ended with SIGHUP"),
        ({"opened": "shell"}, "a shell was open for 12 s"),
        (
            {"opened": "command", "command": "make\x1b[2J", "exit": "2"},
            r"a command (make\x1b[2J) ran for 12 s and ended with exit 2",
        ),
    ],
)
def test_what_was_opened_is_told_with_its_time_and_end(fields: dict[str, str], text: str) -> None:
    assert exploration_text(Exploration.model_validate({"duration_seconds": 12.0} | fields)) == text


def test_page_and_terminal_tell_both() -> None:
    page = told(guided_report())
    assert "Explored by hand A shell was open for 312 s and ended with exit 0." in page
    assert "Directed at 4 The run was directed at these places" in page
    assert (
        "src/acme_telemetry/_send.py:88-91 in Client.post installed as acme_telemetry/_send.py the line was run "
        "call of acme_telemetry._send:Client.post"
    ) in page
    assert "setup.py:3 not known the file is not installed" in page
    text = printed(guided_report())
    assert "  explored  by hand: a shell was open for 312 s and ended with exit 0\n" in text
    assert (
        "  directed  src/acme_telemetry/_send.py:88-91 in Client.post: the line was run (call of acme_telemetry._send:Client.post)\n"
        "            acme_telemetry/guard.py in start: the function was entered\n"
    ) in text
    assert "setup.py:3: not known: the file is not installed\n" in text
    for quiet in (told(quiet_report()), printed(quiet_report())):
        assert "Directed" not in quiet
        assert "xplored" not in quiet


def test_many_places_are_counted() -> None:
    many = [Direction(asked=f"module_{at}.py", line=at + 1) for at in range(300)]
    assert "… and 288 more places\n" in printed(quiet_report(directions=many))
    assert "and 100 more in the JSON report" in told(quiet_report(directions=many))
