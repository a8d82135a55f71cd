"""Reports with an attack wherever a text may stand, in every format: what a reader's terminal, browser or parser gets is harmless."""

from __future__ import annotations

import io
import json
import math
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from analyzer.model.eventline import MAX_LINE
from analyzer.model.report import Report
from analyzer.render.events import event_line
from analyzer.render.html.page import render_html
from analyzer.render.json import render_json
from analyzer.render.progress import Progress
from analyzer.render.terminal.explain import explain
from analyzer.render.terminal.issues import explain_issues
from analyzer.render.terminal.summary import summarize
from analyzer.render.text import is_visible
from analyzer.render.vocabularies import render_layer, render_mbc
from analyzer.rules.loader import builtin
from tests.unit.render.strategies import PIECES, reports

MANY = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
OURS = {"strip", "strip axis", "glyph"}
"""The classes of the drawings of a page."""

STYLE = re.compile(r"\x1b\[[0-9;]*m")


def printed(*parts: RenderableType, colour: bool = False) -> str:
    stream = io.StringIO()
    environment = {"TERM": "xterm-256color"} if colour else {"NO_COLOR": "1"}
    console = Console(file=stream, width=100, force_terminal=colour or None, _environ=environment)
    console.print(*parts)
    return stream.getvalue()


def is_plain(text: str) -> bool:
    return all(char == "\n" or is_visible(char) for char in text)


def refuse(constant: str) -> Any:
    raise AssertionError(constant)


@MANY
@given(reports())
def test_the_terminal_gets_visible_characters_alone(report: Report) -> None:
    shown = printed(summarize(report))
    assert is_plain(shown)
    coloured = printed(summarize(report), colour=True)
    assert STYLE.sub("", coloured) == shown
    for behavior in report.behaviors:
        assert is_plain(printed(explain(report, behavior, builtin(), 2)))
    assert is_plain(printed(explain_issues(report.issues, 2)))


@MANY
@given(reports())
def test_json_is_strict_and_comes_back(report: Report) -> None:
    document = render_json(report)
    assert is_plain(document)
    json.loads(document.encode("utf-8"), parse_constant=refuse)
    assert Report.model_validate_json(document) == report
    for one in (render_layer(report), render_mbc(report)):
        assert is_plain(one)
        json.loads(one, parse_constant=refuse)


@MANY
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), st.integers(1, 20_000))
def test_a_line_of_an_event_is_one_line_of_ascii(text: str, times: int) -> None:
    made = event_line({"kind": "x", "path": text, "words": [text * times, text], "number": math.nan})
    assert made.isascii()
    assert made.isprintable()
    assert len(made) <= MAX_LINE
    assert json.loads(made, parse_constant=refuse)["kind"] == "x"


class Harmless(HTMLParser):
    """Fails on whatever a page of ours has not."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.scripts = 0
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        assert tag not in {
            "img",
            "image",
            "foreignobject",
            "animate",
            "set",
            "iframe",
            "object",
            "embed",
            "link",
            "base",
            "form",
            "math",
            "template",
            "video",
        }
        assert tag != "svg" or dict(attributes).get("class") in OURS, attributes
        for name, value in attributes:
            assert not name.startswith(("on", "src", "style", "action", "formaction", "xlink", "srcdoc")), name
            assert name != "href" or (value or "").startswith("#")

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)


@MANY
@given(reports())
def test_a_page_has_only_what_is_ours(report: Report) -> None:
    document = render_html(report)
    assert Harmless(document).scripts == 1
    document.encode("utf-8")
    assert is_plain(document)


def test_the_parser_would_notice() -> None:
    for attack in (
        "<img src=x>",
        "<p onclick=x>",
        "<a href='javascript:x'>",
        "<!-- x -->",
        "<svg>",
        "<svg onload=x>",
        "<svg class=x>",
    ):
        with pytest.raises(AssertionError):
            Harmless(attack)


@pytest.mark.parametrize("colour", [False, True])
def test_progress_says_nothing_but_words(colour: bool) -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=80, force_terminal=False, _environ={"TERM": "dumb"} if colour else {})
    with Progress(console) as progress:
        for piece in PIECES:
            progress(f"installing {piece} 1.0")
    assert is_plain(stream.getvalue())
    assert stream.getvalue().count("\n") == len(PIECES)
