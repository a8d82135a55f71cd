"""What a pattern of a policy fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.policy.patterns import fits


@pytest.mark.parametrize(
    ("text", "pattern", "wanted"),
    [
        ("steal.ssh-key.read", "steal.*", True),
        ("steal.ssh-key.read", "steal", False),
        ("steal.ssh-key.read", "*.read", True),
        ("stealth.file.hide", "steal.*", False),
        ("steal.ssh-key.read", "steal.ssh-key.rea?", False),
        ("GET https://api.example/x?a=[1]", "GET https://api.example/*?a=[1]", True),
        ("GET https://api.example/x?a=1", "GET https://api.example/*?a=[1]", False),
        ("GET https://evil.example/\nGET https://api.example/", "GET https://api.example/*", False),
        ("GET https://api.example/\nx", "GET https://api.example/*", True),
        ("A", "a", False),
    ],
)
def test_only_a_star_means_more_than_itself(text: str, pattern: str, wanted: bool) -> None:
    assert fits(text, pattern) is wanted


@given(st.text(alphabet=st.characters(exclude_characters="*")), st.text())
def test_a_text_without_stars_fits_itself_alone(text: str, other: str) -> None:
    assert fits(text, text)
    assert fits(other, text) is (other == text)
    assert fits(text + other, text + "*")


def test_a_hostile_text_takes_no_long_time() -> None:
    assert not fits("a" * 100_000, "*a" * 50 + "b")
