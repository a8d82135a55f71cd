"""What the user named: a requirement, or something on disk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement

from analyzer.acquire.source import PROJECT_FILES
from analyzer.acquire.text import shown
from analyzer.archives.archive import ARCHIVE_SUFFIXES
from analyzer.errors import AcquireError

_URL: Final = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*://|\s*git@")
_DIRECT: Final = re.compile(r"\s*[\w.\-]+\s*(\[[^\]]*\])?\s*@")
_OTHER_ARCHIVES: Final = (
    ".egg",
    ".exe",
    ".rpm",
    ".deb",
    ".tar",
    ".tar.xz",
    ".tar.zst",
    ".tar.Z",
    ".tbz",
    ".tbz2",
    ".txz",
    ".7z",
    ".rar",
)
_MAX_LENGTH: Final = 4096


@dataclass(frozen=True, slots=True)
class LocalTarget:
    """A wheel, an sdist or a project directory that exists."""

    path: Path


def parse_target(target: str) -> Requirement | LocalTarget:
    """Decide what a target is.

    Anything with a path separator or an archive's ending is a path, and so is a word that names a project directory.
    Any other word is a requirement, even where a file or folder of that name lies about (`./six` names that one).

    Raises:
        AcquireError: It is neither, it names a URL, or the path does not exist.
    """
    if len(target) > _MAX_LENGTH:
        raise AcquireError(
            f"{shown(target)} is longer than {_MAX_LENGTH} characters: "
            "give a requirement, a wheel, an sdist or a directory"
        )
    if not target.strip() or "\0" in target:
        raise AcquireError(f"'{shown(target)}' names no package: give a requirement, a wheel, an sdist or a directory")
    if _URL.match(target):
        raise _is_url(target)
    requirement = None if _looks_like_path(target) else _requirement(target)
    if requirement is not None:
        if requirement.url is not None:
            raise _is_url(target)
        return requirement
    path = Path(target)
    if _exists(path):
        return LocalTarget(path)
    if _looks_like_path(target):
        raise AcquireError(f"{shown(target)} does not exist: check the path")
    raise AcquireError(
        f"{shown(target)} is neither a requirement such as six==1.17.0 nor an existing wheel, sdist or directory"
    )


def is_directory(target: str) -> bool:
    """Whether a target is a directory. Raises AcquireError for what is no target at all."""
    wanted = parse_target(target)
    return isinstance(wanted, LocalTarget) and wanted.path.is_dir()


def _looks_like_path(target: str) -> bool:
    # A direct reference (`name @ https://…`) holds separators too, and a marker may hold anything in quotes.
    if _DIRECT.match(target) or ";" in target:
        return _exists(Path(target))
    if "/" in target or target in (".", "..") or target.endswith((*ARCHIVE_SUFFIXES, *_OTHER_ARCHIVES)):
        return True
    path = Path(target)
    return _exists(path) and any(_exists(path / name) for name in PROJECT_FILES)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError, RuntimeError):
        # Too long, a loop of links, or not permitted: not something to analyse.
        return False


def _requirement(target: str) -> Requirement | None:
    try:
        return Requirement(target)
    except (InvalidRequirement, RecursionError):
        return None


def _is_url(target: str) -> AcquireError:
    return AcquireError(
        f"{shown(target)} names a URL, which is never fetched: "
        "download the file yourself and give its path, or name a version on the index"
    )
