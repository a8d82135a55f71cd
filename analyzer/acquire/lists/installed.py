"""Installed environments: which distributions lie in one, by name and version, read as text. Nothing of it is run or imported.

`importlib.metadata` would read files of any size and wait at pipes, so that the folders are looked at here, by the same rules (PyPA
specification "Recording installed projects").
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packaging.version import Version

from analyzer.acquire.lists.entry import Listing, Refused, Wanted, digest_of
from analyzer.acquire.metadata import core_metadata
from analyzer.acquire.text import shown
from analyzer.archives.limits import MAX_METADATA_BYTES
from analyzer.errors import AcquireError, UsageError
from analyzer.kept import plain_file

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLACES: Final = ("site-packages", "dist-packages")
_PYTHON: Final = re.compile(r"(python3(\.\d+)?t?|pypy3(\.\d+)?)")
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,200}[A-Za-z0-9])?")
_DIST_INFO: Final = ".dist-info"
_EGG_INFO: Final = ".egg-info"
_MAX_FOLDER_ENTRIES: Final = 200_000


def read_environment(path: Path) -> Listing:
    """What is installed in a virtual environment, below a Python's prefix, or in a folder of packages itself.

    Raises UsageError where there is no such thing.
    """
    listing = Listing()
    folders = list(dict.fromkeys(_folders(path)))
    seen: set[str] = set()
    for folder in folders:
        for info in _infos(folder, listing):
            if listing.is_full:
                listing.refused.append(
                    Refused(shown(str(folder)), "too much is installed: the others are not analysed")
                )
                return listing
            _distribution(info, seen, listing)
    if not folders or not (seen or listing.refused):
        raise UsageError(
            f"--environment {shown(str(path))}: no package is installed there; name a virtual environment, or the prefix of a Python"
        )
    return listing


def _folders(path: Path) -> Iterator[Path]:
    """The folders in which packages lie, each by its real place: `lib64` is often a link to `lib`."""
    if any(name.endswith(_DIST_INFO) for name in _names(path)):
        yield path.resolve()
    for library in ("lib", "lib64", "local/lib"):
        for name in sorted(_names(path / library)):
            if _PYTHON.fullmatch(name):
                yield from (
                    (path / library / name / place).resolve()
                    for place in _PLACES
                    if (path / library / name / place).is_dir()
                )


def _names(folder: Path) -> list[str]:
    """The names in a folder; none where it cannot be read."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                found.append(entry.name)
                if len(found) >= _MAX_FOLDER_ENTRIES:
                    break
    except (OSError, ValueError):
        return []
    return found


def _infos(folder: Path, listing: Listing) -> Iterator[Path]:
    names = _names(folder)
    if len(names) >= _MAX_FOLDER_ENTRIES:
        listing.refused.append(
            Refused(shown(str(folder)), f"it has more than {_MAX_FOLDER_ENTRIES} entries: it is not whole")
        )
    yield from (folder / name for name in sorted(names) if name.endswith((_DIST_INFO, _EGG_INFO)))


def _distribution(info: Path, seen: set[str], listing: Listing) -> None:
    """One distribution, by the folder that records it."""
    place = shown(info.name)
    found = _name_and_version(info)
    if found is None:
        listing.refused.append(
            Refused(place, "its metadata has no name or version that can be read: it is not analysed")
        )
        return
    name, version = found
    target = f"{name}=={version}"
    if target.lower() in seen:
        return
    seen.add(target.lower())
    origin = plain_file(info / "direct_url.json", MAX_METADATA_BYTES)
    digests = _archive_digests(origin) if origin is not None else frozenset()
    if digests is None:
        why = f"{name} {version} was installed from a folder, a repository or an address, not from an index: it is not analysed"
        listing.refused.append(Refused(place, why))
        return
    listing.wanted.append(Wanted(target, place, digests=digests))
    listing.constraints.append(target)


def _name_and_version(info: Path) -> tuple[str, str] | None:
    files = ("METADATA",) if info.name.endswith(_DIST_INFO) else ("PKG-INFO", "")
    content = next((data for file in files if (data := plain_file(info / file, MAX_METADATA_BYTES)) is not None), None)
    if content is None:
        return None
    try:
        raw = core_metadata(content, info.name)
        version = str(Version(raw.get("version", "")))
    except (AcquireError, ValueError, TypeError):
        return None
    name = raw.get("name", "")
    return (name, version) if _NAME.fullmatch(name) else None


def _archive_digests(content: bytes) -> frozenset[str] | None:
    """The digests of the archive of which it was installed (PEP 610); None where it was none, or none is told."""
    try:
        document = json.loads(content)
        archive = document["archive_info"]
        told = archive.get("hashes") or dict([archive["hash"].split("=", 1)])
        found = {digest_of(f"{algorithm}:{value}") for algorithm, value in told.items()} - {""}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return frozenset(found) or None
