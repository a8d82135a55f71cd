"""WebSocket as the simulated internet speaks it, met by wsproto's own client."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from internet.web import serve_http
from internet.websocket import answer
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Event, Ping, Pong, Request, TextMessage

from tests.unit.internet.talking import Script, lines, make_services, make_talk, pieces

if TYPE_CHECKING:
    from pathlib import Path


def said(*events: Event) -> tuple[bytes, bytes, WSConnection]:
    """The upgrade, what comes behind it, and the client that says it."""
    client = WSConnection(ConnectionType.CLIENT)
    request = client.send(Request(host="live.example", target="/feed?x=1", subprotocols=["chat"]))
    key = next(
        line.partition(b": ")[2].strip()
        for line in request.split(b"\r\n")
        if line.lower().startswith(b"sec-websocket-key")
    )
    listener = WSConnection(ConnectionType.SERVER)
    listener.receive_data(request)
    list(listener.events())
    assert key
    client.receive_data(listener.send(AcceptConnection(subprotocol="chat")))
    list(client.events())
    return request, b"".join(client.send(event) for event in events), client


def talk(folder: Path, *parts: bytes) -> bytes:
    """What the client heard."""
    channel = Script(*parts[1:])
    asyncio.run(serve_http(channel, parts[0], make_talk(80), make_services(folder), tls=False))
    return channel.heard


def test_messages_are_answered_and_written_down(tmp_path: Path) -> None:
    request, frames, client = said(
        TextMessage("he", message_finished=False),
        TextMessage("llo"),
        BytesMessage(b"\x00\xff"),
        Ping(b"p"),
        CloseConnection(1000),
    )
    heard = talk(tmp_path, request, frames)
    head, _, rest = heard.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert b"sec-websocket-protocol: chat" in head.lower()
    client.receive_data(rest)
    text, data, pong, close = client.events()
    assert isinstance(text, TextMessage)
    assert text.data == '{"ok":true}'
    assert isinstance(data, BytesMessage)
    assert data.data == b"\x00\xff"
    assert isinstance(pong, Pong)
    assert isinstance(close, CloseConnection)
    (http,) = lines(tmp_path, "http")
    assert (http["status"], http["url"]) == (101, "http://live.example/feed?x=1")
    messages = lines(tmp_path, "exchange")
    assert [(one["verb"], one["request_bytes"]) for one in messages] == [("message", 5), ("message", 2), ("close", 0)]
    assert {(one["protocol"], one["url"]) for one in messages} == {("websocket", "ws://live.example/feed?x=1")}
    (stream,) = {one["stream"] for one in messages}
    assert pieces(tmp_path)[stream, "payload"] == b"hello\x00\xff"


def test_frames_in_single_bytes_are_the_same(tmp_path: Path) -> None:
    request, frames, _ = said(TextMessage("hello"))
    talk(tmp_path, request, *(bytes([byte]) for byte in frames))
    assert [one["request_bytes"] for one in lines(tmp_path, "exchange")] == [5]


def test_a_message_that_breaks_off_is_written_down(tmp_path: Path) -> None:
    request, frames, _ = said(TextMessage("secret", message_finished=False))
    talk(tmp_path, request + frames)
    assert [(one["verb"], one["request_bytes"]) for one in lines(tmp_path, "exchange")] == [("message", 6)]


def test_a_frame_without_its_mask_is_malformed(tmp_path: Path) -> None:
    request, _, _ = said()
    talk(tmp_path, request, b"\x81\x02hi")
    assert ["malformed WebSocket" in one["detail"] for one in lines(tmp_path, "limit")] == [True]


@pytest.mark.parametrize("header", [b"Upgrade: h2c", b"Upgrade: websocket"])
def test_other_upgrades_are_ordinary_requests(tmp_path: Path, header: bytes) -> None:
    heard = talk(tmp_path, b"GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\n" + header + b"\r\n\r\n")
    assert heard.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        (b"ping", "pong"),
        (b"hello", '{"ok":true}'),
        (b'{"id":7,"method":"x"}', '{"id":7,"ok":true,"result":{}}'),
        (b'{"id":{}}', '{"ok":true}'),
        (b"[1]", '{"ok":true}'),
        (b"[" * 5000, '{"ok":true}'),
        (b"\xff", '{"ok":true}'),
    ],
)
def test_answers(message: bytes, reply: str) -> None:
    assert answer(message) == reply
    assert reply == "pong" or json.loads(reply)["ok"]


@cache
def frames() -> tuple[bytes, bytes]:
    request, data, _ = said(
        TextMessage('{"id":1}'), BytesMessage(b"x" * 200), Ping(b"1"), CloseConnection(1001, "done")
    )
    return request, data


@given(changes=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=6), cut=st.integers(0, 230))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
def test_changed_frames_are_answered_or_told_to_be_malformed(
    tmp_path: Path, changes: list[tuple[int, int]], cut: int
) -> None:
    request, data = frames()
    changed = bytearray(data)
    for place, value in changes:
        changed[place] = value
    heard = talk(tmp_path, request, bytes(changed[:cut]), bytes(changed[cut:]))
    assert heard.startswith(b"HTTP/1.1 101")
    assert {one["kind"] for one in lines(tmp_path)} <= {"http", "exchange", "limit"}
    if not changes and 0 < cut < len(data):
        assert [one["verb"] for one in lines(tmp_path, "exchange")] == ["message", "message", "close"]
