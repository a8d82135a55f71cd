"""The pane stays, whatever the session does, and the session looks as it would in a smaller terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.explore.adaptive import Adaptive
from analyzer.explore.filter import Filter
from analyzer.explore.pane import HEIGHT, fits
from analyzer.explore.screen import Screen
from analyzer.explore.wording import line_of
from tests.unit.explore.emulator import CAPTURES, Emulator
from tests.unit.explore.test_filter import STREAMS

ROWS = 24 + HEIGHT
LINE = line_of("high", "12:00:00", "Reads SSH keys", "/home/alex/.ssh/id\x1b[2J", "python")


class Shown:
    """A session in an emulated terminal with a pane."""

    def __init__(self, rows: int = ROWS, columns: int = 80, before: str = "") -> None:
        self.screen = Screen(rows, columns)
        self.view = Adaptive(self.screen, "session ab12", "six")
        self.filter = Filter(self.screen)
        self.terminal = Emulator(rows, columns).feed(before)
        self.terminal.feed(self.view.start())

    def say(self, data: bytes) -> None:
        self.terminal.feed(self.view.passing(self.filter.feed(data)))

    def resize(self, rows: int, columns: int) -> None:
        self.terminal.screen.resize(rows, columns)
        self.terminal.feed(self.view.resize(rows, columns))

    @property
    def session(self) -> list[str]:
        return self.terminal.rows[: self.screen.rows]

    @property
    def pane(self) -> list[str]:
        return self.terminal.rows[self.screen.rows :]


@pytest.mark.parametrize("path", sorted(CAPTURES.glob("*.bin")), ids=lambda path: path.stem)
@pytest.mark.parametrize("size", [97, 100_000])
def test_a_program_looks_as_in_a_terminal_without_a_pane(path: Path, size: int) -> None:
    raw = path.read_bytes()
    shown = Shown()
    assert shown.screen.rows == 24
    for number in range(0, len(raw), size):
        shown.say(raw[number : number + size])
        shown.terminal.feed(shown.view.tick())
    alone = Emulator().feed(raw)
    assert shown.session == alone.rows
    assert shown.terminal.cursor == alone.cursor
    assert shown.pane == [" session ab12 · 0 observed · six", "", "", "", "", ""]


@given(STREAMS, st.integers(1, 40))
def test_nothing_of_the_session_comes_into_the_pane(data: bytes, size: int) -> None:
    shown = Shown()
    shown.terminal.feed(shown.view.show([LINE]))
    expected = list(shown.pane)
    for number in range(0, len(data), size):
        shown.say(data[number : number + size])
        assert shown.pane == expected


def test_the_pane_is_painted_again_as_long_as_the_cursor_may_be_in_it() -> None:
    # Real terminals move a cursor below the scrolling rows on to their end; the emulator takes it back into these.
    shown = Shown()

    def painted(data: bytes) -> bool:
        return "observed" in shown.view.passing(shown.filter.feed(data))

    assert not painted(b"text\r\n\x1b[24;1H\n\n")
    assert painted(b"\x1b[1;5r\x1b[24;1H\n\n\nforged")
    assert painted(b"forged once more")
    assert painted(b"\x1b7")
    assert not painted(b"\x1b[r\x1b[1;1Hhome")
    assert painted(b"\x1b8forged where the cursor was kept")
    assert painted(b"and here")
    assert not painted(b"\x1b[3;1Hback")
    assert painted(b"\x1b[J")


def test_what_was_on_the_terminal_moves_up_and_the_prompt_with_it() -> None:
    shown = Shown(before="".join(f"{n}\r\n" for n in range(100)) + "$ ")
    assert [row for row in shown.session if row] == [str(n) for n in range(77, 100)] + ["$"]
    assert shown.terminal.cursor == (23, 2)
    shown = Shown(before="one\r\n$ ")
    assert shown.terminal.cursor == (1, 2)


def test_observations_show_in_order_and_their_text_is_safe() -> None:
    shown = Shown()
    for number in range(8):
        shown.terminal.feed(
            shown.view.show([line_of("low", f"12:00:0{number}", f"Title {number}", "a\x1b]0;t\x07" * 60)])
        )
    assert shown.pane[0] == " session ab12 · 8 observed · six"
    assert [row.split()[3] for row in shown.pane[1:]] == ["3", "4", "5", "6", "7"]
    assert all(r"a\x1b]0;t\x07" in row for row in shown.pane[1:])


def test_painting_waits_for_a_program_that_uses_the_kept_cursor_but_not_for_ever() -> None:
    shown = Shown()
    shown.say(b"\x1b[3;3H\x1b7\x1b[5;5H")
    assert shown.view.show([LINE]) == ""
    shown.say(b"\x1b8")
    shown.terminal.feed(shown.view.tick())
    assert shown.terminal.cursor == (2, 2)
    assert "Reads SSH keys" in shown.pane[1]
    shown.say(b"\x1b7")
    assert shown.view.show([LINE]) == ""
    assert any(shown.view.tick() for _ in range(10))


def test_the_pane_moves_with_the_terminals_size_and_goes_where_there_is_no_room() -> None:
    shown = Shown()
    shown.terminal.feed(shown.view.show([LINE]))
    shown.say(b"one\r\n$ ")
    shown.resize(40, 100)
    assert shown.screen.rows == 34
    assert "1 observed" in shown.pane[0]
    assert sum("observed" in row for row in shown.terminal.rows) == 1
    shown.resize(20, 60)
    assert shown.screen.rows == 14
    assert "1 observed" in shown.pane[0]
    shown.resize(10, 60)
    assert shown.screen.rows == 10
    assert sum("observed" in row for row in shown.terminal.rows) == 0
    shown.terminal.feed(shown.view.show([LINE]))
    assert any("Reads SSH keys" in row for row in shown.terminal.rows)
    shown.resize(30, 80)
    assert shown.screen.rows == 24
    assert "observed" in shown.pane[0]


def test_at_the_end_the_terminal_is_as_before() -> None:
    shown = Shown()
    shown.say(b"$ exit\r\n\x1b[?1049h\x1b[?25l\x1b[3;9r\x1b[31;7m\x1b[?2004h\x1b[4h\x1b(0")
    end = shown.view.finish()
    shown.terminal.feed(end)
    for taken_back in ("\x1b[?1049l", "\x1b[?25h", "\x1b[r", "\x1b[0m", "\x1b[?2004l", "\x1b[4l", "\x1b(B"):
        assert taken_back in end
    assert not any("observed" in row for row in shown.terminal.rows)
    assert shown.terminal.cursor[1] == 0


def test_small_terminals_have_no_pane() -> None:
    assert fits(24, 80)
    assert not fits(10, 80)
    assert not fits(24, 30)
