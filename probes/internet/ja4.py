"""JA4, the fingerprint of a kind of TLS client: the same for one library's version and settings, whatever it asks for.

Source: FoxIO, "JA4: TLS Client Fingerprinting" (technical_details/JA4.md of github.com/FoxIO-LLC/ja4), which is free to use for
everything under the BSD licence, unlike the other fingerprints of its family.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_VERSIONS: Final = {0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10", 0x0300: "s3", 0x0002: "s2"}
_NAMED_APART: Final = frozenset({0x0000, 0x0010})
"""Server name and ALPN, which the first part of the fingerprint tells."""
_NONE: Final = "0" * 12
_MOST: Final = 99


@dataclass(frozen=True, slots=True)
class Offer:
    """What a ClientHello offers, in its order: versions, cipher suites, extensions, the first ALPN protocol, and signatures."""

    versions: tuple[int, ...]
    suites: tuple[int, ...]
    extensions: tuple[int, ...]
    protocol: bytes
    signatures: tuple[int, ...]


def ja4(offer: Offer) -> str:
    """The fingerprint of a client that uses TCP."""
    suites, extensions = _plain(offer.suites), _plain(offer.extensions)
    version = _VERSIONS.get(max(_plain(offer.versions), default=0), "00")
    named = "d" if 0 in extensions else "i"
    counts = f"{min(len(suites), _MOST):02}{min(len(extensions), _MOST):02}"
    unordered = _listed(sorted(one for one in extensions if one not in _NAMED_APART))
    signatures = _listed(_plain(offer.signatures))
    told = f"{unordered}_{signatures}" if unordered and signatures else unordered
    return f"t{version}{named}{counts}{_ends(offer.protocol)}_{_digest(_listed(sorted(suites)))}_{_digest(told)}"


def _plain(numbers: Iterable[int]) -> list[int]:
    """Without the meaningless values that keep servers tolerant (GREASE, RFC 8701): 0x0A0A, 0x1A1A … 0xFAFA."""
    return [one for one in numbers if one & 0x0F0F != 0x0A0A or one >> 8 != one & 0xFF]


def _listed(numbers: list[int]) -> str:
    return ",".join(f"{one:04x}" for one in numbers)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:12] if text else _NONE


def _ends(protocol: bytes) -> str:
    """The first and the last character, or those of the hexadecimal digits where one of the two is no letter or digit."""
    if not protocol:
        return "00"
    ends = protocol[:1] + protocol[-1:]
    return ends.decode("ascii") if ends.isalnum() else protocol.hex()[0] + protocol.hex()[-1]
