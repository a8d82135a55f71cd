"""How documents for other tools name packages and times: as package URLs (purl-spec, type pypi), and as RFC 3339 has them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,198}[A-Za-z0-9])?")
_SEPARATORS: Final = re.compile(r"[-_.]+")
_VERSION: Final = re.compile(r"[A-Za-z0-9.+!_-]{1,200}")
"""The characters of versions (PEP 440), and of what older projects call so."""


def canonical_name(name: str) -> str:
    """The normalised name of a project; "" for what cannot be the name of one (PEP 508, PEP 503)."""
    return _SEPARATORS.sub("-", name).lower() if _NAME.fullmatch(name) else ""


def purl(name: str, version: str) -> str:
    """The package URL of a release; "" where the name is none that a project can have, or the version none of a release."""
    known = canonical_name(name)
    if not known or (version and not _VERSION.fullmatch(version)):
        return ""
    return f"pkg:pypi/{known}@{quote(version, safe='')}" if version else f"pkg:pypi/{known}"


def release_of(filename: str) -> tuple[str, str]:
    """Name and version of a wheel or sdist by its file name; the file name and "" where it is none."""
    try:
        if filename.endswith(".whl"):
            name, version, _, _ = parse_wheel_filename(filename)
        else:
            name, version = parse_sdist_filename(filename)
    except (InvalidWheelFilename, InvalidSdistFilename, ValueError):
        return filename, ""
    return name, str(version)


def timestamp(text: str) -> str:
    """A time as RFC 3339 has it, in UTC; "" for a text that is none."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return ""
