"""What an index tells of a target beside its files: releases, times, whether it was yanked, vulnerabilities.

The page that a requirement was resolved from has most of it already. A file that the user gave is no release of the index, unless its
digest is one that the index listed for that name and version at an earlier time: its name is not sent before, since that of a private
project is nobody's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from analyzer.acquire.metadata import same_version
from analyzer.errors import AcquireError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analyzer.acquire.index import Candidate, Index, Listing
    from analyzer.model.package import Acquisition
    from analyzer.model.project import Vulnerability

_LOCAL: Final = (
    "it was given by its path and is not known to be a release of the index, so that its age, its use and what the index says of it "
    "are not known"
)


@dataclass(frozen=True, slots=True)
class Release:
    """What is known; None for what is not, and `notes` say why. Times are UTC, RFC 3339.

    `listed` tells that the index lists the analysed file for this name and version. `upload` is when the version's first file came.
    """

    listed: bool = False
    releases: int | None = None
    first_upload: str | None = None
    upload: str | None = None
    yanked: bool | None = None
    vulnerabilities: tuple[Vulnerability, ...] | None = None
    notes: tuple[str, ...] = ()


def release(acquisition: Acquisition, index: Index) -> Release:
    """What the index tells of an acquired target. Whatever goes wrong is a note, not an error."""
    given = acquisition.kind != "requirement"
    try:
        if given and _listed(index.listing(acquisition.name, ask=False), acquisition) is None:
            return Release(notes=(_LOCAL,))
        listing = index.listing(acquisition.name)
    except AcquireError:
        # Its message may name the address of the user's own index, and a record may be handed on.
        return Release(notes=("what the index tells of it is not known, since it cannot be reached or read",))
    file = _listed(listing, acquisition)
    if listing is None or file is None:
        return Release(notes=("the index does not list this file any more",))
    known = index.known(acquisition.name, acquisition.version)
    same = [one for one in listing.files if same_version(one.version, file.version)]
    return Release(
        listed=True,
        releases=listing.releases,
        first_upload=_first(listing.files),
        upload=_first(same),
        yanked=file.yanked,
        vulnerabilities=known.vulnerabilities,
        notes=(known.note,) if known.note else (),
    )


def _listed(listing: Listing | None, acquisition: Acquisition) -> Candidate | None:
    """The entry of the acquired file."""
    files = listing.files if listing is not None else ()
    wanted = acquisition.target.sha256
    version = acquisition.version
    return next((one for one in files if one.sha256 == wanted and same_version(one.version, version)), None)


def _first(files: Iterable[Candidate]) -> str | None:
    return min((file.uploaded for file in files if file.uploaded), default=None)
