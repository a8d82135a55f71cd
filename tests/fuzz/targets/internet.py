"""The simulated internet: a client that says anything, on the port of each protocol."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from internet.conversation import MalformedError, Services
from internet.datagrams import ntp_answer, original_destination, stun_answer
from internet.dispatch import converse
from internet.hello import handshake_message, parse_client_hello
from internet.resolver import Resolver
from internet.websocket import answer

from tests.fuzz.target import target
from tests.unit.internet.talking import Script, make_services, make_talk
from tests.unit.internet.test_internet_hostile import RECORDED

HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
CLIENTS = RECORDED | {
    "http1": (80, b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"),
    "doh": (443, b"GET /dns-query?name=a.example&type=A&dns=AAABAAABAAAAAAAAAWEHZXhhbXBsZQAAAQAB&a=1&b=2 HTTP/1.1\r\nHost: a\r\nAccept: application/dns-message\r\n\r\n"),
    "http2": (80, HTTP2 + b"\0\0\0\4\0\0\0\0\0" + b"\0\0\x05\1\5\0\0\0\1\x82\x84\x86\x41\x00"),
    "websocket": (80, b"GET /w HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n\r\n\x81\x81\0\0\0\0a"),
    "ssh": (22, b"SSH-2.0-a\r\n"),
    "unknown": (4444, b"hello"),
}  # fmt: skip
PIECES = (b"\r\n", b"\0", b"\xff", b" ", b"99999999999", b"-1", b"%s", b"{1}", b"*1\r\n", b"$-1\r\n", b"\x16\x03\x01")

_FOLDER = TemporaryDirectory(prefix="fuzz-")
"""Where all conversations are recorded; it goes with the process."""


@cache
def _services() -> Services:
    return make_services(Path(_FOLDER.name))


def _bear(port: int, data: bytes) -> None:
    """The parts of the input stand between bytes 0xFE 0xFE, as packets of a connection would."""
    asyncio.run(converse(Script(*filter(None, data.split(b"\xfe\xfe")[:50])), make_talk(port), _services()))


for _name, (_port, _said) in CLIENTS.items():
    target(_said, *_said.split(b"\r\n")[:12], *PIECES, name=f"client-{_name}")(partial(_bear, _port))


@target(b"\0\1\1\0\0\1\0\0\0\0\0\1", b"\1a\7example\0", b"\xc0\x0c", b"\0\1\0\1", b"\0\x29\x10\0", b"\x3f" + b"a" * 63)
def dns_message(data: bytes) -> None:
    Resolver().reply(data)
    Resolver().reply(data, datagram=True)


@target(
    b"\x16\x03\x01\0\x2a\1\0\0\x26\3\3",
    b"\0\0\0\x0e\0\x0c\0\0\x09",
    b"a.example",
    b"\0\x10\0\5\0\3\2h2",
    b"\0\0",
    b"\xff\xff",
)
def tls_greeting(data: bytes) -> None:
    with suppress(ValueError, MalformedError):
        handshake_message(data)
    with suppress(ValueError, MalformedError):
        parse_client_hello(data)


@target(b"\0\1\0\0\x21\x12\xa4\x42", b"\x1b" + bytes(47))
def datagrams(data: bytes) -> None:
    ntp_answer(data)
    stun_answer(data, ("192.0.2.1", 4000))
    stun_answer(data, ("2001:db8::1", 4000))
    original_destination(0, 20, data)
    original_destination(41, 74, data)


@target(b'{"id":1,"method":"', b"}", b'"jsonrpc"', b"[", b"NaN")
def websocket_message(data: bytes) -> None:
    answer(data)
