"""Clients that keep to no protocol: random bytes after each recognised beginning, and recorded conversations with changes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from internet.conversation import MalformedError, Services
from internet.dispatch import converse
from internet.protocols.packets import Fields

from tests.unit.internet.talking import Script, make_services, make_talk

if TYPE_CHECKING:
    from collections.abc import Callable

RECORDED = {
    "smtp": (25, (b"EHLO a\r\nAUTH LOGIN\r\nYWxleA==\r\ncDRzcw==\r\nMAIL FROM:<a@a>\r\nRCPT TO:<b@b>\r\nDATA\r\nSubject: x\r\n"
             b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Transfer-Encoding: base64\r\n\r\neA==\r\n--q--\r\n.\r\nSTARTTLS\r\n")),
    "ftp": (21, b"USER a\r\nPASS b\r\nCWD /x\r\nPASV\r\nEPSV\r\nSIZE a.sh\r\nMKD n\r\nTYPE I\r\nPROT P\r\nPWD\r\nAUTH TLS\r\n"),
    "pop3": (110, b"USER a\r\nPASS b\r\nSTAT\r\nLIST\r\nTOP 1 1\r\nSTLS\r\n"),
    "imap": (143, b"a LOGIN {1}\r\na b\r\nb SELECT INBOX\r\nc APPEND x {3+}\r\nabc\r\nd AUTHENTICATE PLAIN\r\nAGEAYg==\r\n"),
    "irc": (6667, b"PASS x\r\nNICK a\r\nUSER a b c :d\r\nCAP REQ :sasl\r\nJOIN #a,#b\r\n@t :p!u@h PRIVMSG #a :x\r\nMODE #a\r\n"),
    "redis": (6379, b"*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n*1\r\n$5\r\nMULTI\r\nGET k\r\n*1\r\n$4\r\nEXEC\r\n"),
    "mqtt": (1883, bytes.fromhex("100d00044d51545405c2003c00000161") + b"\x82\x07\0\1\0\0\1#\1" + b"\x34\x06\0\1t\0\2\0" + b"\xc0\0"),
    "stratum": (3333, b'{"id":1,"method":"mining.subscribe","params":["x"]}\n{"id":2,"method":"login","params":{"login":"w"}}\n'),
    "socks5": (1080, b"\x05\x02\x00\x02\x05\x01\x00\x03\x01a\x00\x50GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "socks4": (1080, b"\x04\x01\x00\x50\x00\x00\x00\x01u\0name\0NICK a\r\n"),
    "telnet": (23, b"\xff\xfb\x01\xff\xfa\x18\0x\xff\xf0root\r\nword\r\nls\r\n"),
    "dns": (53, bytes.fromhex("001d123401000001000000000001") + b"\x01a\x00\x00\x01\x00\x01" + bytes.fromhex("0000290200000000000000")),
    "http": (3128, b"CONNECT a:25 HTTP/1.1\r\nHost: a\r\n\r\nEHLO a\r\nQUIT\r\n"),
    "tls": (443, b"\x16\x03\x01\x00\x2a\x01\x00\x00\x26\x03\x03" + bytes(32) + b"\x00\x00\x02\x13\x01\x01\x00"),
}  # fmt: skip
"""A port and what a client says there."""


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    return make_services(tmp_path_factory.mktemp("record"))


def bear(services: Services, port: int, *parts: bytes) -> None:
    """Whatever is said, a conversation ends without an exception."""
    asyncio.run(converse(Script(*filter(None, parts)), make_talk(port), services))


@pytest.mark.parametrize("name", RECORDED)
@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_conversation_is_borne(services: Services, name: str, data: st.DataObject) -> None:
    port, recorded = RECORDED[name]
    said = bytearray(recorded)
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(said)))
        end = at + data.draw(st.integers(0, 3))
        said[at:end] = data.draw(
            st.binary(max_size=4) | st.sampled_from([b"\r\n", b"\n", b"\0", b"\xff", b" ", b"99999999"])
        )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(said)), max_size=4)))
    bear(services, port, *(bytes(said[begin:end]) for begin, end in zip([0, *cuts], [*cuts, len(said)], strict=True)))


@pytest.mark.parametrize("name", RECORDED)
@given(tail=st.lists(st.binary(max_size=80), max_size=4), keep=st.integers(0, 40))
@settings(max_examples=25, deadline=None)
def test_anything_after_a_beginning_is_borne(services: Services, name: str, tail: list[bytes], keep: int) -> None:
    port, recorded = RECORDED[name]
    bear(services, port, recorded[:keep], *tail)


@pytest.mark.parametrize("name", RECORDED)
def test_a_byte_at_a_time_is_understood_as_well(services: Services, name: str) -> None:
    port, recorded = RECORDED[name]
    whole, slow = Script(recorded), Script(*(recorded[at : at + 1] for at in range(len(recorded))))
    for channel in (whole, slow):
        asyncio.run(converse(channel, make_talk(port), services))
    assert len(slow.heard) == pytest.approx(len(whole.heard), abs=200)  # a greeting's place and random jobs apart


@given(st.binary(max_size=60), st.lists(st.sampled_from(["text", "properties", "number", "rest"]), max_size=6))
def test_fields_of_a_packet_are_taken_or_refused(data: bytes, steps: list[str]) -> None:
    fields = Fields(data)
    takes: dict[str, Callable[[], object]] = {
        "text": fields.text, "properties": fields.properties, "rest": fields.rest, "number": lambda: fields.number(2),
    }  # fmt: skip
    taken = b""
    try:
        for step in steps:
            found = takes[step]()
            taken += found if isinstance(found, bytes) else b""
    except MalformedError:
        pass
    assert len(taken) <= len(data)
