from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.content.urls import UrlBook, find_urls
from analyzer.model.filefacts import MAX_URL, MAX_URLS


def urls(text: str | bytes, *, binary: bool = False) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    return [url for _, url in sorted(find_urls(data, binary=binary))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://a.example/b.", "https://a.example/b"),
        ("(see http://a.example/b(c))", "http://a.example/b(c)"),
        ("[text](http://a.example/b)", "http://a.example/b"),
        ("`http://a.example`_", "http://a.example"),
        ("<http://a.example/>", "http://a.example/"),
        ("u = 'http://a.example:8080/x?y=1&z=2#f'", "http://a.example:8080/x?y=1&z=2#f"),
        ('"http://user:pass@a.example/"', "http://user:pass@a.example/"),
        ("http://[2001:db8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("HTTPS://A.example/", "https://A.example/"),
        ("git+https://a.example/r.git@v1", "https://a.example/r.git@v1"),
        ("ftp://a.example/f", "ftp://a.example/f"),
        ("wss://a.example/s", "wss://a.example/s"),
        (r'{"u": "http:\/\/a.example\/b"}', "http://a.example/b"),
        ("http://пример.рф/путь", "http://пример.рф/путь"),
        ('f"http://{host}:{port}/x"', "http://{host}:{port}/x"),
        ("| http://a.example/b | c |", "http://a.example/b"),
        ("xhttp://a.example", "http://a.example"),
    ],
)
def test_an_address_ends_where_the_sentence_around_it_goes_on(text: str, expected: str) -> None:
    assert urls(text) == [expected]


@pytest.mark.parametrize(
    "text", ["news://a.example", "sftp://a.example", "file:///etc/passwd", "a://b", "http://", "://", "https://."]
)
def test_what_is_none(text: str) -> None:
    assert urls(text) == []


def test_an_address_in_anothers_query_is_found_too() -> None:
    assert urls("http://a.example/?u=http://b.example/x") == [
        "http://a.example/?u=http://b.example/x",
        "http://b.example/x",
    ]


def test_in_a_binary_file_it_ends_where_ascii_does() -> None:
    data = b"\x7fELF\0http://a.example/b\xff\xfeabc\0ws://c.example\0"
    assert urls(data, binary=True) == ["http://a.example/b", "ws://c.example"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_letters(encoding: str) -> None:
    data = b"\1\2" + "x http://a.example/b y".encode(encoding)
    assert urls(data, binary=True) == ["http://a.example/b"]


def test_a_long_one_is_cut() -> None:
    (found,) = urls("http://a.example/" + "x" * 10_000)
    assert len(found) == MAX_URL + len("http://")


@given(st.binary(max_size=3000))
def test_any_bytes(data: bytes) -> None:
    for binary in (False, True):
        for place, url in find_urls(data, binary=binary):
            assert 0 <= place < len(data)
            assert "://" in url
            assert len(url) <= 4 * MAX_URL + 10


@given(
    st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=40),
    st.binary(max_size=200),
    st.sampled_from([b'"', b"'", b" ", b"\n", b"<", b"\0"]),
)
def test_no_bytes_around_an_address_hide_it(path: str, noise: bytes, quote: bytes) -> None:
    data = noise + quote + f"http://a.example/{path}".encode() + quote + noise
    assert f"http://a.example/{path}" in urls(data)
    assert f"http://a.example/{path}" in urls(data, binary=True)


def test_a_book_counts_and_says_when_it_is_full() -> None:
    book = UrlBook()
    for number in range(MAX_URLS):
        book.add(f"http://a.example/{number}", "a.py", number)
    book.add("http://a.example/7", "b.py", 3)
    assert [book.full] == [False]
    assert [(one.file, one.line, one.count) for one in book.facts() if one.url.endswith("/7")] == [("a.py", 7, 2)]
    book.add("http://one.example/more", "b.py", 3)
    assert book.full
    assert len(book.facts()) == MAX_URLS
