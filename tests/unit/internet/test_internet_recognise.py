"""The first bytes of a connection."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from internet.recognise import LINE_LIMIT, Spoken, recognise


@pytest.mark.parametrize(
    ("data", "spoken"),
    [
        (b"", Spoken.UNDECIDED),
        (b"G", Spoken.UNDECIDED),
        (b"GET /index.html HT", Spoken.UNDECIDED),
        (b"GET / HTTP/1.1\r", Spoken.UNDECIDED),
        (b"GET / HTTP/1.1\r\n", Spoken.HTTP),
        (b"M-SEARCH * HTTP/1.1\r\nHost: a.example\r\n", Spoken.HTTP),
        (b"POST /\xff\xfe HTTP/1.0\n", Spoken.HTTP),
        (b"GET key\r\n", Spoken.OTHER),
        (b"GET /\r\n", Spoken.OTHER),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Spoken.OTHER),
        (b"EHLO host.example\r\n", Spoken.OTHER),
        (b"SSH-2.0-client\r\n", Spoken.OTHER),
        (b"\x16", Spoken.UNDECIDED),
        (b"\x16\x03\x01\x02\x00", Spoken.UNDECIDED),
        (b"\x16\x03\x01\x02\x00\x01", Spoken.TLS),
        (b"\x16\x03\x01\x02\x00\x02", Spoken.OTHER),
        (b"\x16\x04", Spoken.OTHER),
        (b"\x00\x01\x02", Spoken.OTHER),
        (b"A" * LINE_LIMIT, Spoken.OTHER),
    ],
)
def test_recognise(data: bytes, spoken: Spoken) -> None:
    assert recognise(data) is spoken


@given(st.binary(max_size=200))
def test_a_decision_stays_when_more_bytes_come(data: bytes) -> None:
    decided = recognise(data)
    if decided is not Spoken.UNDECIDED:
        assert recognise(data + b" more\r\n") is decided


@given(st.from_regex(rb"[A-Z]{1,12} /[!-~]{0,60} HTTP/1\.[01]\r\n", fullmatch=True), st.integers(0, 100))
def test_no_prefix_of_a_request_line_is_taken_for_something_else(line: bytes, cut: int) -> None:
    assert recognise(line) is Spoken.HTTP
    assert recognise(line[:cut]) in {Spoken.UNDECIDED, Spoken.HTTP}
