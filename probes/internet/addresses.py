"""Gives each name an address of the documentation ranges (RFC 5737, RFC 3849), the same one for the whole run."""

from __future__ import annotations

import ipaddress
from hashlib import blake2b
from typing import Final

_NETWORKS: Final = ("198.51.100", "203.0.113")
_HOSTS: Final = 254
_SPACE: Final = len(_NETWORKS) * _HOSTS
_REMEMBERED: Final = 10_000
"""IPv6 addresses whose names are known again."""


def plain(address: str) -> str:
    """The address as text, an IPv4-mapped one as plain IPv4, without a zone."""
    text = address.partition("%")[0]
    return text[7:] if text.startswith("::ffff:") and "." in text else text


def shown(host: str) -> str:
    """A host as URLs have it: an IPv6 address in brackets (RFC 3986, section 3.2.2)."""
    return f"[{host}]" if ":" in host else host


def packed(address: str) -> bytes:
    """The address in 4 or 16 bytes; raises ValueError when it is none."""
    return ipaddress.ip_address(address).packed


class AddressBook:
    """Names and their addresses. Two names share an IPv4 address only once all 508 are given out."""

    def __init__(self) -> None:
        self._addresses: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._names6: dict[str, str] = {}

    def ipv4(self, name: str) -> str:
        """The IPv4 address of a name, in lower case and without the final dot."""
        known = self._addresses.get(name)
        if known is not None:
            return known
        start = _number(name) % _SPACE
        if len(self._names) >= _SPACE:
            return _address(start)
        address = next(
            found for step in range(_SPACE) if (found := _address((start + step) % _SPACE)) not in self._names
        )
        self._addresses[name] = address
        self._names[address] = name
        return address

    def ipv6(self, name: str) -> str:
        """The IPv6 address of a name: 2001:db8:: with 64 bits of the name's digest."""
        address = str(ipaddress.IPv6Address((0x20010DB8 << 96) | _number(name)))
        if len(self._names6) < _REMEMBERED:
            self._names6[address] = name
        return address

    def name(self, address: str) -> str:
        """The name that was given this address, or "" where none was."""
        return self._names.get(address) or self._names6.get(address, "")


def _number(name: str) -> int:
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).digest(), "big")


def _address(number: int) -> str:
    return f"{_NETWORKS[number // _HOSTS]}.{number % _HOSTS + 1}"
