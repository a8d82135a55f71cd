"""What a list says of the files and versions of what it holds: conditions, constraints and digests."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from analyzer.acquire.index import Index
from analyzer.acquire.text import shown
from analyzer.errors import AcquireError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import BinaryIO

    from analyzer.acquire.cache import Sink
    from analyzer.acquire.index import Candidate, Listing
    from analyzer.acquire.known import Known
    from analyzer.acquire.lists.entry import Wanted
    from analyzer.model.package import Acquisition, Environment

_CHUNK: Final = 1024 * 1024
_NEVER: Final = (
    ValueError,
    RecursionError,
    TypeError,
)


def wanted_here(wanted: Wanted, environment: Environment) -> bool:
    """Whether an entry's condition is true for an interpreter. Raises AcquireError for one that cannot be evaluated."""
    if not wanted.marker:
        return True
    values: dict[str, str | frozenset[str]] = dict(environment.markers)
    try:
        if wanted.groups is None:
            return Marker(wanted.marker).evaluate({**dict(environment.markers), "extra": ""})
        values |= {"extras": frozenset(), "dependency_groups": wanted.groups}
        return Marker(wanted.marker).evaluate(values, context="lock_file")
    except _NEVER as error:
        raise AcquireError(
            f"{shown(wanted.target)} has a condition that cannot be evaluated ({shown(wanted.marker)}): correct it"
        ) from error


def constraints_of(lines: Iterable[str], environment: Environment) -> dict[str, SpecifierSet]:
    """The versions that requirements allow of each project. What cannot be read or does not apply constrains nothing."""
    found: dict[str, SpecifierSet] = {}
    for line in lines:
        try:
            one = Requirement(line)
            holds = one.marker is None or one.marker.evaluate({**dict(environment.markers), "extra": ""})
        except (InvalidRequirement, *_NEVER):
            continue
        name = canonicalize_name(one.name)
        if holds:
            found[name] = found.get(name, SpecifierSet()) & one.specifier
    return found


class Narrowed(Index):
    """An index that shows only what the constraints of a list allow, and of one project the files whose digests it gives.

    Where none has such a digest, all are shown, so that the refusal can name the file.
    """

    def __init__(
        self, index: Index, constraints: Mapping[str, SpecifierSet], name: str, digests: frozenset[str]
    ) -> None:
        self._index = index
        self._constraints = constraints
        self._name = name
        self._digests = digests

    def project(self, name: str) -> Sequence[Candidate] | None:
        """All files of a project that may be taken."""
        found = self._index.project(name)
        if found is None:
            return None
        allowed = self._constraints.get(name)
        if allowed is not None:
            found = [one for one in found if allowed.contains(Version(one.version), prereleases=True)]
        if name == self._name and self._digests:
            found = [one for one in found if f"sha256:{one.sha256}" in self._digests] or found
        return found

    def listing(self, name: str, *, ask: bool = True) -> Listing | None:
        """All that the index lists, since it tells of the project and not of what is taken."""
        return self._index.listing(name, ask=ask)

    def known(self, name: str, version: str) -> Known:
        """What the index says of vulnerabilities."""
        return self._index.known(name, version)

    def metadata(self, candidate: Candidate) -> bytes | None:
        """As the index has it."""
        return self._index.metadata(candidate)

    def download(self, candidate: Candidate, sink: Sink) -> None:
        """From the index."""
        self._index.download(candidate, sink)


def check_digests(wanted: Wanted, acquisition: Acquisition) -> None:
    """Sees that the target's file has one of the digests that the list gives for it, where it gives any.

    Raises:
        AcquireError: It has another one.
    """
    if not wanted.digests:
        return
    file = acquisition.target
    try:
        with file.path.open("rb") as stream:
            own = {f"{name}:{_hexadecimal(name, stream)}" for name in {one.partition(":")[0] for one in wanted.digests}}
    except OSError as error:
        raise AcquireError(
            f"{shown(file.filename)} cannot be read from the cache: {error.strerror}; try again"
        ) from error
    if not own & wanted.digests:
        raise AcquireError(
            f"{shown(file.filename)} has SHA-256 {file.sha256}, which {shown(wanted.place)} does not list: it is not analysed; "
            "correct the list, or distrust the file"
        )


def _hexadecimal(algorithm: str, stream: BinaryIO) -> str:
    stream.seek(0)
    digest = hashlib.new(algorithm)
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
