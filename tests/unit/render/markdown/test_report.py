"""The report as Markdown, read back by an implementation of CommonMark."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.model.report import Report
from analyzer.render.markdown.report import MAX_CHARACTERS, Room, render_markdown
from analyzer.render.markdown.text import code, text
from tests.unit.render.eventful import rich_report
from tests.unit.render.hostile import hostile_report
from tests.unit.render.markdown_checks import checked, count, rows
from tests.unit.render.sample import behavior, evidence, location, quiet_report
from tests.unit.render.strategies import PIECES, reports
from tests.unit.render.vetted import issue, vetted_report

HOSTILE = (
    *PIECES, "@all", "@octocat", "#12", "GH-7", "o/r#1", "https://evil.example", "www.evil.example", "a@b.example", "deadbeef1", "e5bd3914e2e596debea16f433f57875b5b90bcd6",
    "1.", "1)", "-", "*", "+", "#", "===", "---", "|", "\\|", "```", "~~~", "`", "``", "[x](y)", "![x](y)", "[x]: http://evil.example", "[x][y]", "<http://evil.example>", "<b>", "<!--", "&lt;",
    "&commat;all", ":tada:", "**", "__", "$$", "$x$", "    code", "> quote", "\\", "\\`", "word", "two words", "it's", "(see",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=4), max_size=8)


def test_a_report_is_short_and_says_what_matters_first() -> None:
    found = behavior(
        "steal.ssh-key.read", "Reads SSH keys", "high", [evidence("~/.ssh/id", 1, location=location("a.py", 3))]
    )
    report = quiet_report(behaviors=[found], issues=[issue("theft.credentials", "It reads credentials", "high")])
    document = render_markdown(report)
    lines = document.splitlines()
    assert lines[0] == "### `six 1.17.0`: complete, 1 issue and 1 behavior"
    assert "#### high: It reads credentials" in lines
    assert "1. Look at the places that are named." in lines
    tokens = checked(document)
    assert rows(tokens) == [
        ["severity", "behavior", "times", "phases", "for example"],
        ["high", "Reads SSH keys steal.ssh-key.read", "1", "import", "~/.ssh/id (a.py:3, import)"],
    ]


def test_an_incomplete_run_and_a_verdict_say_so() -> None:
    document = render_markdown(vetted_report())
    assert document.startswith("### `acme-telemetry 1.4.2`: **REJECT**, incomplete, ")
    assert "\n- not everything was seen: phase execute was stopped after 60 s\n" in document
    assert "\n- REJECT: Reads SSH keys" in document
    checked(document)


def test_a_package_that_did_nothing() -> None:
    document = render_markdown(quiet_report())
    assert "No behavior of the package was observed." in document
    assert count(checked(document), "table_open") == 0


def test_what_says_the_same_twice_is_told_once() -> None:
    told = [evidence("x", at, location=location("a.py", 1)) for at in range(9)]
    document = render_markdown(quiet_report(issues=[issue("a.b", "A", "high", evidence=told)]))
    assert document.count("- observed: ") == 1
    assert "more" not in document


@pytest.mark.parametrize("make", [rich_report, vetted_report, hostile_report])
def test_every_behavior_is_one_row(make: object) -> None:
    report: Report = make()  # type: ignore[operator]
    tokens = checked(render_markdown(report))
    found = rows(tokens)
    assert len(found) == 1 + len(report.behaviors)
    assert {len(row) for row in found} == {5}
    assert count(tokens, "heading_open") == 1 + len(report.issues)


@pytest.mark.parametrize("letter", ["|", "`", "<", "x ", "é", "\u202e"])
def test_it_fits_into_a_comment(letter: str) -> None:
    long = letter * 2000
    shown = [evidence(f"{at}{long}", at, location=location(long, 1), during=long) for at in range(20)]
    report = quiet_report(
        issues=[
            issue(f"a.b{at}", long, "high", evidence=shown, problem=long, next_steps=[long] * 20) for at in range(99)
        ],
        behaviors=[behavior(f"a.b.c{at}", long, "high", shown) for at in range(99)],
    )
    document = render_markdown(report)
    assert len(document) <= MAX_CHARACTERS
    assert "more issues, for which there is no room here" in document
    assert " more |" in document
    checked(document)


def test_what_has_no_room_is_counted() -> None:
    assert Room(10).take(["12345", "123456789", "1"], "issues") == [
        "12345", "… and 2 more issues, for which there is no room here.\n",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("It reads keys, twice.", "It reads keys, twice."),
        ("", ""),
        ("asked for https://evil.example today", "asked for `https://evil.example` today"),
        ("hello @all of #12", "hello `@all` of `#12`"),
        ("1. one", "`1.` one"),
        ("port 443. Then", "port 443. Then"),
        ("see deadbeef12 and GH-12", "see `deadbeef12` and `GH-12`"),
        ("a `b` c", "a `` `b` `` c"),
        ("a\x1b[2Jb c", r"`a\x1b[2Jb` c"),
        ("the processes' names", "the processes' names"),
    ],
)
def test_plain_words_stay_and_all_else_is_code(value: str, shown: str) -> None:
    assert text(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [("a|b", r"`a\x7cb`"), ("`", "`` ` ``"), ("``a`", "``` ``a` ```"), ("", "` `"), (" a", "`  a `"), ("a\\", "`a\\`")],
)
def test_code_ends_where_it_should(value: str, shown: str) -> None:
    assert code(value) == shown


@given(TEXTS, st.sampled_from(["", " "]))
def test_no_text_means_anything(pieces: list[str], between: str) -> None:
    value = between.join(pieces)
    for shown in (text(value), code(value), f"- {text(value)}: {code(value)}", f"1. {text(value)}"):
        checked(f"{shown}\n")
    tokens = checked(f"| a | b |\n|---|---|\n| {text(value)} | {code(value)} |\n| c | d |\n")
    assert [len(row) for row in rows(tokens)] == [2, 2, 2]


@settings(deadline=None, max_examples=60)
@given(reports())
def test_any_report_is_harmless(report: Report) -> None:
    found = rows(checked(render_markdown(report)))
    assert {len(row) for row in found} <= {5}
    assert len(found) == (1 + len(report.behaviors) if report.behaviors else 0)
