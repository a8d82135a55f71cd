"""What is an address of the web, and that passwords in it are not shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.acquire.address import is_web_address, redacted, without_credentials


@pytest.mark.parametrize(
    "url", ["https://index.example/simple/", "http://192.0.2.1:8080/", "http://[2001:db8::1]/", "https://u:p@a.example"]
)
def test_addresses_of_the_web(url: str) -> None:
    assert is_web_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "", "index.example", "file:///etc/passwd", "ftp://a.example/", "http://", "http:///x", "http://[2001:db8::1/",
        "http://a.example:x/", "http://a.example:65536/", "http://a.example:0/", "http://a b.example/",
        "http://a\x1b[31m.example/", "http://a.example/\n",
    ],
)  # fmt: skip
def test_other_text(url: str) -> None:
    assert not is_web_address(url)


def test_credentials_are_taken_out() -> None:
    url = "https://user:p%40ss@index.example:8443/simple/"
    assert without_credentials(url) == ("https://index.example:8443/simple/", ("user", "p@ss"))
    assert redacted(url) == "https://index.example:8443/simple/"
    assert without_credentials("https://index.example/") == ("https://index.example/", None)


@given(st.text() | st.from_regex(r"https?://[\[\]@:%/a-z0-9.]{0,30}", fullmatch=True))
def test_any_text_gets_an_answer(url: str) -> None:
    is_web_address(url)
    assert isinstance(redacted(url), str)
