"""Certificates and TLS, with OpenSSL's own client in memory."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

import pytest
from internet.authority import CACHE, Authority
from internet.channel import TlsChannel
from internet.streams import Streams

from tests.unit.internet.talking import lines, make_services, make_talk

if TYPE_CHECKING:
    from pathlib import Path


class Client:
    """A TLS client as a channel: what it sends is read by the server, and the other way round."""

    def __init__(self, authority: Authority, name: str, say: bytes, *, trusting: bool = True) -> None:
        context = ssl.create_default_context()
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        if trusting:
            context.load_verify_locations(cadata=authority.certificate.decode("ascii"))
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        self._say = say
        self.error = ""
        self.heard = b""

    async def read(self, seconds: float | None = None) -> bytes:
        try:
            self._tls.do_handshake()
            if self._say:
                self._tls.write(self._say)
                self._say = b""
            self.heard += self._tls.read(65_536)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self.error = str(error)
        return self._outgoing.read()

    async def write(self, data: bytes) -> None:
        self._incoming.write(data)


@pytest.mark.parametrize("name", ["www.shop.example", "198.51.100.7", "2001:db8::5", "under_score.example"])
def test_a_trusting_client_is_satisfied(name: str) -> None:
    authority = Authority()
    client = Client(authority, name, b"hello")

    async def serve() -> bytes:
        channel = TlsChannel(client, authority.context("" if name[0].isdigit() else name, name), await client.read())
        assert (await channel.handshake()).startswith("TLSv1.")
        await channel.write(b"welcome")
        return await channel.read()

    assert asyncio.run(serve()) == b"hello"


def test_a_conversation_goes_on_inside_tls(tmp_path: Path) -> None:
    services = make_services(tmp_path)
    client = Client(services.authority, "www.shop.example", b"GET /x HTTP/1.1\r\nHost: www.shop.example\r\n\r\n")
    asyncio.run(Streams(services)._converse(client, b"", make_talk(443), 0, tls=False))
    tls, http = lines(tmp_path)
    assert (tls["sni"], tls["completed"], tls["detail"]) == ("www.shop.example", True, "")
    assert (http["url"], http["tls"]) == ("https://www.shop.example/x", True)


def test_a_client_that_refuses_is_told_so(tmp_path: Path) -> None:
    services = make_services(tmp_path)
    client = Client(services.authority, "www.shop.example", b"never", trusting=False)
    talk = make_talk(443)
    asyncio.run(Streams(services)._converse(client, b"", talk, 0, tls=False))
    (tls,) = lines(tmp_path)
    assert not tls["completed"]
    assert "UNKNOWN_CA" in tls["detail"].upper().replace(" ", "_")
    assert talk.protocol == "tls"
    assert talk.head.startswith(b"\x16\x03")


def test_contexts_are_kept_and_bounded() -> None:
    authority = Authority()
    first = authority.context("a.example", "198.51.100.7")
    assert authority.context("A.example", "198.51.100.7") is first
    for number in range(CACHE):
        authority.context(f"b{number}.example", "198.51.100.7")
    assert authority.context("a.example", "198.51.100.7") is not first


@pytest.mark.parametrize("sni", ["", "a b", "x" * 300, "\x00", "a..b", "ä.example"])
def test_a_name_that_is_none_gets_a_certificate_for_the_address(sni: str) -> None:
    authority = Authority()
    assert authority.context(sni, "198.51.100.7") is authority.context("", "198.51.100.7")
