"""HTTP as the simulated internet speaks it."""

from __future__ import annotations

import asyncio
import base64
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from internet.settings import Limits
from internet.web import serve_http

from tests.unit.internet.talking import Script, lines, make_services, make_talk, pieces

if TYPE_CHECKING:
    from pathlib import Path


def talk_http(
    folder: Path, *parts: bytes, port: int = 80, tls: bool = False, limits: Limits | None = None
) -> tuple[Any, ...]:
    """What is left for another protocol, what the client heard, and what was recorded."""
    channel = Script(*parts[1:])
    rest = asyncio.run(serve_http(channel, parts[0], make_talk(port), make_services(folder, limits), tls=tls))
    return rest, channel.heard, lines(folder)


def test_several_requests_on_one_connection(tmp_path: Path) -> None:
    rest, heard, records = talk_http(
        tmp_path,
        b"GET /api/v1/me HTTP/1.1\r\nHost: shop.example\r\nX-A: 1\r\n\r\nPOST /up HT",
        b"TP/1.1\r\nHost: shop.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"2\r\nde\r\n0\r\n\r\n",
    )
    assert rest is None
    assert heard.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert [(record["method"], record["url"]) for record in records] == [
        ("GET", "http://shop.example/api/v1/me"),
        ("POST", "http://shop.example/up"),
    ]
    assert records[0]["headers"] == [["Host", "shop.example"], ["X-A", "1"]]
    assert records[1]["request_bytes"] == 5
    assert base64.b64decode(records[1]["body_head"]) == b"abcde"
    assert heard.endswith(b'{"status":"ok"}')
    assert records[1]["response_bytes"] == len(b'{"status":"ok"}')


@pytest.mark.parametrize(
    ("target", "host", "port", "tls", "url", "named"),
    [
        ("/x?q=1", "a.example", 443, True, "https://a.example/x?q=1", "a.example"),
        ("/x", "a.example", 8443, True, "https://a.example:8443/x", "a.example"),
        ("/x", "a.example:8080", 8080, False, "http://a.example:8080/x", "a.example"),
        ("/x", "a.example", 443, False, "http://a.example:443/x", "a.example"),
        ("/x", "[2001:db8::1]:81", 81, False, "http://[2001:db8::1]:81/x", "2001:db8::1"),
        ("/x", "", 80, False, "http://198.51.100.7/x", "198.51.100.7"),
        ("http://b.example/y", "b.example", 3128, False, "http://b.example/y", "b.example"),
        ("*", "a.example", 80, False, "http://a.example/", "a.example"),
    ],
)
def test_urls(tmp_path: Path, target: str, host: str, port: int, tls: bool, url: str, named: str) -> None:
    request = f"OPTIONS {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    _, _, records = talk_http(tmp_path, request, port=port, tls=tls)
    assert (records[0]["url"], records[0]["host"], records[0]["tls"]) == (url, named, tls)


def test_a_tunnel_is_left_to_what_comes_in_it(tmp_path: Path) -> None:
    rest, heard, records = talk_http(
        tmp_path, b"CONNECT b.example:8443 HTTP/1.1\r\nHost: b.example:8443\r\n\r\n\x16\x03", port=3128
    )
    assert rest == b"\x16\x03"
    assert heard.startswith(b"HTTP/1.1 200")
    assert records[0]["url"] == "b.example:8443"


def test_an_upload_that_breaks_off_is_recorded(tmp_path: Path) -> None:
    _, _, records = talk_http(tmp_path, b"PUT /x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 900\r\n\r\nsecret")
    assert (records[0]["kind"], records[0]["status"], records[0]["request_bytes"]) == ("http", 0, 6)
    assert "malformed HTTP" in records[1]["detail"]


def test_a_long_body_is_counted_and_cut(tmp_path: Path) -> None:
    head = b"POST /x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5000\r\n\r\n"
    _, _, records = talk_http(tmp_path, head, b"x" * 5000, limits=Limits(body_bytes=100))
    assert records[0]["request_bytes"] == 5000
    assert base64.b64decode(records[0]["body_head"]) == b"x" * 100


def test_a_client_that_waits_to_be_asked_is_asked(tmp_path: Path) -> None:
    head = b"POST /x HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    _, heard, records = talk_http(tmp_path, head, b"ab")
    assert heard.startswith(b"HTTP/1.1 100")
    assert records[0]["status"] == 200


def test_malformed_headers_are_answered_and_told(tmp_path: Path) -> None:
    _, heard, records = talk_http(tmp_path, b"GET / HTTP/1.1\r\nbroken header\r\n\r\n")
    assert heard.startswith(b"HTTP/1.1 400")
    assert [record["kind"] for record in records] == ["limit"]


def test_head_has_no_body(tmp_path: Path) -> None:
    _, heard, records = talk_http(tmp_path, b"HEAD / HTTP/1.1\r\nHost: a.example\r\n\r\n")
    assert heard.endswith(b"\r\n\r\n")
    assert records[0]["response_bytes"] == 0


def test_a_client_that_asks_for_a_part_gets_it(tmp_path: Path) -> None:
    request = b"GET /x.sh HTTP/1.1\r\nHost: a.example\r\nRange: bytes=0-8\r\n\r\n"
    _, heard, records = talk_http(tmp_path, request)
    assert heard.startswith(b"HTTP/1.1 206 Partial Content\r\n")
    assert heard.endswith(b"\r\n\r\n#!/bin/sh")
    assert records[0]["status"] == 206


def test_each_exchange_names_its_stream_its_mark_and_its_type(tmp_path: Path) -> None:
    _, _, records = talk_http(
        tmp_path,
        b"GET /get/x.sh HTTP/1.1\r\nHost: a.example\r\nX-Token: t0k3n\r\n\r\n"
        b"POST /up HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    )
    assert [record["response_type"] for record in records] == ["application/x-sh", "application/json"]
    assert re.fullmatch("[0-9a-f]{16}", records[0]["mark"])
    assert records[1]["mark"] == ""
    sent = pieces(tmp_path)
    assert [record["stream"] for record in records] == sorted({stream for stream, _ in sent})
    first, second = (record["stream"] for record in records)
    assert sent[first, "start"] == b"GET /get/x.sh"
    assert sent[first, "header"] == b"Host: a.example\nX-Token: t0k3n"
    assert sent[second, "body"] == b"abcde"


def test_a_response_is_one_write(tmp_path: Path) -> None:
    channel = Script()
    asyncio.run(
        serve_http(
            channel, b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", make_talk(80), make_services(tmp_path), tls=False
        )
    )
    assert channel.writes == 1


REQUEST = (
    b"POST /api/v1/x?y=1 HTTP/1.1\r\nHost: a.example\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\nGET /x.sh HTTP/1.1\r\nHost: b.example\r\nRange: bytes=1-\r\n\r\n"
)


@given(
    changes=st.lists(st.tuples(st.integers(0, len(REQUEST) - 1), st.integers(0, 255)), max_size=6),
    cut=st.integers(1, len(REQUEST)),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_a_changed_exchange_is_answered_or_told_to_be_malformed(
    tmp_path: Path, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(REQUEST)
    for place, value in changes:
        data[place] = value
    _, heard, records = talk_http(tmp_path, bytes(data[:cut]), bytes(data[cut:]))
    assert heard.startswith(b"HTTP/1.1 ") or not heard
    assert {record["kind"] for record in records} <= {"http", "limit", "exchange"}
    if not changes:
        assert [record["status"] for record in records if record["kind"] == "http"] == [200, 206]
