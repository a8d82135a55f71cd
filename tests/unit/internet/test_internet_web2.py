"""HTTP/2 as the simulated internet speaks it, met by h2's own client."""

from __future__ import annotations

import asyncio
import base64
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, ResponseReceived, SettingsAcknowledged, StreamEnded, StreamReset
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from internet.web2 import serve_http2

from tests.unit.internet.talking import Script, lines, make_services, make_talk, pieces

if TYPE_CHECKING:
    from pathlib import Path

HEADERS = [(":method", "GET"), (":scheme", "https"), (":authority", "shop.example"), (":path", "/api/v1/me")]


class Browser:
    """A client that answers what it hears, as a channel; it ends when all its streams have."""

    def __init__(self, *requests: tuple[list[tuple[str, str]], bytes], window: int = 65_535) -> None:
        self._connection = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self._connection.local_settings = Settings(
            client=True, initial_values={SettingCodes.INITIAL_WINDOW_SIZE: window}
        )
        self._connection.initiate_connection()
        self.responses: dict[int, dict[str, str]] = {}
        self.bodies: dict[int, bytes] = {}
        self.ended: set[int] = set()
        self._asked = len(requests)
        self._sent = b""
        for headers, body in requests:
            stream = self._connection.get_next_available_stream_id()
            self._connection.send_headers(stream, headers, end_stream=not body)
            if body:
                self._connection.send_data(stream, body, end_stream=True)
            self.bodies[stream] = b""

    async def read(self, seconds: float | None = None) -> bytes:
        data = self._connection.data_to_send()
        self._sent += data
        return b"" if len(self.ended) == self._asked else data

    async def write(self, data: bytes) -> None:
        for event in self._connection.receive_data(data):
            if isinstance(event, ResponseReceived):
                self.responses[event.stream_id] = dict(event.headers)
            elif isinstance(event, DataReceived):
                self.bodies[event.stream_id] += event.data
                self._connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, StreamEnded | StreamReset):
                self.ended.add(event.stream_id)
            else:
                assert not isinstance(event, SettingsAcknowledged) or event.changed_settings is not None


def browse(folder: Path, browser: Browser, port: int = 443, *, tls: bool = True) -> list[dict[str, Any]]:
    async def serve() -> None:
        first = await browser.read()
        assert await serve_http2(browser, first, make_talk(port), make_services(folder), tls=tls) is None

    asyncio.run(serve())
    return lines(folder)


def test_several_requests_at_once(tmp_path: Path) -> None:
    post = [(":method", "POST"), *HEADERS[1:3], (":path", "/up?x=1"), ("x-token", "t0k3n")]
    browser = Browser((HEADERS, b""), (post, b"abcde"))
    records = browse(tmp_path, browser)
    assert {stream: one[":status"] for stream, one in browser.responses.items()} == {1: "200", 3: "200"}
    assert browser.responses[1]["content-type"] == "application/json"
    assert browser.bodies[1].startswith(b'{"status":"ok","id":"')
    assert browser.bodies[3] == b'{"status":"ok"}'
    told = {record["method"]: record for record in records}
    assert told["GET"]["url"] == "https://shop.example/api/v1/me"
    assert (told["GET"]["host"], told["GET"]["version"], told["GET"]["tls"]) == ("shop.example", "2", True)
    assert told["POST"]["headers"] == [["host", "shop.example"], ["x-token", "t0k3n"]]
    assert base64.b64decode(told["POST"]["body_head"]) == b"abcde"
    assert told["POST"]["response_bytes"] == len(b'{"status":"ok"}')
    sent = pieces(tmp_path)
    assert sent[told["POST"]["stream"], "start"] == b"POST /up?x=1"
    assert sent[told["POST"]["stream"], "header"] == b"host: shop.example\nx-token: t0k3n"
    assert sent[told["POST"]["stream"], "body"] == b"abcde"


def test_a_client_with_little_room_gets_all_of_a_body(tmp_path: Path) -> None:
    browser = Browser(([*HEADERS[:3], (":path", "/a.tar")], b""), window=1000)
    (record,) = browse(tmp_path, browser)
    assert len(browser.bodies[1]) == 10_240 == record["response_bytes"]


def test_head_has_no_body(tmp_path: Path) -> None:
    browser = Browser(([(":method", "HEAD"), *HEADERS[1:]], b""))
    (record,) = browse(tmp_path, browser)
    assert (browser.bodies[1], record["response_bytes"], record["status"]) == (b"", 0, 200)


def test_in_the_clear_the_url_says_so(tmp_path: Path) -> None:
    (record,) = browse(tmp_path, Browser((HEADERS, b"")), 8080, tls=False)
    assert record["url"] == "http://shop.example:8080/api/v1/me"


def test_a_client_that_gives_no_room_leaves_a_line(tmp_path: Path) -> None:
    """The answer is decided; its body stays where it is until the client ends."""
    client = H2Connection(H2Configuration(client_side=True))
    client.local_settings = Settings(client=True, initial_values={SettingCodes.INITIAL_WINDOW_SIZE: 0})
    client.initiate_connection()
    client.send_headers(1, HEADERS, end_stream=True)
    channel = Script()
    asyncio.run(serve_http2(channel, client.data_to_send(), make_talk(443), make_services(tmp_path), tls=True))
    assert [event.stream_id for event in client.receive_data(channel.heard) if isinstance(event, ResponseReceived)] == [
        1
    ]
    assert [record["status"] for record in lines(tmp_path)] == [200]


def test_an_upload_that_breaks_off_is_recorded(tmp_path: Path) -> None:
    client = H2Connection(H2Configuration(client_side=True))
    client.initiate_connection()
    client.send_headers(1, [(":method", "PUT"), *HEADERS[1:]])
    client.send_data(1, b"secret")
    asyncio.run(serve_http2(Script(), client.data_to_send(), make_talk(443), make_services(tmp_path), tls=True))
    (record,) = lines(tmp_path)
    assert (record["status"], record["request_bytes"]) == (0, 6)


def test_resets_leave_a_line_each_and_nothing_behind(tmp_path: Path) -> None:
    client = H2Connection(H2Configuration(client_side=True))
    client.initiate_connection()
    for stream in range(1, 401, 2):
        client.send_headers(stream, HEADERS)
        client.reset_stream(stream)
    asyncio.run(serve_http2(Script(), client.data_to_send(), make_talk(443), make_services(tmp_path), tls=True))
    assert len(lines(tmp_path, "http")) == 200


@pytest.mark.parametrize(
    "junk", [b"\x00\x00\x05\xff\xff\xff\xff\xff\xff12345", b"\x00\x00\x01\x01\x05\x00\x00\x00\x01\xff"]
)
def test_what_is_malformed_is_told(tmp_path: Path, junk: bytes) -> None:
    client = H2Connection(H2Configuration(client_side=True))
    client.initiate_connection()
    asyncio.run(serve_http2(Script(), client.data_to_send() + junk, make_talk(443), make_services(tmp_path), tls=True))
    assert {record["kind"] for record in lines(tmp_path)} <= {"limit"}


@cache
def conversation() -> bytes:
    """What a client says in an ordinary exchange."""
    client = H2Connection(H2Configuration(client_side=True))
    client.initiate_connection()
    client.send_headers(1, [(":method", "POST"), *HEADERS[1:], ("accept", "application/json")])
    client.send_data(1, b"a=b", end_stream=True)
    client.send_headers(3, HEADERS, end_stream=True)
    client.ping(b"12345678")
    return bytes(client.data_to_send())


@given(
    changes=st.lists(st.tuples(st.integers(24, len(conversation()) - 1), st.integers(0, 255)), max_size=6),
    cut=st.integers(0, len(conversation())),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_a_changed_conversation_is_answered_or_told_to_be_malformed(
    tmp_path: Path, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(conversation())
    for place, value in changes:
        data[place] = value
    channel = Script(bytes(data[cut:]))
    asyncio.run(serve_http2(channel, bytes(data[:cut]), make_talk(443), make_services(tmp_path), tls=True))
    assert {record["kind"] for record in lines(tmp_path)} <= {"http", "limit"}
    if not changes and cut:
        assert len(lines(tmp_path, "http")) == 2


@given(st.binary(max_size=400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
def test_any_bytes_behind_the_preface_do_no_harm(tmp_path: Path, junk: bytes) -> None:
    first = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + junk
    asyncio.run(serve_http2(Script(), first, make_talk(443), make_services(tmp_path), tls=True))
    with pytest.raises(ProtocolError):
        H2Connection(H2Configuration(client_side=False)).receive_data(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")


def test_a_window_that_is_widened_before_the_request_has_ended_ends_nothing(tmp_path: Path) -> None:
    """As httpx does for each of its streams."""
    client = H2Connection(H2Configuration(client_side=True))
    client.initiate_connection()
    client.send_headers(1, [(":method", "POST"), *HEADERS[1:]])
    client.increment_flow_control_window(1 << 20, 1)
    begun = client.data_to_send()
    client.send_data(1, b"a body", end_stream=True)
    script = Script(begun, client.data_to_send())
    asyncio.run(serve_http2(script, asyncio.run(script.read()), make_talk(443), make_services(tmp_path), tls=True))
    (line,) = lines(tmp_path, "http")
    assert (line["status"], line["request_bytes"]) == (200, 6)
