"""ClientHello messages: those of a real client, and broken ones."""

from __future__ import annotations

import ssl
from functools import cache

import pytest
from dissector.greetings import tls_greeting
from hypothesis import given
from hypothesis import strategies as st
from internet.hello import MESSAGE_LIMIT, ClientHello, handshake_message, parse_client_hello

from tests.unit.internet.test_internet_ja4 import greeting


@cache
def client_hello(name: str = "www.example", protocols: tuple[str, ...] = ("h2", "http/1.1")) -> bytes:
    """What OpenSSL's client sends first."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(list(protocols))
    outgoing = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def body_of(data: bytes) -> bytes:
    body = handshake_message(data)
    assert body is not None
    return body


def test_name_and_protocols_of_a_real_client() -> None:
    hello = parse_client_hello(body_of(client_hello()))
    assert (hello.sni, hello.alpn) == ("www.example", ("h2", "http/1.1"))
    assert hello.ja4.startswith("t13d")
    assert not hello.hidden
    assert not hello.rsa_only


def test_a_client_that_calls_an_address_sends_no_name() -> None:
    assert parse_client_hello(body_of(client_hello("203.0.113.7"))).sni == ""


def test_a_message_over_several_records_is_put_together() -> None:
    message = client_hello()[5:]
    parts = [message[at : at + 50] for at in range(0, len(message), 50)]
    records = b"".join(b"\x16\x03\x01" + len(part).to_bytes(2, "big") + part for part in parts)
    assert parse_client_hello(body_of(records)).sni == "www.example"


@given(st.integers(0, 5000))
def test_an_unfinished_message_is_waited_for(cut: int) -> None:
    whole = client_hello()
    if cut < len(whole):
        assert handshake_message(whole[:cut]) is None


def test_a_message_that_claims_too_much_is_refused() -> None:
    size = (MESSAGE_LIMIT + 1).to_bytes(3, "big")
    with pytest.raises(ValueError, match="claims"):
        handshake_message(b"\x16\x03\x01\x00\x04\x01" + size)


@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for function in (handshake_message, parse_client_hello):
        try:
            function(data)
        except ValueError:
            continue


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_changed_greeting_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    data = bytearray(client_hello())
    for at, value in changes:
        data[at % len(data)] = value
    try:
        body = handshake_message(bytes(data))
        hello = parse_client_hello(body) if body is not None else ClientHello("", ())
    except ValueError:
        return
    assert hello.sni.isascii()
    assert all(name.isascii() for name in hello.alpn)


def test_the_fingerprint_does_not_depend_on_what_is_asked_for() -> None:
    one, other = (parse_client_hello(body_of(client_hello(name))).ja4 for name in ("a.example", "www.shop.example"))
    assert one == other
    assert parse_client_hello(body_of(client_hello("203.0.113.7"))).ja4 == one.replace("d", "i", 1).replace(
        one[6:8], f"{int(one[6:8]) - 1:02}", 1
    )


@pytest.mark.parametrize("kind", ["fe0d", "ffce"])
def test_a_hidden_greeting_is_noted(kind: str) -> None:
    assert parse_client_hello(body_of(greeting(extensions=f"0000,{kind}"))).hidden


@pytest.mark.parametrize(
    ("suites", "signatures", "rsa_only"),
    [
        ("1301", "0403,0804", False),
        ("1301", "0804", True),
        ("c02b,c02f", "", False),
        ("c02f,009c,0035", "", True),
        ("c02f,009c", "0403,0401", True),
        ("c02b", "0401,0501", True),
    ],
)
def test_who_needs_an_rsa_certificate(suites: str, signatures: str, rsa_only: bool) -> None:
    extensions = "0000,000d" if signatures else "0000"
    hello = parse_client_hello(body_of(greeting(suites, extensions, signatures)))
    assert hello.rsa_only is rsa_only


numbers = st.lists(st.integers(0, 0xFFFF), max_size=40).map(lambda found: ",".join(f"{one:04x}" for one in found))


@given(numbers, numbers, numbers, st.binary(max_size=255))
def test_both_readers_agree_on_any_greeting(suites: str, extensions: str, signatures: str, protocol: bytes) -> None:
    data = greeting(suites, extensions, signatures, protocol=protocol)
    seen = tls_greeting(data)
    try:
        hello = parse_client_hello(body_of(data))
    except ValueError:  # a list that has to hold something is empty
        return
    assert seen is not None
    if len(set(extensions.split(","))) == len(extensions.split(",")):
        assert seen.ja4 == hello.ja4
