"""`-o events=`: JSON lines that nothing of the package's can break, end or swell."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model import event
from analyzer.model.eventline import MAX_LINE, EventHeader, EventLine, content
from analyzer.render.events import event_line, write_events
from tests.unit.render.hostile import PAYLOADS
from tests.unit.render.sample import quiet_report


def made(detail: event.Detail, process: str = "python", at: event.Location | None = None) -> event.Event:
    source = event.Source("steps/01-install.strace", 3)
    return event.Event(1.25, "install", "syscall", 5, process, "completed", "installer", detail, source, at, 1)


def line(detail: event.Detail, process: str = "python", during: str = "install") -> dict[str, Any]:
    text = event_line(content(made(detail, process), during))
    assert "\n" not in text
    assert text.isascii()
    assert len(text) <= MAX_LINE
    EventLine.model_validate_json(text)
    read: dict[str, Any] = json.loads(text)
    return read


def test_a_header_comes_first_and_counts_the_lines_that_follow() -> None:
    stream = io.BytesIO()
    events = [made(event.ProcessExit(number, "")) for number in range(2500)]
    write_events(stream, quiet_report(), events, lambda one: f"exit {one.pid}")
    header, *lines = stream.getvalue().decode("ascii").splitlines()
    told = EventHeader.model_validate_json(header)
    assert (told.schema_version, told.package.name, told.completeness, told.events) == ("1", "six", "complete", 2500)
    assert [json.loads(one)["detail"]["status"] for one in lines] == list(range(2500))
    assert json.loads(lines[0])["during"] == "exit 5"


def test_without_events_there_is_a_header_alone() -> None:
    stream = io.BytesIO()
    write_events(stream, quiet_report(), [], lambda one: "")
    assert json.loads(stream.getvalue())["events"] == 0


@pytest.mark.parametrize("text", PAYLOADS, ids=range(len(PAYLOADS)))
def test_hostile_text_stays_in_its_line(text: str) -> None:
    read = line(event.ProcessExec(text, text, (text, text), "", "", "", ""), text, text)
    whole = text.encode("utf-8", "backslashreplace").decode()
    assert read["process"] == read["during"] == read["detail"]["path"]
    assert read["detail"]["path"] == whole or read["shortened"]


@given(st.text(), st.text(alphabet=st.characters(categories=["Cs"])))
def test_any_text_is_told_with_surrogates_as_escapes(text: str, surrogates: str) -> None:
    read = line(event.FileDelete(text + surrogates, directory=False, error=""))
    assert read["detail"]["path"] == (text + surrogates).encode("utf-8", "backslashreplace").decode()


def test_a_line_that_would_be_too_long_is_shortened_and_says_so() -> None:
    read = line(event.ProcessExec("/bin/x", "x", tuple("\N{PILE OF POO}" * 9000 for _ in range(3000)), "", "", "", ""))
    assert read["shortened"] is True
    assert read["detail"]["path"] == "/bin/x"
    argv = read["detail"]["argv"]
    assert argv[-1] == "…"
    assert len(argv) == 21
    assert {len(word) for word in argv[:-1]} == {200}
    assert argv[0].endswith("…")


def test_a_line_that_is_a_little_too_long_keeps_more() -> None:
    read = line(event.ProcessExec("/bin/x", "x", ("a" * 3000,) * 50, "", "", "", ""))
    assert [len(word) for word in read["detail"]["argv"]] == [2000] * 50


def test_a_short_line_is_not_called_shortened() -> None:
    assert "shortened" not in line(event.ProcessExit(0, ""))


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_numbers_that_json_lacks_are_null(number: float) -> None:
    assert line(event.ProcessSleep("nanosleep", number))["detail"]["seconds"] is None
