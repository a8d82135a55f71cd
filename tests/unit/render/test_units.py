from __future__ import annotations

import pytest

from analyzer.render.units import bytes_text, host_text, list_text, offset_text, plural, seconds_text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (9_940, "9.9 kB"), (9_960, "10 kB"), (999_499, "999 kB"),
        (999_500, "1.0 MB"), (118_400_000, "118 MB"), (5 * 10**15, "5,000 TB"),
    ],
)  # fmt: skip
def test_sizes(size: int, text: str) -> None:
    assert bytes_text(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0.00 s"), (0.042, "0.04 s"), (0.996, "1.0 s"), (9.96, "10 s"), (3600, "3,600 s")]
)
def test_durations(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_words() -> None:
    assert offset_text(1.20449) == "+1.204 s"
    assert (host_text("192.0.2.1", 80), host_text("2001:db8::1", 443)) == ("192.0.2.1:80", "[2001:db8::1]:443")
    assert host_text("2001:db8::1", 0) == "2001:db8::1"
    assert (plural(1, "event"), plural(2_400, "event"), plural(2, "query", "queries")) == (
        "1 event",
        "2,400 events",
        "2 queries",
    )
    assert [list_text(list(items)) for items in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
