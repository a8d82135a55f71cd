from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.render.text import safe_text
from tests.unit.render.hostile import PAYLOADS

ANY_TEXT = st.text(alphabet=st.characters(), max_size=300) | st.sampled_from(PAYLOADS)
"""Every code point, lone surrogates included."""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, ünïcödé 日本 ✓", "plain text, ünïcödé 日本 ✓"),
        ("", ""),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("a\nb\r\tc\x00", r"a\nb\r\tc\x00"),
        ("\x7f\x80\x9b31m\x9f", r"\x7f\x80\x9b31m\x9f"),
        ("\u202egnp.exe\u2066", r"\u202egnp.exe\u2066"),
        ("a\u200bb\ufeffc\u00add", r"a\u200bb\ufeffc\xadd"),
        ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
        ("a\u3164b\u2800c\ufe0fd", r"a\u3164b\u2800c\ufe0fd"),
        ("\ud800 \udcff", r"\ud800 \udcff"),
        ("\U000e0041", r"\U000e0041"),
        ("a\u00a0b\u3000c", r"a\xa0b\u3000c"),
        ("a\u0301\u0302\u0303", "a\u0301\u0302" + r"\u0303"),
        (r"back\slash", r"back\slash"),
    ],
)
def test_what_is_not_visible_is_escaped(text: str, shown: str) -> None:
    assert safe_text(text) == shown


@given(ANY_TEXT, st.integers(min_value=0, max_value=400))
def test_nothing_invisible_comes_through(text: str, limit: int) -> None:
    shown = safe_text(text, limit)
    assert shown.isprintable()
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert shown.encode().decode() == shown


@given(ANY_TEXT)
def test_a_second_pass_changes_nothing(text: str) -> None:
    assert safe_text(safe_text(text)) == safe_text(text)


@given(ANY_TEXT, st.integers(min_value=1, max_value=400))
def test_a_limit_holds(text: str, limit: int) -> None:
    assert len(safe_text(text, limit)) <= limit + 40


def test_a_cut_text_says_how_much_is_missing() -> None:
    assert safe_text("x" * 100_000, 10) == "xxxxxxxxxx… (99,990 more characters)"
    assert safe_text("\n" * 100, 10) == r"\n\n\n\n\n… (95 more characters)"


def test_a_text_is_not_cut_for_less_than_the_remark_takes() -> None:
    assert safe_text("x" * 20, 10) == "x" * 20
