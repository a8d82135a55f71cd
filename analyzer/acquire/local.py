"""Files that the user has: a wheel or sdist goes into the cache as it is, a directory as an sdist packed from it."""

from __future__ import annotations

import stat
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from analyzer.acquire.choice import Choice
from analyzer.acquire.directory import NAME, NO_VERSION, pack
from analyzer.acquire.explain import other_platform
from analyzer.acquire.index import Candidate
from analyzer.acquire.text import shown, unreadable
from analyzer.archives.archive import ARCHIVE_SUFFIXES, SDIST_SUFFIXES
from analyzer.archives.limits import MIB
from analyzer.errors import AcquireError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from analyzer.acquire.cache import Cache, Sink, Stored
    from analyzer.model.package import Environment


def local_candidate(path: Path, cache: Cache, environment: Environment) -> Candidate:
    """Take a wheel, an sdist or a project directory into the cache.

    Raises:
        AcquireError: It cannot be read, is of no known kind, is unsafe, or cannot be installed in the sandbox.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return _directory(path.resolve(), cache)
    except OSError as error:
        raise unreadable(path, error) from error
    if not stat.S_ISREG(mode):
        raise AcquireError(
            f"{shown(str(path))} is neither a file nor a directory: name a wheel, an sdist or a directory"
        )
    if not path.name.endswith(ARCHIVE_SUFFIXES):
        raise AcquireError(
            f"{shown(path.name)} is no archive of a known kind: give one that ends in {', '.join(ARCHIVE_SUFFIXES)}"
        )
    return _wheel(path, cache, environment) if path.name.endswith(".whl") else _sdist(path, cache)


def _wheel(path: Path, cache: Cache, environment: Environment) -> Candidate:
    try:
        name, version, _build, _tags = parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        raise AcquireError(
            f"{shown(path.name)} is no wheel's name (NAME-VERSION-PYTHON-ABI-PLATFORM.whl): "
            "give the file its own name back"
        ) from error
    candidate = Candidate(name, str(version), path.name, "wheel", "", "")
    if Choice(environment).rank(path.name) is None:
        raise other_platform(path.name, environment)
    stored = cache.add(path.name, _copier(path))
    return _known(candidate, stored)


def _sdist(path: Path, cache: Cache) -> Candidate:
    stem = next(path.name.removesuffix(suffix) for suffix in SDIST_SUFFIXES if path.name.endswith(suffix))
    name, _, text = stem.rpartition("-")
    try:
        version = Version(text)
    except ValueError:  # InvalidVersion, or a number of more digits than Python reads
        name = ""
    if not NAME.fullmatch(name):
        raise AcquireError(
            f"{shown(path.name)} is no sdist's name (NAME-VERSION.tar.gz): give the file its own name back"
        )
    stored = cache.add(path.name, _copier(path))
    return _known(Candidate(canonicalize_name(name), str(version), path.name, "sdist", "", ""), stored)


def _directory(path: Path, cache: Cache) -> Candidate:
    packed = pack(path, cache)
    candidate = Candidate(
        canonicalize_name(packed.name), packed.version or NO_VERSION, packed.filename, "sdist", "", packed.stored.sha256
    )
    return _known(candidate, packed.stored)


def _known(candidate: Candidate, stored: Stored) -> Candidate:
    return replace(candidate, sha256=stored.sha256, size=stored.size)


def _copier(path: Path) -> Callable[[Sink], None]:
    def copy(sink: Sink) -> None:
        try:
            with path.open("rb") as stream:
                while chunk := stream.read(MIB):
                    sink.write(chunk)
        except OSError as error:
            raise unreadable(path, error) from error

    return copy
