"""Certificates and TLS, with OpenSSL's own client in memory."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from internet.authority import CACHE, Authority
from internet.channel import TlsChannel
from internet.dispatch import converse
from internet.encryption import encrypt

from tests.unit.internet.talking import Script, lines, make_services, make_talk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Client:
    """A TLS client as a channel: what it sends is read by the server, and the other way round."""

    def __init__(
        self, authority: Authority, name: str, say: bytes, *, trusting: bool = True, protocols: Sequence[str] = ()
    ) -> None:
        self._context = context = ssl.create_default_context()
        if protocols:
            context.set_alpn_protocols(list(protocols))
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        if trusting:
            context.load_verify_locations(cadata=authority.certificate.decode("ascii"))
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._name = name
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        self._say = say
        self.error = ""
        self.heard = b""

    def only(self, version: ssl.TLSVersion, suites: str) -> None:
        """Speak just this version with these cipher suites."""
        self._context.minimum_version = self._context.maximum_version = version
        self._context.set_ciphers(f"{suites}:@SECLEVEL=0")
        self._tls = self._context.wrap_bio(self._incoming, self._outgoing, server_hostname=self._name)

    @property
    def agreed(self) -> str | None:
        """The application protocol that was agreed on."""
        return self._tls.selected_alpn_protocol()

    @property
    def certificate(self) -> Any:
        """What the server showed, checked."""
        self._tls.do_handshake()
        return self._tls.getpeercert()

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
    asyncio.run(converse(client, make_talk(443), services))
    tls, http = lines(tmp_path)
    assert (tls["sni"], tls["completed"], tls["detail"]) == ("www.shop.example", True, "")
    assert tls["ja4"].startswith("t13d")
    assert not tls["hidden"]
    assert (http["url"], http["tls"]) == ("https://www.shop.example/x", True)


def test_a_client_that_refuses_is_told_so(tmp_path: Path) -> None:
    services = make_services(tmp_path)
    client = Client(services.authority, "www.shop.example", b"never", trusting=False)
    talk = make_talk(443)
    asyncio.run(converse(client, talk, services))
    (tls,) = lines(tmp_path)
    assert not tls["completed"]
    assert tls["detail"] == "pinned: unknown_ca"
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


class Leaving(Client):
    """A client that closes when it has read what the server says first."""

    async def read(self, seconds: float | None = None) -> bytes:
        return b"" if self._incoming.pending else await super().read(seconds)


def test_a_client_that_leaves_without_a_word_is_told_as_pinned_too(tmp_path: Path) -> None:
    services = make_services(tmp_path)
    asyncio.run(converse(Leaving(services.authority, "www.shop.example", b""), make_talk(443), services))
    (tls,) = lines(tmp_path, "tls")
    assert (tls["completed"], tls["detail"]) == (False, "pinned: closed")


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", "no handshake: a field is longer than its message"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "no handshake: the client broke off in its first message"),
    ],
)
def test_what_is_no_handshake_is_not_told_as_pinned(data: bytes, detail: str, tmp_path: Path) -> None:
    services = make_services(tmp_path)
    asyncio.run(converse(Script(data), make_talk(443), services))
    (tls,) = lines(tmp_path, "tls")
    assert (tls["completed"], tls["detail"]) == (False, detail)


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ([], ""),
        (["http/1.1"], "http/1.1"),
        (["http/1.1", "h2"], "h2"),
        (["mqtt"], "mqtt"),
        (["x-amzn-mqtt-ca", "http/1.1"], "http/1.1"),
    ],
)
def test_the_application_protocol_is_one_that_the_client_offers(
    offered: list[str], chosen: str, tmp_path: Path
) -> None:
    services = make_services(tmp_path)
    client = Client(services.authority, "www.shop.example", b"", protocols=offered)
    asyncio.run(converse(client, make_talk(443), services))
    (tls,) = lines(tmp_path, "tls")
    assert tls["completed"]
    assert tls["alpn"] == offered
    assert tls["chosen"] == (client.agreed or "") == chosen


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("suites", ["ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "AES128-SHA"])
def test_old_clients_are_heard(version: ssl.TLSVersion, suites: str, tmp_path: Path) -> None:
    services = make_services(tmp_path)
    client = Client(services.authority, "www.shop.example", b"GET / HTTP/1.1\r\nHost: www.shop.example\r\n\r\n")
    client.only(version, suites)
    asyncio.run(converse(client, make_talk(443), services))
    tls, http = lines(tmp_path)
    assert tls["version"] == version.name.replace("_", ".")
    assert http["url"] == "https://www.shop.example/"


def test_one_certificate_serves_all_protocols_of_a_name_and_those_beside_it() -> None:
    authority = Authority()
    names = [certificate_names(authority, chosen) for chosen in ("", "h2")]
    assert names[0] == names[1]
    assert names[0][1] == (("DNS", "www.shop.example"), ("DNS", "*.shop.example"))


def certificate_names(authority: Authority, chosen: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The serial number and the names of what a client is shown."""
    client = Client(authority, "www.shop.example", b"")
    context = authority.context("www.shop.example", "198.51.100.7", chosen=chosen)

    async def shake() -> None:
        await TlsChannel(client, context, await client.read()).handshake()

    asyncio.run(shake())
    shown = client.certificate
    return shown["serialNumber"], shown["subjectAltName"]


def test_an_address_without_a_name_is_certified_with_the_name_it_was_found_by() -> None:
    authority = Authority()
    client = Client(authority, "mail.example", b"")
    context = authority.context("", "198.51.100.7", name="mail.example")

    async def shake() -> None:
        await TlsChannel(client, context, await client.read()).handshake()

    asyncio.run(shake())
    assert ("IP Address", "198.51.100.7") in client.certificate["subjectAltName"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), max_size=4), cut=st.integers(6, 600))
def test_any_greeting_is_one_line(changes: list[tuple[int, int]], cut: int, tmp_path: Path) -> None:
    services = make_services(tmp_path)
    client = Client(services.authority, "www.shop.example", b"", protocols=["h2"])
    greeting = bytearray(asyncio.run(client.read())[:cut])
    for at, value in changes:
        if 5 < at < len(greeting):
            greeting[at] = value
    asyncio.run(encrypt(Script(), bytes(greeting), make_talk(443), services))
    (tls,) = lines(tmp_path, "tls")
    assert not tls["completed"]
    assert tls["detail"].startswith(("pinned: ", "no handshake: "))
