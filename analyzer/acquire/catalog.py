"""One acquisition's view of the index: which file of a project suits, what it needs, and its bytes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from packaging.version import Version
from pydantic import ValidationError

from analyzer.acquire.choice import Choice, is_pinned
from analyzer.acquire.inspection import inspect
from analyzer.acquire.limits import MAX_FILES, MAX_METADATA_FETCHES, MAX_TOTAL_BYTES
from analyzer.acquire.metadata import Metadata, core_metadata, from_core_metadata, same_name, same_version
from analyzer.acquire.text import shown
from analyzer.archives.limits import GIB, MAX_METADATA_BYTES
from analyzer.errors import AcquireError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from packaging.specifiers import SpecifierSet

    from analyzer.acquire.cache import Cache, Stored
    from analyzer.acquire.index import Candidate, Index
    from analyzer.model.package import Environment

_INSPECTED: Final = "inspected-1"
"""The folder of what inspections found, by archive; the number changes with the checks and the form of `Metadata`."""

_METADATA: Final = "metadata"


class Catalog:
    """Candidates, metadata and files for one acquisition, within its limits."""

    def __init__(self, index: Index, cache: Cache, environment: Environment, progress: Callable[[str], None]) -> None:
        self.environment = environment
        self.progress = progress
        self._index = index
        self._cache = cache
        self._choice = Choice(environment)
        self._projects: dict[str, Sequence[Candidate] | None] = {}
        self._versions: dict[str, list[tuple[Version, list[Candidate]]]] = {}
        self._metadata: dict[str, Metadata] = {}
        self._stored: dict[str, Stored] = {}
        self._total = 0

    def project(self, name: str) -> Sequence[Candidate] | None:
        """All files of a project; None where the index does not know it."""
        if name not in self._projects:
            self._projects[name] = self._index.project(name)
        return self._projects[name]

    def suitable(self, name: str, specifiers: SpecifierSet) -> Iterator[Candidate]:
        """The best file of each version that is admitted and can be installed, newest first.

        Pre-releases come only where a specifier names one or nothing else suits (PEP 440); yanked files only where
        the version is pinned (PEP 592).
        """
        pinned = is_pinned(specifiers)
        early = bool(specifiers.prereleases)
        later: list[Candidate] = []
        any_final = False
        for version, files in self._by_version(name):
            if not specifiers.contains(version, prereleases=True):
                continue
            best = self._choice.best(files, pinned=pinned)
            if best is None:
                continue
            if version.is_prerelease and not early:
                later.append(best)
            else:
                any_final = True
                yield best
        if not any_final:
            yield from later

    def metadata(self, candidate: Candidate) -> Metadata:
        """What the candidate needs: from PEP 658 metadata where the index has it, else from the file."""
        known = self._metadata.get(candidate.sha256)
        if known is None:
            if len(self._metadata) >= MAX_METADATA_FETCHES:
                raise AcquireError(
                    f"resolving took the metadata of more than {MAX_METADATA_FETCHES} files: "
                    "pin the version of the target"
                )
            known = self._beside(candidate) or self._inspected(candidate)
            self._metadata[candidate.sha256] = known
        return known

    def stored(self, candidate: Candidate) -> Stored:
        """The candidate's bytes, verified, checked to be safe to unpack and to be what their name says."""
        self._inspected(candidate)
        return self._bytes(candidate)

    def _by_version(self, name: str) -> list[tuple[Version, list[Candidate]]]:
        if name not in self._versions:
            groups: dict[str, list[Candidate]] = {}
            for candidate in self.project(name) or ():
                groups.setdefault(candidate.version, []).append(candidate)
            self._versions[name] = sorted(
                ((Version(version), files) for version, files in groups.items()), key=lambda item: item[0], reverse=True
            )
        return self._versions[name]

    def _beside(self, candidate: Candidate) -> Metadata | None:
        expected = candidate.metadata_sha256
        if not expected or not candidate.url:
            return None
        content = self._cache.document(_METADATA, expected)
        if content is None or hashlib.sha256(content).hexdigest() != expected:
            content = self._index.metadata(candidate)
            if content is None or len(content) > MAX_METADATA_BYTES:
                return None
            if hashlib.sha256(content).hexdigest() != expected:
                raise AcquireError(
                    f"the index's metadata of {shown(candidate.filename)} is not what it promised: "
                    "try again, and distrust the index if it stays"
                )
            self._cache.keep(_METADATA, expected, content)
        metadata = from_core_metadata(core_metadata(content, candidate.filename))
        if not same_name(metadata.name, candidate.project) or not same_version(metadata.version, candidate.version):
            raise AcquireError(
                f"the index's metadata of {shown(candidate.filename)} is for another package or version: "
                "name another version"
            )
        return metadata

    def _inspected(self, candidate: Candidate) -> Metadata:
        """What the archive itself says. A digest that passed the checks once passes them forever."""
        stored = self._bytes(candidate)
        content = self._cache.document(_INSPECTED, f"{candidate.filename}\n{stored.sha256}")
        if content is not None:
            try:
                return Metadata.model_validate_json(content)
            except ValidationError:
                self.progress(f"inspecting {shown(candidate.filename)} again: its cached description is damaged")
        metadata = inspect(stored.path, candidate)
        self._cache.keep(_INSPECTED, f"{candidate.filename}\n{stored.sha256}", metadata.model_dump_json().encode())
        return metadata

    def _bytes(self, candidate: Candidate) -> Stored:
        known = self._stored.get(candidate.sha256)
        if known is not None:
            return known
        if not candidate.sha256:
            raise AcquireError(
                f"the index gives no SHA-256 for {shown(candidate.filename)}: use an index that does, "
                "or download the file and give its path"
            )
        stored = self._cache.file(candidate.sha256)
        if stored is None:
            stored = self._download(candidate)
        self._total += stored.size
        if self._total > MAX_TOTAL_BYTES or len(self._stored) >= MAX_FILES:
            raise AcquireError(
                f"the target needs more than {MAX_FILES} files or {MAX_TOTAL_BYTES // GIB} GiB: it is not analysed"
            )
        self._stored[candidate.sha256] = stored
        return stored

    def _download(self, candidate: Candidate) -> Stored:
        if not candidate.url:
            raise AcquireError(f"{shown(candidate.filename)} vanished from the cache while it was used: try again")
        size = f" ({candidate.size / 1000:.0f} kB)" if candidate.size else ""
        self.progress(f"downloading {shown(candidate.filename)}{size}")
        return self._cache.add(
            candidate.filename, lambda sink: self._index.download(candidate, sink), sha256=candidate.sha256
        )
