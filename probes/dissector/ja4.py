# SPDX-License-Identifier: GPL-2.0-or-later
"""JA4, the fingerprint of a kind of TLS client, by FoxIO's specification of it (technical_details/JA4.md of its repository)."""

from __future__ import annotations

import hashlib
from typing import Final

_VERSIONS: Final = {0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10", 0x0300: "s3", 0x0002: "s2"}
_SERVER_NAME, _SIGNATURES, _ALPN, _SUPPORTED_VERSIONS = 0x00, 0x0D, 0x10, 0x2B


def fingerprint(version: bytes, suites: bytes, extensions: list[tuple[int, bytes]], protocol: bytes) -> str:
    """The fingerprint of a greeting.

    It takes version and cipher suites as they were sent, the extensions with their contents, and the first application protocol.
    """
    contents = dict(extensions)
    versions = _numbers(contents[_SUPPORTED_VERSIONS][1:] if _SUPPORTED_VERSIONS in contents else version)
    ciphers, kinds = sorted(_numbers(suites)), [one for one, _ in extensions if not _is_grease(one)]
    head = "".join([
        "t", _VERSIONS.get(max(versions, default=0), "00"), "d" if _SERVER_NAME in contents else "i",
        f"{min(len(ciphers), 99):02}{min(len(kinds), 99):02}", _ends(protocol),
    ])  # fmt: skip
    parts = [
        _text(sorted(one for one in kinds if one not in {_SERVER_NAME, _ALPN})),
        _text(_numbers(contents.get(_SIGNATURES, b"")[2:])),
    ]
    rest = "_".join(part for part in parts if part) if parts[0] else ""
    return f"{head}_{_digest(_text(ciphers))}_{_digest(rest)}"


def _numbers(data: bytes) -> list[int]:
    """Numbers of two bytes, without those that only keep servers tolerant (RFC 8701)."""
    numbers = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data) - 1, 2)]
    return [number for number in numbers if not _is_grease(number)]


def _is_grease(number: int) -> bool:
    return number & 0x0F0F == 0x0A0A and number >> 8 == number & 0xFF


def _text(numbers: list[int]) -> str:
    return ",".join(f"{number:04x}" for number in numbers)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:12] if text else "0" * 12


def _ends(protocol: bytes) -> str:
    ends = protocol[:1] + protocol[-1:]
    if ends.isalnum():
        return ends.decode("ascii")
    return protocol.hex()[:1] + protocol.hex()[-1:] if protocol else "00"
