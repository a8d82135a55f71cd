"""ClientHello messages: those of a real client, and broken ones."""

from __future__ import annotations

import ssl
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from internet.hello import MESSAGE_LIMIT, ClientHello, handshake_message, parse_client_hello


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
    assert parse_client_hello(body_of(client_hello())) == ClientHello("www.example", ("h2", "http/1.1"))


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
