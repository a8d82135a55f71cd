"""Nothing but what is allowed comes through, however it is cut, and ordinary programs look as they should."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.explore.filter import Filter
from analyzer.explore.screen import Screen
from tests.unit.explore.emulator import CAPTURES, Emulator

ROWS, COLUMNS = 24, 80

# Written from the documentation, not from the code.
ALLOWED = re.compile(
    r"""
    [\x20-\x7e\xa0-\U0010ffff\a\b\t\n\r]
    | \x1b [78=>DEM] | \x1b \( [B0]
    | \x1b\[ [0-9]{1,3} [ABCDEFGIZ`aLMP@XSTb]
    | \x1b\[ (?P<row>[0-9]{1,3}) ; [0-9]{1,3} H | \x1b\[ (?P<only>[0-9]{1,3}) d
    | \x1b\[ [0-9]{1,3} ; (?P<bottom>[0-9]{1,3}) r
    | \x1b\[ [012] [JK]
    | \x1b\[ [0-9;:]* m
    | \x1b\[ 4 [hl] | \x1b\[ \? (?:1|7|25|47|1047|1049|2004) [hl]
    """,
    re.VERBOSE,
)

FRAGMENTS = st.one_of(
    st.sampled_from([
        b"\x1b", b"\x1b[", b"\x1b]", b"\x1bP", b"\x1b_", b"\x1b^", b"\x1bX", b"\x1b\\", b"\x9b", b"\xc2\x9b", b"\xc2\x9d", b"\x9c", b"\xc2\x9c",
        b"\x07", b"\x18", b"\x1a", b"\x05", b"\x0e", b"\x0f", b"\x7f", b"\x00", b"?", b">", b";", b":", b"0", b"999999999999", b"m", b"n", b"c", b"t",
        b"h", b"l", b"H", b"J", b"r", b"s", b"u", b"$", b" ", b"!", b"6n", b"52;c;YQ==", b"1049", b"2004", b"3J", b"8", b"7", b"(0", b"(B", b"#8",
        b"\xe6\xbc\xa2", b"\xe6", b"\xff", b"\xf4\x90\x80\x80", b"\xed\xa0\x80", b"text", b"\r\n", b"\t", b"\b",
    ]),
    st.binary(max_size=6),
    st.builds(lambda a, b, c: b"\x1b[" + a + b + c, st.sampled_from([b"", b"?", b">", b"=", b"<"]),
              st.from_regex(rb"[0-9;:]{0,8}", fullmatch=True), st.binary(min_size=1, max_size=2)),
)  # fmt: skip
STREAMS = st.lists(FRAGMENTS, max_size=30).map(b"".join)


def filtered(*pieces: bytes, screen: Screen | None = None) -> str:
    one = Filter(screen or Screen(ROWS, COLUMNS))
    return "".join(map(one.feed, pieces)) + one.end()


def tokens(text: str) -> list[re.Match[str]]:
    found, position = [], 0
    while position < len(text):
        match = ALLOWED.match(text, position)
        assert match is not None, repr(text[position : position + 20])
        found.append(match)
        position = match.end()
    return found


@given(STREAMS)
def test_only_what_is_allowed_comes_through_and_stays_in_its_rows(data: bytes) -> None:
    for match in tokens(filtered(data)):
        for name in ("row", "only", "bottom"):
            assert int(match[name] or 1) <= ROWS


@given(STREAMS, st.lists(st.integers(0, 200), max_size=8))
def test_cutting_makes_no_difference(data: bytes, cuts: list[int]) -> None:
    places = sorted({min(cut, len(data)) for cut in cuts})
    pieces = [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]
    assert filtered(*pieces) == filtered(data)
    assert filtered(*(bytes([one]) for one in data)) == filtered(data)


@given(STREAMS, st.integers(0, 200))
def test_each_piece_is_whole(data: bytes, cut: int) -> None:
    one = Filter(Screen(ROWS, COLUMNS))
    for piece in (data[:cut], data[cut:]):
        tokens(one.feed(piece))


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"))))
def test_text_stays_as_it_is(text: str) -> None:
    assert filtered(*(bytes([one]) for one in text.encode())) == text


@pytest.mark.parametrize(
    "hostile",
    [
        b"\x1b]0;title\x07", b"\x1b]52;c;cm0gLXJm\x07", b"\x1b]52;c;cm0gLXJm\x1b\\", b"\x1b]8;;http://198.51.100.1/\x1b\\", b"\x1b]4;1;?\x07",
        b"\x1b]10;?\x07", b"\x1b]1337;File=:AAAA\x07", b"\x1bPq#0;2;0;0;0\x1b\\", b"\x1bP$qm\x1b\\", b"\x1b_Gf=100;AAAA\x1b\\", b"\x1b^x\x1b\\", b"\x1bXx\x1b\\",
        b"\x1b[6n", b"\x1b[5n", b"\x1b[?6n", b"\x1b[c", b"\x1b[>c", b"\x1b[=c", b"\x1b[0x", b"\x1b[>q", b"\x1b[?1$p", b"\x1b[?u", b"\x1bZ", b"\x05",
        b"\x1b[14t", b"\x1b[21t", b"\x1b[8;1;1t", b"\x1b[3;0;0t", b"\x1b[2t", b"\x1b[?1000h", b"\x1b[?1003;1006h", b"\x1b[?1004h", b"\x1b[?5h", b"\x1b[?3h",
        b"\x1b[?69h", b"\x1b[?6h", b"\x1b[3J", b"\x1b[?3J", b"\x1b#8", b"\x1b[!p", b"\x1b[>4;2m", b"\x1b[?4m", b"\x1b[2;1;1;5;5$x", b"\x1b[20h", b"\x1b[2h", b"\x1b[12h",
        b"\x1b[5i", b"\x1b[?5i", b"\x1bH", b"\x1b[3g", b"\x0e", b"\x0f", b"\x7f", b"\x00", b"\x1bn", b"\x1bo", b"\x1b|", b"\x1b(A", b"\x1b)0", b"\x1b%G", b"\x1b%@", b"\x1b F",
        b"\x1b[0%m", b"\x1b[1 q", b"\x1b[1;2;3;4;5T", b"\x1b[>1T", b"\x1b[1:2H", b"\x1b[12345m", b"\x1b[9;1r\x1b[2;1r", b"\xc2\x9b6n"[:2], b"\xc2\x85",
    ],
)  # fmt: skip
def test_what_would_reach_beyond_the_window_is_dropped(hostile: bytes) -> None:
    shown = filtered(b"a" + hostile + b"b")
    assert shown in {"ab", "a\x1b[9;24r\x1b[2;24rb"} or (hostile.startswith(b"\x1b[9") and "\x1b" not in shown), shown


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (b"\x1b[1;31mred\x1b[m", "\x1b[1;31mred\x1b[m"),
        (b"\x1b[38:2::1:2:3m", "\x1b[38:2::1:2:3m"),
        (b"\x1b[H", "\x1b[1;1H"),
        (b"\x1b[500;7H", "\x1b[24;7H"),
        (b"\x1b[99d", "\x1b[24d"),
        (b"\x1b[5e", "\x1b[5B"),
        (b"\x1b[4000000000C", ""),
        (b"\x1b[40000C", "\x1b[999C"),
        (b"\x1b[r", "\x1b[1;24r"),
        (b"\x1b[3;99r", "\x1b[3;24r"),
        (b"\x1b[?1;1000;25h", "\x1b[?1h\x1b[?25h"),
        (b"\x1b[s\x1b[u", "\x1b7\x1b8"),
        (b"\x1b[3\n1m", "\n\x1b[31m"),
        (b"\x1b[3\x18x", "x"),
        (b"\x1b[3\x1b[1m", "\x1b[1m"),
        (b"\x1b]0;t\x1b[1m", "\x1b[1m"),
        (b"\xff\xe6\xbc", "\ufffd\ufffd"),
        ("漢".encode(), "漢"),
    ],
)
def test_what_programs_need_is_written_anew(given_: bytes, expected: str) -> None:
    assert filtered(given_) == expected


def test_a_string_without_an_end_does_not_swallow_for_ever() -> None:
    assert filtered(b"\x1b]52;c;" + b"A" * (1024 * 1024 + 10) + b" seen").endswith(" seen")


def test_a_full_reset_leaves_the_users_scrollback_and_other_rows_alone() -> None:
    reset = filtered(b"\x1bc")
    tokens(reset)
    assert "\x1bc" not in reset
    assert "\x1b[1;24r" in reset


@pytest.mark.parametrize("path", sorted(CAPTURES.glob("*.bin")), ids=lambda path: path.stem)
def test_what_is_dropped_of_ordinary_programs_changes_nothing_that_is_seen(path: Path) -> None:
    raw = path.read_bytes()
    safe = filtered(raw)
    tokens(safe)
    plain, through = Emulator().feed(raw), Emulator().feed(safe)
    assert through.rows == plain.rows
    assert through.cursor == plain.cursor
