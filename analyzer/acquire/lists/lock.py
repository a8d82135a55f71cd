"""Lock files: `pylock.toml` (PyPA specification "pylock.toml", PEP 751), by packaging's own reader.

Every package stands by itself: one that is not as the specification wants it is refused, and the others are taken.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from packaging.pylock import Pylock, PylockUnsupportedVersionError, PylockValidationError, is_valid_pylock_path

from analyzer.acquire.lists.entry import MAX_DIGESTS, MAX_ENTRIES, Listing, Refused, Spot, Wanted, digest_of
from analyzer.acquire.lists.files import read_list
from analyzer.acquire.text import shown
from analyzer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.pylock import Package

_INVALID: Final = (PylockValidationError, ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What the reader and what it calls let through for hostile values."""

_TABLE: Final = re.compile(r"\s*\[\[\s*packages\s*\]\]")


def is_lock_name(target: str) -> bool:
    """Whether a word names a lock file: pylock.toml, or pylock.NAME.toml."""
    return is_valid_pylock_path(Path(target))


def read_lock(path: Path) -> Listing:
    """A lock file. Raises UsageError where it cannot be read, is no lock file, or is one of a version that is not known."""
    return parse_lock(read_list(path, named=True), str(path))


def parse_lock(content: bytes, file: str = "pylock.toml") -> Listing:
    """The same from its bytes."""
    label = shown(Path(file).name)
    try:
        text = content.decode("utf-8")
        document: dict[str, Any] = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise UsageError(f"{label} is not TOML: {shown(str(error))}") from error
    packages = document.get("packages", [])
    try:
        lock = Pylock.from_dict({**document, "packages": []})
    except PylockUnsupportedVersionError as error:
        raise UsageError(f"{label} is a lock file of another version: {shown(str(error))}") from error
    except _INVALID as error:
        raise UsageError(f"{label} is no lock file as its specification wants it: {shown(str(error))}") from error
    listing = Listing()
    if not isinstance(packages, list):
        raise UsageError(f"{label} is no lock file as its specification wants it: its packages are no array")
    groups = frozenset(lock.default_groups or ())
    lines = _lines(text, len(packages))
    for number, package in enumerate(packages[:MAX_ENTRIES], 1):
        spot = Spot(f"{label}, package {number}", file, lines[number - 1])
        _entry(document, package, spot, groups, listing)
    if len(packages) > MAX_ENTRIES:
        listing.refused.append(Refused(label, f"it has more than {MAX_ENTRIES} packages: the others are not analysed"))
    return listing


def _lines(text: str, count: int) -> list[int]:
    """The line on which each package begins. A file that has them otherwise than as tables gives its first line for each."""
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _TABLE.match(line)]
    return lines if len(lines) == count else [1] * count


def _entry(document: dict[str, Any], entry: Any, spot: Spot, groups: frozenset[str], listing: Listing) -> None:
    try:
        package = Pylock.from_dict({**document, "packages": [entry]}).packages[0]
    except _INVALID as error:
        listing.refused.append(
            Refused(spot.text, f"it is not as the specification wants it: {shown(str(error))}", spot)
        )
        return
    if package.is_direct or package.version is None:
        why = f"{shown(package.name)} is no release of an index, but {_kind(package)}: it is not analysed"
        listing.refused.append(Refused(spot.text, why, spot))
        return
    digests = frozenset(_digests(package))
    if not digests or len(digests) > MAX_DIGESTS:
        why = f"{shown(package.name)} has no digest by sha256, sha384 or sha512, or more than {MAX_DIGESTS}"
        listing.refused.append(Refused(spot.text, why, spot))
        return
    marker = str(package.marker) if package.marker is not None else ""
    listing.wanted.append(Wanted(f"{package.name}=={package.version}", spot.text, marker, digests, groups, spot))
    if not marker:
        listing.constraints.append(f"{package.name}=={package.version}")


def _kind(package: Package) -> str:
    if package.vcs is not None:
        return "a revision of a repository"
    if package.directory is not None:
        return "a folder"
    return "an archive at an address" if package.archive is not None else "a package without a version"


def _digests(package: Package) -> Iterator[str]:
    listed = [file.hashes for file in package.wheels or ()]
    for hashes in (*listed, *([package.sdist.hashes] if package.sdist is not None else [])):
        for algorithm, value in hashes.items():
            if found := digest_of(f"{algorithm}:{value}"):
                yield found
