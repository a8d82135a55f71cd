"""Reads what a TLS client says of itself from its ClientHello (RFC 8446, section 4.1.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from internet.ja4 import Offer, ja4

MESSAGE_LIMIT: Final = 65_536
"""The longest ClientHello that is waited for; real ones have 200 to 2,000 bytes."""

_SERVER_NAME: Final = 0x0000
_SIGNATURES: Final = 0x000D
_ALPN: Final = 0x0010
_VERSIONS: Final = 0x002B
_ENCRYPTED_HELLO: Final = frozenset({0xFE0D, 0xFFCE})
"""encrypted_client_hello (RFC 9849), and the encrypted server name of its drafts."""

_TLS13_SUITES: Final = 0x13
_ECDSA: Final = frozenset({0xC006, 0xC007, 0xC008, 0xC009, 0xC00A, 0xC023, 0xC024, 0xC02B, 0xC02C, 0xC0AC, 0xC0AD,
                           0xC0AE, 0xC0AF, 0xCCA9})  # fmt: skip
"""Suites of the years before TLS 1.3 that take an ECDSA certificate (IANA, TLS Cipher Suites)."""
_ECDSA_P256: Final = 0x0403
_ECDSA_SHA1: Final = 0x0203


@dataclass(frozen=True, slots=True)
class ClientHello:
    """What a client says first. `sni` is "" and `alpn` empty where it says nothing, or nothing that can be read.

    `ja4` is the fingerprint of its kind of client; `hidden` tells that it offers to encrypt a ClientHello inside, so that `sni` may
    be another name than the one it wants; `rsa_only` that no certificate with another key is of use to it.
    """

    sni: str
    alpn: tuple[str, ...]
    ja4: str = ""
    hidden: bool = False
    rsa_only: bool = False


class _Reader:
    """Takes fields off a byte string; raises ValueError when it ends too early."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise ValueError("a field is longer than its message")
        part = self._data[self._at : end]
        self._at = end
        return part

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def vector(self, size: int) -> bytes:
        """A field that is preceded by its length in `size` bytes."""
        return self.take(self.number(size))

    def __bool__(self) -> bool:
        return self._at < len(self._data)


def handshake_message(data: bytes) -> bytes | None:
    """The body of the first handshake message, which may be spread over records; None while it is not whole.

    Raises ValueError when the bytes are no TLS handshake or the message is longer than `MESSAGE_LIMIT`.
    """
    message = b""
    records = _Reader(data)
    while records:
        try:
            kind, _version, body = records.number(1), records.number(2), records.vector(2)
        except ValueError:
            return None
        if kind != 0x16 or not body:
            raise ValueError("the handshake is broken by another record")
        message += body
        size = int.from_bytes(message[1:4], "big")
        if size > MESSAGE_LIMIT:
            raise ValueError(f"the first handshake message claims {size} bytes")
        if len(message) >= 4 + size and len(message) >= 4:
            return message[4 : 4 + size]
    return None


def parse_client_hello(body: bytes) -> ClientHello:
    """Read a ClientHello's body; raises ValueError when it is malformed."""
    hello = _Reader(body)
    version = hello.number(2)
    hello.take(32)  # random
    hello.vector(1)  # legacy_session_id
    suites = _numbers(hello.vector(2))
    hello.vector(1)  # legacy_compression_methods
    sni = ""
    alpn: tuple[bytes, ...] = ()
    signatures: tuple[int, ...] = ()
    versions: tuple[int, ...] = (version,)
    kinds: list[int] = []
    extensions = _Reader(hello.vector(2) if hello else b"")
    while extensions:
        kind, content = extensions.number(2), extensions.vector(2)
        kinds.append(kind)
        if kind == _SERVER_NAME:
            sni = _server_name(content)
        elif kind == _ALPN:
            alpn = _protocols(content)
        elif kind == _SIGNATURES:
            signatures = _numbers(_Reader(content).vector(2))
        elif kind == _VERSIONS:
            versions = _numbers(_Reader(content).vector(1))
    return ClientHello(
        sni,
        tuple(name.decode("ascii", "backslashreplace") for name in alpn),
        ja4(Offer(versions, suites, tuple(kinds), alpn[0] if alpn else b"", signatures)),
        hidden=not _ENCRYPTED_HELLO.isdisjoint(kinds),
        rsa_only=_rsa_only(suites, signatures),
    )


def _numbers(content: bytes) -> tuple[int, ...]:
    """A list of numbers of two bytes each; raises ValueError where its last one is cut."""
    if len(content) % 2:
        raise ValueError("a list of numbers has an odd size")
    return tuple(int.from_bytes(content[at : at + 2], "big") for at in range(0, len(content), 2))


def _rsa_only(suites: tuple[int, ...], signatures: tuple[int, ...]) -> bool:
    """Whether an ECDSA certificate with a P-256 key is of no use, by suites and by signatures (RFC 8446, section 4.2.3)."""
    if signatures and _ECDSA_P256 not in signatures and _ECDSA_SHA1 not in signatures:
        return True
    return not any(suite >> 8 == _TLS13_SUITES or suite in _ECDSA for suite in suites)


def _server_name(content: bytes) -> str:
    """The first host name of the list (RFC 6066, section 3)."""
    names = _Reader(_Reader(content).vector(2))
    while names:
        kind, name = names.number(1), names.vector(2)
        if kind == 0:
            return name.decode("ascii", "backslashreplace")
    return ""


def _protocols(content: bytes) -> tuple[bytes, ...]:
    """The names of the list (RFC 7301, section 3.1), at most 32 of them."""
    names = _Reader(_Reader(content).vector(2))
    found: list[bytes] = []
    while names and len(found) < 32:
        found.append(names.vector(1))
    return tuple(found)
