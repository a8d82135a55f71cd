"""Hostile text made fit for one line of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.archives.text import shown
from analyzer.errors import AcquireError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["shown", "silent", "some", "unreadable"]


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
