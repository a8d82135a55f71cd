"""Rows of characters that all secrets of a kind have in common, and that hence prove nothing.

Headers of keys and tokens, in the base64 in which they are kept. Sources: PROTOCOL.key of OpenSSH, RFC 4253 (section 6.6), RFC 7468,
RFC 7519, and the field names of the formats in question.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Final

_KINDS: Final = (b"ssh-ed25519", b"ssh-rsa", b"ecdsa-sha2-nistp256")
_COMMENTS: Final = (b"alex@alex-t14", bytes(range(1, 16)), bytes(range(1, 8)))


def _field(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


def _openssh(kind: bytes) -> bytes:
    public = {b"ssh-ed25519": 51, b"ssh-rsa": 279, b"ecdsa-sha2-nistp256": 104}[
        kind
    ]  # with keys of 256, 2048 and 256 bits
    head = b"openssh-key-v1\0" + _field(b"none") + _field(b"none") + _field(b"") + (1).to_bytes(4, "big")
    return head + public.to_bytes(4, "big") + _field(kind) + bytes(2)


def _shifted(data: bytes) -> list[bytes]:
    """The base64 of some bytes wherever they stand in a whole, without the characters that their neighbours share."""
    found = []
    for before in range(3):
        text = b64encode(bytes(before) + data)
        begin = -(-before * 8 // 6)
        found.append(text[begin : (before + len(data)) * 8 // 6])
    return found


ORDINARY: Final = tuple(
    [b64encode(_openssh(kind)).rstrip(b"=") for kind in _KINDS]
    + [piece for data in (*map(_field, (*_KINDS, *_COMMENTS)), *_COMMENTS) for piece in _shifted(data)]
    + [b64encode(b'{"alg":"%s"}' % name).rstrip(b"=") for name in (b"RS256", b"HS256", b"ES256", b"none")]
    + [b64encode(b'{"alg":"%s","typ":"JWT"}' % name).rstrip(b"=") for name in (b"RS256", b"HS256", b"ES256", b"none")]
    + [b64encode(b'{"typ":"JWT","alg":"%s"}' % name).rstrip(b"=") for name in (b"RS256", b"HS256", b"ES256", b"none")]
    + [
        b"-----BEGIN OPENSSH PRIVATE KEY-----", b"-----END OPENSSH PRIVATE KEY-----", b"-----BEGIN RSA PRIVATE KEY-----",
        b"-----END RSA PRIVATE KEY-----", b"-----BEGIN PRIVATE KEY-----", b"-----END PRIVATE KEY-----",
        b"MDoEEPgAAAAAAAAAAAAAAAAAAAEwFAYIKoZIhvcNAwcE", b"RFBBUEkBAAAA0Iyd3wEV0RGMegDAT8KX6wEAAAA",
        b"0123456789abcdefghijklmnopqrstuvwxyz", b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    ]
)  # fmt: skip
