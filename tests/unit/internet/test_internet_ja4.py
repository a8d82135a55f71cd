"""JA4 by both readers, with the examples of its specification (FoxIO, JA4.md), which are a browser's greeting."""

from __future__ import annotations

import hashlib

import pytest
from dissector.greetings import tls_greeting
from internet.hello import handshake_message, parse_client_hello

SUITES = "1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035"
EXTENSIONS = "001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015"
SIGNATURES = "0403,0804,0401,0503,0805,0501,0806,0601"


def number(text: str) -> bytes:
    return bytes.fromhex(text)


def vector(content: bytes, size: int = 2) -> bytes:
    return len(content).to_bytes(size, "big") + content


def greeting(
    suites: str = SUITES,
    extensions: str = EXTENSIONS,
    signatures: str = SIGNATURES,
    *,
    protocol: bytes = b"h2",
    versions: str = "0304,0303",
    version: str = "0303",
) -> bytes:
    """A record with a ClientHello of these, in hexadecimal, each behind its comma."""
    contents = {
        "0000": vector(b"\0" + vector(b"www.example")),
        "0010": vector(vector(protocol, 1)),
        "000d": vector(number(signatures.replace(",", ""))),
        "002b": vector(number(versions.replace(",", "")), 1),
    }
    listed = b"".join(number(kind) + vector(contents.get(kind, b"")) for kind in extensions.split(",") if kind)
    body = number(version) + bytes(32) + vector(b"", 1) + vector(number(suites.replace(",", ""))) + vector(b"\0", 1)
    return b"\x16\x03\x01" + vector(b"\x01" + vector(body + vector(listed), 3))


def fingerprints(data: bytes) -> tuple[str, str]:
    """What the simulated internet and the dissector make of it."""
    body, seen = handshake_message(data), tls_greeting(data)
    assert body is not None
    assert seen is not None
    return parse_client_hello(body).ja4, seen.ja4


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (greeting(), "t13d1516h2_8daaf6152771_e5627efa2ab1"),
        (greeting(signatures=""), "t13d1516h2_8daaf6152771_6d807ffa2a79"),
        # Meaningless values everywhere change nothing.
        (
            greeting(f"dada,{SUITES}", f"0a0a,{EXTENSIONS},fafa", f"{SIGNATURES},1a1a", versions="9a9a,0304,0303"),
            "t13d1516h2_8daaf6152771_e5627efa2ab1",
        ),
        # Another order of suites and extensions is the same client.
        (
            greeting(",".join(sorted(SUITES.split(","))), ",".join(sorted(EXTENSIONS.split(",")))),
            "t13d1516h2_8daaf6152771_e5627efa2ab1",
        ),
        (greeting(suites=""), "t13d0016h2_000000000000_e5627efa2ab1"),
        (greeting(extensions="", version="0301"), "t10i150000_8daaf6152771_000000000000"),
        (greeting(extensions="0000,0010"), "t12d1502h2_8daaf6152771_000000000000"),
        (greeting(version="0002", extensions=""), "ts2i150000_8daaf6152771_000000000000"),
        (greeting(version="0300", extensions=""), "ts3i150000_8daaf6152771_000000000000"),
        (greeting(version="0399", extensions=""), "t00i150000_8daaf6152771_000000000000"),
    ],
)
def test_the_fingerprints_of_the_specification(data: bytes, expected: str) -> None:
    assert fingerprints(data) == (expected, expected)


@pytest.mark.parametrize(
    ("protocol", "ends"),
    [
        (b"h2", "h2"), (b"http/1.1", "h1"), (b"", "00"), (b"x", "xx"),
        (b"\xab", "ab"), (b"\xab\xcd", "ad"), (b"\x30\xab", "3b"), (b"\x30\x31\xab\xcd", "3d"), (b"\x30\xab\xcd\x31", "01"),
    ],
)  # fmt: skip
def test_the_ends_of_the_first_protocol(protocol: bytes, ends: str) -> None:
    found = fingerprints(greeting(protocol=protocol))
    assert {one[8:10] for one in found} == {ends}


def test_more_than_99_are_told_as_99() -> None:
    many = ",".join(f"{kind:04x}" for kind in range(0x6000, 0x6000 + 150))
    expected = hashlib.sha256(many.encode()).hexdigest()[:12]
    ours, dissected = fingerprints(greeting(suites=many, extensions=many))
    assert ours == dissected == f"t12i999900_{expected}_{expected}"


def test_a_greeting_that_goes_on_in_another_segment_has_none() -> None:
    seen = tls_greeting(greeting()[:-1])
    assert seen is not None
    assert seen.ja4 == ""
