"""Patterns of a policy: `*` stands for any characters, and nothing else means anything but itself."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase


def fits(text: str, pattern: str) -> bool:
    """Whether a text fits a pattern as a whole. The text may be hostile: the time is linear in it for each `*`.

    >>> fits("GET https://api.example/v1?x=[1]", "GET https://api.example/*?x=[1]")
    True
    >>> fits("GET https://api.example/v1?x=1", "GET https://api.example/*?x=[1]")
    False
    """
    return fnmatchcase(text, pattern.replace("[", "[[]").replace("?", "[?]"))


def fits_any(text: str, patterns: Iterable[str]) -> bool:
    """Whether a text fits one of several patterns."""
    return any(fits(text, pattern) for pattern in patterns)
