"""The authority's name, and the hash by which OpenSSL finds it."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from internet.authority import Authority
from internet.naming import root_names, subject_hash

ORGANIZATION, UNIT, COMMON = NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.COMMON_NAME


def test_openssl_finds_the_authority_in_a_folder(tmp_path: Path) -> None:
    authority = Authority()
    (tmp_path / f"{authority.hash}.0").write_bytes(authority.certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(capath=str(tmp_path))
    server, client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = authority.context("www.example", "198.51.100.7").wrap_bio(client, server, server_side=True)
    theirs = context.wrap_bio(server, client, server_hostname="www.example")
    for side in (theirs, ours, theirs):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    assert theirs.version() == "TLSv1.3"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(ORGANIZATION, "Ashford Systems"), (COMMON, "Ashford Systems Root CA G1")], "586aa9fa"),
        ([(ORGANIZATION, " ashford\t SYSTEMS"), (COMMON, "Ashford  Systems Root CA g1 ")], "586aa9fa"),
        ([(COMMON, "Ärger Ü"), (ORGANIZATION, "x" * 64)], "18d9aca2"),
        ([(ORGANIZATION, "y" * 64), (UNIT, "z" * 64)], "7841a835"),  # longer than one byte of length can say
    ],
)
def test_it_is_the_hash_that_the_openssl_command_tells(
    parts: list[tuple[x509.ObjectIdentifier, str]], expected: str
) -> None:
    """`openssl x509 -subject_hash` of OpenSSL 3.0 gave these."""
    assert subject_hash(x509.Name([x509.NameAttribute(kind, text) for kind, text in parts])) == expected


def test_the_file_is_named_as_the_authority() -> None:
    company, title = root_names()
    assert title.startswith(f"{company} Root CA G")
    assert Authority().file_name.replace("_", "").isalnum()
