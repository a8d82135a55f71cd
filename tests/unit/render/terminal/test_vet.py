"""Many verdicts in the terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.vetting import Numbers, Vetted
from analyzer.render.several import SeveralProgress
from analyzer.render.terminal.vet import AT_LENGTH, result_line, summarize_vetting
from tests.unit.render.strategies import TEXTS
from tests.unit.render.terminal.test_verdict import APPROVED, REJECTED
from tests.unit.render.test_hostile import is_plain, printed
from tests.unit.render.test_progress import console

MANY = [
    Vetted(0, "evil", (), "evil 1.0", "incomplete", REJECTED, 1),
    Vetted(1, "gone==1", ("r.txt, line 2",), "gone==1", "not analysed", error="the index has no such project"),
    Vetted(2, "gone==2", ("r.txt, line 3",), "gone==2", "not analysed", error="the index has no such project"),
    Vetted(3, "six", (), "six 1.17.0", "complete", APPROVED, reused=True),
    Vetted(4, "win", (), "win", "not wanted", error="it is wanted only where sys_platform == 'win32'"),
]
NUMBERS = Numbers(
    packages=5, analysed=2, approve=1, reject=1, incomplete=1, not_analysed=2, not_wanted=1, reused=1, suppressed=1
)


def test_the_verdict_for_all_stands_first_then_a_line_for_each_then_the_reasons() -> None:
    lines = printed(
        summarize_vetting(MANY, NUMBERS, "REJECT", "own.toml", ["r.txt, line 1: --pre is passed over"])
    ).splitlines()
    assert lines[:10] == [
        "REJECT  5 packages: 1 REJECT, 1 APPROVE, 2 not analysed and 1 not wanted here; 1 incomplete analysis",
        "  policy: own.toml · 1 as analysed before · 1 finding suppressed",
        "",
        "  REJECT    evil 1.0  A planted secret left; The analysis is incomplete; 1 suppressed",
        "            the analysis is incomplete",
        "  UNKNOWN   gone==1  not analysed",
        "  UNKNOWN   gone==2  not analysed",
        "  APPROVE   six 1.17.0",
        "  skipped   win  not wanted",
        "",
    ]
    rest = "\n".join(lines[10:])
    assert rest.startswith("evil 1.0\nVerdict  REJECT")
    assert "six 1.17.0" not in rest
    assert "- gone==1 (r.txt, line 2), gone==2 (r.txt, line 3): the index has no such project" in rest
    assert rest.endswith("Passed over\n  - r.txt, line 1: --pre is passed over")


def test_nothing_analysed_is_no_approval() -> None:
    told = printed(summarize_vetting(MANY[1:3], Numbers(packages=2, not_analysed=2), None, "own.toml", []))
    assert told.startswith("NO VERDICT  2 packages: 2 not analysed")


def test_reasons_of_many_are_bounded() -> None:
    many = [Vetted(number, "x", (), f"x {number}", "complete", REJECTED) for number in range(AT_LENGTH + 3)]
    told = printed(summarize_vetting(many, Numbers(packages=len(many)), "REJECT", "own.toml", ["note"] * 30))
    assert told.count("1 reason to reject") == AT_LENGTH
    assert "… and 3 more packages" in told
    assert "… and 10 more" in told


@given(TEXTS, st.booleans())
def test_hostile_text_cannot_leave_its_line(text: str, analysed: bool) -> None:
    one = Vetted(
        0, text, (text,), text, "complete" if analysed else "not analysed", REJECTED if analysed else None, error=text
    )
    told = printed(summarize_vetting([one], Numbers(packages=1), None, text, [text]))
    assert all(is_plain(line) for line in told.splitlines())
    assert is_plain(result_line(one).plain)


def test_progress_without_a_terminal_says_what_begins_and_what_became_of_it() -> None:
    target, stream = console()
    with SeveralProgress(target, 2) as progress:
        progress.stage(0, "six", "acquiring six")
        progress.stage(0, "six", "installing")
        progress.stage(1, "[red]evil\x1b", "acquiring")
        progress.done(0, result_line(MANY[3]))
    assert stream.getvalue().splitlines() == [
        "six: acquiring six",
        r"[red]evil\x1b: acquiring",
        "six 1.17.0: APPROVE (as analysed before)  [1/2]",
    ]


def test_progress_on_a_terminal_shows_all_that_is_at_work() -> None:
    target, stream = console(force_terminal=True, width=100)
    with SeveralProgress(target, 3) as progress:
        progress.stage(0, "six", "installing")
        progress.stage(1, "idna", "importing\x1b[2J")
        progress.stage(1, "idna", "reading")
        progress.done(0, result_line(MANY[3]))
    told = stream.getvalue()
    assert "six 1.17.0" in told
    assert "1 done, 1 at work, 1 left" in told
    assert "\x1b[2J" not in told


def test_quiet_progress_says_nothing() -> None:
    target, stream = console(force_terminal=True)
    with SeveralProgress(target, 1, quiet=True) as progress:
        progress.stage(0, "six", "installing")
        progress.done(0, result_line(MANY[3]))
    assert stream.getvalue() == ""
