"""The package index as acquisition sees it: an interface, so that tests and other sources can stand in for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.acquire.cache import Sink
    from analyzer.acquire.known import Known


@dataclass(frozen=True, slots=True)
class Candidate:
    """One file that could be installed.

    `project` is the normalised project name and `version` the normalised version; `sha256` is "" where the index
    gives none (such a file is never used), `size` 0 where it gives none; `metadata_sha256` is the digest of its PEP
    658 metadata, "" where there is none. `url` is "" for a file that the user gave, which is in the cache already.
    `uploaded` is when it came to the index (UTC, RFC 3339, whole seconds), "" where that is not told.
    """

    project: str
    version: str
    filename: str
    kind: Literal["wheel", "sdist"]
    url: str
    sha256: str
    size: int = 0
    requires_python: str = ""
    yanked: bool = False
    metadata_sha256: str = ""
    uploaded: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What an index lists of a project: how many releases, those without a usable file too, and the files."""

    releases: int
    files: Sequence[Candidate]


class Index(ABC):
    """A source of projects. Every method raises AcquireError where the index cannot be reached or understood."""

    @abstractmethod
    def project(self, name: str) -> Sequence[Candidate] | None:
        """All files of a project by its normalised name, in any order; None where the index does not know it."""

    @abstractmethod
    def metadata(self, candidate: Candidate) -> bytes | None:
        """The candidate's core metadata without the file (PEP 658), not verified; None where the index has none."""

    @abstractmethod
    def download(self, candidate: Candidate, sink: Sink) -> None:
        """Write the candidate's bytes into the sink, which bounds and hashes them."""

    def listing(self, name: str, *, ask: bool = True) -> Listing | None:
        """What is listed of a project; None where the index does not know it.

        Without `ask`, nothing is sent: it is what is known of an earlier time, and None where nothing is.
        """
        files = self.project(name) if ask else None
        return None if files is None else Listing(len({file.version for file in files}), files)

    def known(self, name: str, version: str) -> Known:
        """What the index says of vulnerabilities of a version, by normalised names. Raises nothing: what is not known has a reason."""
        del name, version
        from analyzer.acquire.known import Known

        return Known(None, "this index tells no vulnerabilities")
