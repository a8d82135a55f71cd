from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.pipeline.addresses import Classifier
from analyzer.rules.loader import builtin


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(builtin().lists)


@pytest.mark.parametrize(
    ("url", "kinds"),
    [
        ("http://evil.top/x", ["suspicious-tld"]),
        ("http://evil.TOP./x", ["suspicious-tld"]),
        ("https://files.evil.xyz:8443/a.exe?x=1", ["suspicious-tld", "nonstandard-port", "interesting-format"]),
        ("http://8.8.8.8:4444/", ["nonstandard-port"]),
        ("http://[2606:4700::1111]:8080/", ["nonstandard-port"]),
        ("http://user:pass@pool.minexmr.com:3333", ["nonstandard-port"]),
        ("https://a.python.org:443/x", []),
        ("http://a.python.org:443/x", ["nonstandard-port"]),
        ("wss://a.python.org:443/x", []),
        ("ftp://a.python.org/stage.tar.gz", ["interesting-format"]),
        ("https://a.python.org/install.py", ["interesting-format"]),
        ("https://a.python.org/?f=x.exe", []),
        ("https://evil.py", []),
        ("https://a.python.org", []),
        ("https://пример.xyz/", ["suspicious-tld"]),
    ],
)
def test_what_is_remarkable(classifier: Classifier, url: str, kinds: list[str]) -> None:
    assert classifier.kinds(url) == kinds


@pytest.mark.parametrize(
    "url",
    [
        "http://{host}:{port}/x.exe",
        "http://%s:8080/",
        "http://$HOST:8080/",
        "http://host:8080/x.zip",
        "http://link/x.zip",
        "http://localhost:8080/x.zip",
        "http://127.0.0.1:8080/",
        "http://0.0.0.0:8080/",
        "http://[::1]:8080/",
        "http://10.0.0.1:3128/",
        "http://192.0.2.1:8080/",
        "http://203.0.113.5:4444/a.exe",
        "http://[2001:db8::1]:8080/",
        "http://a.example:8080/x.exe",
        "http://example.com:8080/x.exe",
        "http://www.example.org/x.exe",
        "http://a.test:8080",
        "http://foo.bar/x",
        "http://some.host:80/x",
        "http://a.b.c.1:8080/",
        "http://",
        "not an address",
    ],
)
def test_a_placeholder_and_a_name_of_documentation_are_not(classifier: Classifier, url: str) -> None:
    assert classifier.kinds(url) == []


def test_a_page_that_shows_a_file_is_none(classifier: Classifier) -> None:
    page = "https://github.com/python/cpython/blob/main/Lib/os.py"
    assert classifier.kinds(f"{page}#L7") == []
    assert classifier.kinds(f"{page}?raw=true") == ["interesting-format"]
    assert classifier.kinds(page.replace("github.com", "github.python.org")) == ["interesting-format"]


def test_a_badge_in_a_description_is_none(classifier: Classifier) -> None:
    url = "https://img.shields.io/a/b.svg?style=flat"
    assert classifier.kinds(url, "demo-1.0.dist-info/METADATA") == []
    assert classifier.kinds(url, "README.md") == []
    assert classifier.kinds(url, "demo/core.py") == ["interesting-format"]
    assert classifier.kinds("https://a.python.org/x.exe", "README.md") == ["interesting-format"]


@given(st.text(max_size=200))
def test_any_text(classifier: Classifier, text: str) -> None:
    for url in (text, f"http://{text}", f"http://a.python.org:{text}"):
        assert len(classifier.kinds(url)) <= 3
