"""TOML files of a user's own, where a mistake is one line that names the file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

from analyzer.errors import UsageError

_MAX_BYTES: Final = 1024 * 1024
_MAX_MESSAGE: Final = 300


def read_toml(path: Path, name: str = "") -> dict[str, Any]:
    """The content of a file, which messages call `name`.

    Raises:
        UsageError: It cannot be read, is too large, or is not TOML.
    """
    name = name or str(path)
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # a name with a null character
        raise UsageError(f"{name!r} cannot be read: it is no name of a file") from error
    if len(data) > _MAX_BYTES:
        raise UsageError(f"{name} cannot be read: it is larger than {_MAX_BYTES:,} bytes")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        told = " ".join(str(error).split())[:_MAX_MESSAGE]
        raise UsageError(f"{name} cannot be read: it is not TOML: {told}") from error
