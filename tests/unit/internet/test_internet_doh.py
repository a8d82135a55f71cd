"""DNS over HTTPS, as messages and as JSON."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from dnslib import DNSRecord
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from internet.doh import answer_doh
from internet.pages import Page

from tests.unit.internet.talking import lines, make_services, make_talk

if TYPE_CHECKING:
    from pathlib import Path

MESSAGE = (("content-type", "application/dns-message"),)
QUESTION = bytes(DNSRecord.question("c2.evil.example", "TXT").pack())


def ask(
    folder: Path, method: str, target: str, headers: tuple[tuple[str, str], ...] = (), body: bytes = b""
) -> Page | None:
    return answer_doh(method, target, headers, body, make_talk(443), make_services(folder))


def test_a_message_is_answered_and_written_down(tmp_path: Path) -> None:
    page = ask(tmp_path, "POST", "/dns-query", MESSAGE, QUESTION)
    assert page is not None
    assert (page.status, page.media_type) == (200, "application/dns-message")
    assert str(DNSRecord.parse(page.body).a.rdata) == '"v=spf1 mx -all"'
    (line,) = lines(tmp_path, "dns")
    assert (line["transport"], line["name"], line["type"]) == ("https", "c2.evil.example", "TXT")


def test_a_message_in_the_address_is_the_same(tmp_path: Path) -> None:
    text = base64.urlsafe_b64encode(QUESTION).decode().rstrip("=")
    page = ask(tmp_path, "GET", f"/dns-query?dns={text}")
    assert page is not None
    assert page.body == ask(tmp_path, "POST", "/dns-query", MESSAGE, QUESTION).body  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/resolve?name=c2.evil.example&type=A", ()),
        ("/dns-query?name=c2.evil.example&type=1", (("accept", "application/dns-json"),)),
        ("/any?name=c2.evil.example", (("accept", "application/dns-json"),)),
    ],
)
def test_json(tmp_path: Path, target: str, headers: tuple[tuple[str, str], ...]) -> None:
    page = ask(tmp_path, "GET", target, headers)
    assert page is not None
    content = json.loads(page.body)
    assert content["Question"] == [{"name": "c2.evil.example", "type": 1}]
    assert content["Answer"][0]["data"].startswith(("198.51.100.", "203.0.113."))
    assert [(line["name"], line["transport"]) for line in lines(tmp_path, "dns")] == [("c2.evil.example", "https")]


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        ("GET", "/dns-query", ()),
        ("GET", "/?name=alex", ()),
        ("GET", "/x?dns=AAAA", ()),
        ("POST", "/dns-query", (("content-type", "text/plain"),)),
        ("PUT", "/dns-query", MESSAGE),
    ],
)
def test_what_does_not_ask_for_a_name_is_left_to_others(
    tmp_path: Path, method: str, target: str, headers: tuple[tuple[str, str], ...]
) -> None:
    assert ask(tmp_path, method, target, headers, QUESTION) is None
    assert lines(tmp_path) == []


@pytest.mark.parametrize(
    "target", ["/resolve?name=" + "a" * 900, "/resolve?name=a.example&type=NOPE", "/resolve?name=%00..%ff"]
)
def test_names_that_are_none_are_refused(tmp_path: Path, target: str) -> None:
    page = ask(tmp_path, "GET", target)
    assert page is not None
    assert page.status in {200, 400}


@given(body=st.binary(max_size=200), query=st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
def test_whatever_is_asked_is_answered(tmp_path: Path, body: bytes, query: str) -> None:
    page = ask(tmp_path, "POST", "/dns-query", MESSAGE, body)
    assert page is not None
    assert page.status in {200, 400}
    for target in (f"/dns-query?dns={query}", f"/resolve?name={query}", f"/resolve?name=a&type={query}"):
        found = ask(tmp_path, "GET", target)
        assert found is None or found.status in {200, 400}
