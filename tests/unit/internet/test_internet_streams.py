"""Conversations that are neither HTTP nor TLS."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from dnslib import DNSRecord
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from internet.dispatch import converse

from tests.unit.internet.talking import Script, lines, make_services, make_talk

if TYPE_CHECKING:
    from pathlib import Path

    from internet.conversation import Conversation


def talk_to(folder: Path, port: int, *parts: bytes) -> tuple[Conversation, Script]:
    talk, channel = make_talk(port), Script(*parts)
    asyncio.run(converse(channel, talk, make_services(folder)))
    return talk, channel


def test_unknown_bytes_are_kept_up_to_the_limit(tmp_path: Path) -> None:
    talk, channel = talk_to(tmp_path, 4444, b"\x00\x01", b"x" * 50_000, b"y" * 50_000)
    assert talk.protocol == "unknown"
    assert len(talk.head) == 65_536
    assert talk.head.startswith(b"\x00\x01x")
    assert channel.heard == b""


def test_silence_is_silence(tmp_path: Path) -> None:
    assert talk_to(tmp_path, 4444)[0].protocol == "silent"


def test_a_silent_client_of_a_mail_server_is_greeted(tmp_path: Path) -> None:
    class Waiting(Script):
        waited = False

        async def read(self, seconds: float | None = None) -> bytes:
            if not self.waited:
                self.waited = True
                raise TimeoutError
            return await super().read(seconds)

    talk, channel = make_talk(25), Waiting(b"EHLO a.example\r\n")
    asyncio.run(converse(channel, talk, make_services(tmp_path)))
    assert channel.heard.startswith(b"220 ")
    assert talk.protocol == "smtp"
    assert bytes(talk.head) == b"EHLO a.example\r\n"


def test_dns_over_tcp_in_pieces(tmp_path: Path) -> None:
    query = DNSRecord.question("a.example", "A").pack()
    framed = len(query).to_bytes(2, "big") + query
    talk, channel = talk_to(tmp_path, 53, framed[:1], framed[1:9], framed[9:] + framed)
    first = 2 + int.from_bytes(channel.heard[:2], "big")
    assert DNSRecord.parse(channel.heard[2:first]).rr == DNSRecord.parse(channel.heard[first + 2 :]).rr
    assert [(record["name"], record["transport"]) for record in lines(tmp_path, "dns")] == [("a.example", "tcp")] * 2
    assert talk.protocol == "dns"


def test_a_tunnel_in_a_tunnel_ends_somewhere(tmp_path: Path) -> None:
    connect = b"CONNECT a.example:80 HTTP/1.1\r\nHost: a.example\r\n\r\n"
    talk_to(tmp_path, 3128, connect * 50)
    assert 1 < len(lines(tmp_path, "http")) < 10


@given(st.lists(st.binary(max_size=60), max_size=6), st.sampled_from([22, 53, 80, 443, 853, 4444]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_client_is_borne(tmp_path: Path, parts: list[bytes], port: int) -> None:
    talk_to(tmp_path, port, *filter(None, parts))
