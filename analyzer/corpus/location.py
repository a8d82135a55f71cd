"""Where a corpus is: from what the user wrote, or the user's own place. Nothing here needs SQLAlchemy."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from analyzer.errors import UsageError

VARIABLE: Final = "FUMEHOOD_CORPUS"

NONE: Final = "none"
"""What stands for no corpus at all."""

_SQLITE: Final = "sqlite"
_POSTGRESQL: Final = ("postgresql", "postgres", "postgresql+psycopg")
_FILE: Final = "corpus.sqlite"


@dataclass(frozen=True, slots=True)
class Location:
    """A database: a file of SQLite's, or the URL of a PostgreSQL.

    `shown` is how messages name it, without a password. `own` tells that it is the user's own place, which is made without being asked
    for.
    """

    path: Path | None
    url: str
    shown: str
    own: bool


def location(given: str) -> Location | None:
    """The database that a user names by URL or path; "" is the one of $FUMEHOOD_CORPUS, else the one below the data folder.

    None stands for the word "none". Raises UsageError for what is no URL of SQLite's or PostgreSQL's.
    """
    named = given or os.environ.get(VARIABLE, "")
    if named == NONE:
        return None
    own = not given
    if not named:
        path = _data_folder() / _FILE
        return Location(path, "", str(path), own)
    scheme, separator, rest = named.partition("://")
    if not separator:
        return Location(Path(named).absolute(), "", named, own)
    if scheme == _SQLITE:
        if not rest.startswith("/") or len(rest) < 2 or "?" in rest:
            raise UsageError(f"--corpus {named}: it names no file; write sqlite:///FILE or only the path")
        return Location(Path(rest[1:]).absolute(), "", named, own)
    if scheme in _POSTGRESQL:
        # Which program speaks to it is ours to say: psycopg 3.
        return Location(None, f"postgresql+psycopg://{rest}", f"{scheme}://{_without_password(rest)}", own)
    raise UsageError(
        f"--corpus {scheme}://…: only SQLite (a path, sqlite:///FILE) and PostgreSQL (postgresql://…) are known"
    )


def _without_password(rest: str) -> str:
    """The part of a URL behind the scheme, for messages. A password may stand before the host, and among the options."""
    credentials, at, place = rest.partition("?")[0].rpartition("@")
    user, colon, _ = credentials.partition(":")
    return f"{user}{':***' if colon else ''}{at}{place}"


def _data_folder() -> Path:
    """`fumehood` below $XDG_DATA_HOME (XDG base directories), else below ~/.local/share."""
    base = os.environ.get("XDG_DATA_HOME", "")
    if not base.startswith("/"):
        base = str(Path("~/.local/share").expanduser())
    return Path(base) / "fumehood"
