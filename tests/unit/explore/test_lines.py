"""Observations between the session's lines."""

from __future__ import annotations

from analyzer.explore.filter import Filter
from analyzer.explore.lines import Lines
from analyzer.explore.plain import Plain
from analyzer.explore.screen import Screen
from analyzer.explore.wording import line_of
from tests.unit.explore.emulator import Emulator

LINE = line_of("medium", "12:00:00", "Connects by TCP", "203.0.113.7 port 80", "", "python")


def test_a_begun_line_is_written_again_below() -> None:
    view = Lines(Screen(24, 80))
    text = view.passing("$ make\r\n") + view.passing("\x1b[32m$\x1b[0m ech") + view.show([LINE]) + view.passing("o x")
    assert [row for row in Emulator().feed(text).rows if row] == [
        "$ make", "$ ech", "* 12:00:00 medium   Connects by TCP · 203.0.113.7 port 80 · python", "$ echo x",
    ]  # fmt: skip


def test_at_the_begin_of_a_line_nothing_is_added() -> None:
    view = Lines(Screen(24, 80))
    assert view.passing("a\r\n") + view.show([LINE]) == f"a\r\n\x1b[0m\x1b[33m* {LINE.text}\x1b[0m\r\n"


def test_a_program_with_the_other_screen_is_not_disturbed_and_nothing_is_lost() -> None:
    screen = Screen(24, 60)
    view, passing = Lines(screen), Filter(screen)
    view.passing(passing.feed(b"\x1b[?1049hediting"))
    assert view.show([LINE] * 150) == ""
    view.passing(passing.feed(b"\x1b[?1049l"))
    shown = view.tick()
    assert "50 earlier observations are only in the report" in shown
    assert shown.count("Connects by TCP") == 100
    assert view.tick() == ""


def test_a_very_long_line_is_not_written_again() -> None:
    view = Lines(Screen(24, 80))
    view.passing("x" * 5000)
    assert "xx" not in view.show([LINE])


def test_what_waits_at_the_end_is_shown() -> None:
    screen = Screen(24, 80)
    view = Lines(screen)
    screen.alternate = True
    assert view.show([LINE]) == ""
    end = view.finish()
    assert end.index("\x1b[?1049l") < end.index("Connects by TCP")


def test_a_file_gets_text_and_standard_error_the_rest(capsys) -> None:  # type: ignore[no-untyped-def]
    view = Plain(observed=True)
    text = Filter(Screen(24, 80)).feed(
        b"\x1b[1;31mred\x1b[m\x1b(B \x1b[3Hplain\a\r\n\x1b]0;t\x07\x1b7\x1b[?25lnext\b\r\n"
    )
    assert view.passing(text) == "red plain\nnext\n"
    view.show([LINE])
    assert capsys.readouterr().err == f"* {LINE.text}\n"
    Plain(observed=False).show([LINE])
    assert capsys.readouterr().err == ""
