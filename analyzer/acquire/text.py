"""Hostile text made fit for one line of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from analyzer.errors import AcquireError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_MAX_SHOWN: Final = 160


def shown(text: str) -> str:
    """The text with everything that is not printable escaped, at most 160 characters long."""
    escaped = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text[: _MAX_SHOWN + 1]
    )
    return escaped if len(escaped) <= _MAX_SHOWN else escaped[:_MAX_SHOWN] + "…"


def some(items: Iterable[str], most: int = 3) -> str:
    """The first few items as a list, with an ellipsis where there are more."""
    listed = list(items)
    return ", ".join([*(shown(item) for item in listed[:most]), *(["…"] if len(listed) > most else [])])


def silent(_line: str) -> None:
    """A progress callback that says nothing."""


def unreadable(path: Path, error: OSError) -> AcquireError:
    """The error for a path that the system does not let us read."""
    where = error.filename if isinstance(error.filename, str) else str(path)
    return AcquireError(
        f"{shown(where)} cannot be read ({error.strerror or error}): check that it is there and readable"
    )
