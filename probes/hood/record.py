"""Writing the record: JSON lines, ASCII, each text bounded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MAX_TEXT = 4096
"""Longest text that is kept of anything the package chose, in characters."""


def shorten(text: str, limit: int = MAX_TEXT) -> str:
    """The text itself, or its beginning with a mark that something is missing."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def append(path: Path, line: dict[str, Any]) -> None:
    """Appends one JSON line; surrogate escapes stay as JSON escapes, so that any file name survives."""
    with path.open("a", encoding="ascii") as file:
        file.write(json.dumps(line) + "\n")


def write(path: Path, document: Any) -> None:
    """Writes one JSON document, all of it or nothing."""
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(document), encoding="ascii")
    temporary.replace(path)
