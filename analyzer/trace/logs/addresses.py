"""Addresses of sockets, as strace prints them."""

from __future__ import annotations

from analyzer.trace.logs.literals import Quoted, Struct, Value, as_int


def address(value: Value) -> tuple[str, str, int]:
    """Family, address and port of a sockaddr. For AF_UNIX the address is the path (`@` before an abstract name)."""
    if not isinstance(value, Struct):
        return "", "", 0
    family = value.get("sa_family")
    text = ""
    for name in ("sin_addr", "inet_pton", "sin6_addr", "sun_path"):
        found = value.get(name)
        if isinstance(found, Quoted):
            text = found.text
        elif isinstance(found, str) and found:
            text = found.strip('()"')
    port = value.get("sin_port") or value.get("sin6_port")
    number = as_int(port.removeprefix("htons(").removesuffix(")")) if isinstance(port, str) else 0
    return str(family) if isinstance(family, str) else "", plain(text), number


def plain(text: str) -> str:
    """An IPv4 address in IPv6's clothes is that IPv4 address."""
    return text.removeprefix("::ffff:") if text.startswith("::ffff:") and "." in text else text
