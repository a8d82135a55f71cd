"""What the run's authority is called, and under which name OpenSSL looks for it."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

from cryptography import x509

_STEMS: Final = (
    "Ashford",
    "Brennan",
    "Calder",
    "Dunmore",
    "Ellery",
    "Hollis",
    "Kestrel",
    "Larkin",
    "Marlow",
    "Renwick",
)
_TRADES: Final = ("Systems", "Networks", "Logistics", "Insurance", "Engineering", "Holdings", "Energy", "Partners")
_SPACE: Final = re.compile(r"[ \t\n\v\f\r]+")
_LONG_FORM: Final = 0x80


def root_names() -> tuple[str, str]:
    """A company of these parts, and the name of its authority."""
    company = f"{secrets.choice(_STEMS)} {secrets.choice(_TRADES)}"
    return company, f"{company} Root CA G{secrets.choice('123')}"


def subject_hash(subject: x509.Name) -> str:
    """The subject's hash, 8 hexadecimal digits, by which OpenSSL finds a certificate in a folder (openssl-rehash(1)).

    For names whose texts are UTF-8, as the authority's are. SHA-1 over the name in its canonical form, of which the first four bytes
    are a little-endian number; that form has the texts in lower case with single spaces, and the parts of the name without the
    sequence around them (OpenSSL, X509_NAME_hash(3)).
    """
    parts = [
        x509.RelativeDistinguishedName([x509.NameAttribute(one.oid, _canonical(str(one.value))) for one in part])
        for part in subject.rdns
    ]
    encoded = x509.Name(parts).public_bytes()
    at = 2 + (encoded[1] & ~_LONG_FORM if encoded[1] & _LONG_FORM else 0)
    digest = hashlib.sha1(encoded[at:], usedforsecurity=False).digest()
    return digest[3::-1].hex()


def _canonical(text: str) -> str:
    """Lower case of ASCII letters only, as OpenSSL has it."""
    collapsed = _SPACE.sub(" ", text.strip(" \t\n\v\f\r"))
    return "".join(char.lower() if char.isascii() else char for char in collapsed)
