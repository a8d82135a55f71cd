"""A project page of the index: parsed with pypi-simple, reduced to candidates, and kept in the cache."""

from __future__ import annotations

import json
import re
import warnings
from datetime import UTC
from typing import TYPE_CHECKING, Annotated, Final

from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analyzer.acquire.index import Candidate, Listing
from analyzer.acquire.limits import MAX_PAGE_FILES
from analyzer.acquire.text import shown
from analyzer.archives.archive import SDIST_SUFFIXES
from analyzer.errors import AcquireError
from analyzer.model.package import version_of

if TYPE_CHECKING:
    from datetime import datetime

    from pypi_simple import DistributionPackage

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_JSON: Final = "application/vnd.pypi.simple.v1+json"
_HTML: Final = ("application/vnd.pypi.simple.v1+html", "text/html")


class Page(BaseModel):
    """A project page as it is cached. `fetched` is seconds since the epoch; `etag` is "" where the index gives none.

    `releases` counts the project's versions, those without a usable file too where the index tells them (PEP 700).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    etag: str
    fetched: float
    candidates: tuple[Candidate, ...]
    releases: Annotated[int, Field(ge=0)]

    @property
    def listing(self) -> Listing:
        """What it lists."""
        return Listing(self.releases, self.candidates)

    @staticmethod
    def from_cache(content: bytes | None) -> Page | None:
        """The page from its cached form; None where there is none or it is damaged."""
        if content is None:
            return None
        try:
            return Page.model_validate_json(content)
        except ValidationError:
            return None


def parse_page(content: bytes, content_type: str, url: str, project: str) -> Listing:
    """The files that a project page lists, and of how many releases it tells.

    Args:
        content: The answer's body.
        content_type: Its Content-Type header: JSON (PEP 691) or HTML (PEP 503).
        url: Its final address, from which relative addresses count.
        project: The normalised project name; files of other projects are left out.

    Raises:
        AcquireError: It is not a project page.
    """
    # Imported here because it brings requests and an HTML parser, which a run from the cache does not need.
    from pypi_simple import ProjectPage, UnsupportedRepoVersionError

    kind, _, parameters = content_type.partition(";")
    kind = kind.strip().lower()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a newer minor version of the API stays readable, by its specification
            if kind == _JSON:
                page = ProjectPage.from_json_data(json.loads(content), url)
            elif kind in _HTML:
                charset = re.search(r"charset=\"?([\w-]+)", parameters)
                page = ProjectPage.from_html(project, content, url, charset[1] if charset else None)
            else:
                raise AcquireError(_not_a_page(project, f"its content type is {kind or 'missing'}"))
    except (ValueError, LookupError, TypeError, AssertionError, RecursionError, UnsupportedRepoVersionError) as error:
        raise AcquireError(_not_a_page(project, type(error).__name__)) from error
    if len(page.packages) > MAX_PAGE_FILES:
        raise AcquireError(_not_a_page(project, f"it lists more than {MAX_PAGE_FILES} files"))
    found = (_candidate(package, project) for package in page.packages)
    files = tuple(candidate for candidate in found if candidate is not None)
    named = {*(page.versions or [])[:MAX_PAGE_FILES], *(file.version for file in files)}
    return Listing(len({_meant(version) for version in named}), files)


def _meant(version: str) -> Version | str:
    """What equal versions are equal by, however they are written; a text that follows no specification is itself."""
    return version_of(version) or version


def _not_a_page(project: str, reason: str) -> str:
    return f"the package index's page of {shown(project)} cannot be read ({shown(reason)}): check the index address"


def _candidate(package: DistributionPackage, project: str) -> Candidate | None:
    """One listed file; None for eggs, installers, other projects' files and names that follow no specification."""
    if "/" in package.filename or package.project is None or canonicalize_name(package.project) != project:
        return None
    version = _version(package)
    if version is None:
        return None
    sha256 = package.digests.get("sha256", "").lower()
    metadata = (package.metadata_digests or {}).get("sha256", "").lower()
    return Candidate(
        project=project,
        version=str(version),
        filename=package.filename,
        kind="wheel" if package.package_type == "wheel" else "sdist",
        url=package.url,
        sha256=sha256 if _SHA256.fullmatch(sha256) else "",
        size=max(package.size or 0, 0),
        requires_python=package.requires_python or "",
        yanked=package.is_yanked,
        metadata_sha256=metadata if _SHA256.fullmatch(metadata) else "",
        uploaded=_moment(package.upload_time),
    )


def _moment(time: datetime | None) -> str:
    """A time of the index, which is UTC (PEP 700)."""
    if time is None:
        return ""
    try:
        utc = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except OverflowError:  # the first or last day that there is, in another zone
        return ""
    return utc.isoformat(timespec="seconds").replace("+00:00", "Z")


def _version(package: DistributionPackage) -> Version | None:
    try:
        if package.package_type == "wheel":
            return parse_wheel_filename(package.filename)[1]
        if package.package_type == "sdist" and package.filename.endswith(SDIST_SUFFIXES):
            return Version(package.version or "")
    except ValueError:  # InvalidVersion and its like, or a number of more digits than Python reads
        return None
    return None
