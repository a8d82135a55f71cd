"""Whether a version is affected, and where that was mended: the evaluation of the OSV schema with the order of PEP 440.

In doubt a version is affected: an event whose version follows no specification begins a range at its start and never ends one.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from packaging.version import Version

from analyzer.acquire.osv.schema import Affected, Event
from analyzer.model.package import version_of

_ALWAYS: Final = "0"
"""The version before all others: also before 0.dev1, which PEP 440 puts before 0."""

_MAX_VERSION: Final = 300
_NO_LIMIT: Final = "*"
_RANK: Final = {"fixed": 0, "introduced": 1, "last_affected": 2}


def is_affected(version: str, affected: Iterable[Affected]) -> bool:
    """Whether a record's entries of a project name this version.

    A local version (`1.0+cu118`) is affected where the version is that it was built from. A version that follows no specification
    is affected only where it is listed.
    """
    written = [version]
    known = _version(version)
    if known is not None and known.local:
        written.append(known.public)
    return any(_names(one, each) for each in affected for one in written)


def fixed_in(version: str, affected: Iterable[Affected]) -> list[str]:
    """The versions after this one in which it was mended, in their order."""
    own = _version(version)
    found: dict[Version, str] = {}
    for each in affected:
        for event in (event for events in each.ranges for event in events if event.kind == "fixed"):
            fixed = _version(event.version)
            if fixed is not None and (own is None or fixed > own):
                found.setdefault(fixed, event.version)
    return [found[fixed] for fixed in sorted(found)]


def _names(version: str, affected: Affected) -> bool:
    if not affected.versions and not affected.ranges:
        return False
    own = _version(version)
    listed = affected.versions.split("\n")
    if version in listed:
        return True
    if own is None:
        return False
    return any(_version(one) == own for one in listed) or any(_is_in(own, events) for events in affected.ranges)


def _is_in(version: Version, events: tuple[Event, ...]) -> bool:
    """Whether a version lies in a range."""
    limits = [event.version for event in events if event.kind == "limit"]
    if limits and not any(_is_before(version, limit) for limit in limits):
        return False
    affected = False
    for event in sorted((event for event in events if event.kind != "limit"), key=_place):
        border = _version(event.version)
        if event.kind == "introduced":
            affected = affected or event.version == _ALWAYS or border is None or version >= border
        elif border is not None and (version > border if event.kind == "last_affected" else version >= border):
            affected = False
    return affected


def _place(event: Event) -> tuple[bool, Version, int]:
    border = _version(event.version)
    if event.kind == "introduced" and (event.version == _ALWAYS or border is None):
        return False, Version("0"), _RANK[event.kind]
    return True, border or Version("0"), _RANK[event.kind]


def _is_before(version: Version, limit: str) -> bool:
    border = _version(limit)
    return limit == _NO_LIMIT or border is None or version < border


@lru_cache(maxsize=8192)
def _version(text: str) -> Version | None:
    """Records of one project list the same versions again and again."""
    return version_of(text) if len(text) <= _MAX_VERSION else None
