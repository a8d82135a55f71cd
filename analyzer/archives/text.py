"""Hostile text made fit for one line of a message."""

from __future__ import annotations

from typing import Final

_MAX_SHOWN: Final = 160


def shown(text: str) -> str:
    """The text with everything that is not printable escaped, at most 160 characters long."""
    escaped = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text[: _MAX_SHOWN + 1]
    )
    return escaped if len(escaped) <= _MAX_SHOWN else escaped[:_MAX_SHOWN] + "…"
