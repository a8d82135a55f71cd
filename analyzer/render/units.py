"""Numbers as people read them."""

from __future__ import annotations

_BYTE_UNITS = ("kB", "MB", "GB", "TB")


def bytes_text(size: int) -> str:
    """A size with decimal units: 999 B, 1.5 kB, 84 MB."""
    if abs(size) < 1000:
        return f"{size} B"
    value = float(size)
    for unit in _BYTE_UNITS:
        value /= 1000
        if abs(value) < 999.5 or unit == _BYTE_UNITS[-1]:
            return f"{value:.1f} {unit}" if abs(value) < 9.95 else f"{value:,.0f} {unit}"
    raise AssertionError(unit)


def seconds_text(seconds: float) -> str:
    """A duration in seconds with the digits that matter: 0.04 s, 1.2 s, 60 s."""
    digits = 2 if abs(seconds) < 0.995 else 1 if abs(seconds) < 9.95 else 0
    return f"{seconds:,.{digits}f} s"


def offset_text(seconds: float) -> str:
    """A point in time, as what went by since the first thing seen: +0.412 s."""
    return f"{seconds:+.3f} s"


def host_text(address: str, port: int) -> str:
    """An address with its port, IPv6 in brackets: 192.0.2.1:80, [2001:db8::1]:80; without one where the transport has none (0)."""
    if not port:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun: 1 event, 2,400 events, 2 processes."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def list_text(items: list[str]) -> str:
    """Items as a sentence has them: a, b and c."""
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)
