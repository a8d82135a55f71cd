"""Reads the server name and the protocols that a TLS client offers from its ClientHello (RFC 8446, section 4.1.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MESSAGE_LIMIT: Final = 65_536
"""The longest ClientHello that is waited for; real ones have 200 to 2,000 bytes."""

_SERVER_NAME: Final = 0
_ALPN: Final = 16


@dataclass(frozen=True, slots=True)
class ClientHello:
    """What a client says first. `sni` is "" and `alpn` empty where it says nothing, or nothing that can be read."""

    sni: str
    alpn: tuple[str, ...]


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
    hello.take(2 + 32)  # legacy_version, random
    hello.vector(1)  # legacy_session_id
    hello.vector(2)  # cipher_suites
    hello.vector(1)  # legacy_compression_methods
    sni = ""
    alpn: tuple[str, ...] = ()
    extensions = _Reader(hello.vector(2) if hello else b"")
    while extensions:
        kind, content = extensions.number(2), extensions.vector(2)
        if kind == _SERVER_NAME:
            sni = _server_name(content)
        elif kind == _ALPN:
            alpn = _protocols(content)
    return ClientHello(sni, alpn)


def _server_name(content: bytes) -> str:
    """The first host name of the list (RFC 6066, section 3)."""
    names = _Reader(_Reader(content).vector(2))
    while names:
        kind, name = names.number(1), names.vector(2)
        if kind == 0:
            return name.decode("ascii", "backslashreplace")
    return ""


def _protocols(content: bytes) -> tuple[str, ...]:
    """The names of the list (RFC 7301, section 3.1), at most 32 of them."""
    names = _Reader(_Reader(content).vector(2))
    found: list[str] = []
    while names and len(found) < 32:
        found.append(names.vector(1).decode("ascii", "backslashreplace"))
    return tuple(found)
