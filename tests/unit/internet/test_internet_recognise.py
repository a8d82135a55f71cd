"""The first bytes of a connection."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from internet.recognise import LINE_LIMIT, Spoken, recognise

from analyzer.trace.packets import protocols


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
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Spoken.HTTP2),
        (b"EHLO host.example\r\n", Spoken.SMTP),
        (b"SSH-2.0-client\r\n", Spoken.SSH),
        (b"SS", Spoken.UNDECIDED),
        (b"USER alex\r\n", Spoken.FTP),
        (b"AUTH TLS\r\n", Spoken.FTP),
        (b"USER alex 0 * :Alex\r\n", Spoken.IRC),
        (b"PASS word\r\n", Spoken.UNDECIDED),
        (b"PASS word\r\nNICK a\r\n", Spoken.IRC),
        (b"PASS word\r\nLIST\r\n", Spoken.OTHER),
        (b"a1 LOGIN alex word\r\n", Spoken.IMAP),
        (b"CAPA\r\n", Spoken.POP3),
        (b"*1\r\n$4\r\nPING\r\n", Spoken.REDIS),
        (b"*1\r\n", Spoken.UNDECIDED),
        (b"*x\r\n$4\r\n", Spoken.OTHER),
        (b'{"id": 1, "method": "mining.subscribe", "params": []}\n', Spoken.STRATUM),
        (b'{"id": 1, "method": "mining.subscribe"', Spoken.UNDECIDED),
        (b'{"id": 1, "method": "eth_call"}\n', Spoken.OTHER),
        (b"\x10\x0c\x00\x04MQTT", Spoken.MQTT),
        (b"\x10\x80\x01\x00\x06MQI", Spoken.UNDECIDED),
        (b"\x10\x0c\x00\x04MQXX", Spoken.OTHER),
        (b"\x05\x01\x00", Spoken.SOCKS),
        (b"\x05\x02\x00", Spoken.UNDECIDED),
        (b"\x05\x00", Spoken.OTHER),
        (b"\x04\x01\x00\x50\xc0\x00\x02\x07me\x00", Spoken.SOCKS),
        (b"\x04\x01\x00\x50\xc0\x00", Spoken.UNDECIDED),
        (b"\x04\x09", Spoken.OTHER),
        (b"\xff\xfb\x01", Spoken.TELNET),
        (b"\xff\xd8\xff", Spoken.OTHER),
        (b"\x00\x1b\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", Spoken.DNS),
        (b"key\x00value\n", Spoken.OTHER),
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


@pytest.mark.parametrize(
    ("data", "port", "spoken"),
    [
        (b"USER alex\r\n", 110, Spoken.POP3),
        (b"SET key value\r\n", 6379, Spoken.REDIS),
        (b"SET key value\r\n", 80, Spoken.OTHER),
        (b"GET / HTTP/1.1\r\n", 53, Spoken.HTTP),
        (b"\x01\x1b", 53, Spoken.UNDECIDED),
    ],
)
def test_the_port_decides_where_the_bytes_do_not(data: bytes, port: int, spoken: Spoken) -> None:
    assert recognise(data, port) is spoken


NAMES = {Spoken.HTTP2: "http", Spoken.OTHER: "unknown", Spoken.POP3: "unknown", Spoken.IMAP: "unknown"}
"""What the analyzer, which has fewer names and a whole head, calls the same."""


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"EHLO host.example\r\n", b"SSH-2.0-client\r\n", b"USER alex\r\n",
        b"USER alex 0 * :Alex\r\n", b"PASS word\r\nNICK a\r\n", b"a1 LOGIN alex word\r\n", b"*1\r\n$4\r\nPING\r\n",
        b'{"id": 1, "method": "login", "params": {}}\n', b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c", b"\x05\x01\x00", b"\xff\xfb\x01",
        b"\x04\x01\x00\x50\xc0\x00\x02\x07me\x00", b"\x16\x03\x01\x02\x00\x01", b"hello\n",
    ],
)  # fmt: skip
def test_the_analyzer_names_it_alike(data: bytes) -> None:
    spoken = recognise(data, 9)
    assert protocols.recognise(data, "tcp", 9) == NAMES.get(spoken, spoken.value)


@given(st.binary(max_size=200))
def test_a_decision_stays_when_more_bytes_come(data: bytes) -> None:
    decided = recognise(data)
    if decided is not Spoken.UNDECIDED:
        assert recognise(data + b" more\r\n") is decided


@given(st.from_regex(rb"[A-Z]{1,12} /[!-~]{0,60} HTTP/1\.[01]\r\n", fullmatch=True), st.integers(0, 100))
def test_no_prefix_of_a_request_line_is_taken_for_something_else(line: bytes, cut: int) -> None:
    assert recognise(line) is Spoken.HTTP
    assert recognise(line[:cut]) in {Spoken.UNDECIDED, Spoken.HTTP}
