"""The release data that an index has beside its simple API: one JSON document a version, with the vulnerabilities known of it.

The format is that of the index's own JSON API. Where the simple API's address ends in `simple`, the documents are at
`pypi/NAME/VERSION/json` in its place, and at `pypi/NAME/json` for the newest version. An index need not have them.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from packaging.utils import canonicalize_name
from pydantic import BaseModel, ConfigDict, ValidationError

from analyzer.acquire.known import MAX_VULNERABILITIES, vulnerability
from analyzer.acquire.metadata import same_version
from analyzer.acquire.text import shown
from analyzer.errors import AcquireError
from analyzer.model.project import Vulnerability

_ENDING: Final = "simple"


class Document(BaseModel):
    """A release document as it is cached. `fetched` is seconds since the epoch.

    `version` is the one that it is of, "" where the index has no such document; `vulnerabilities` None where it has none of that key.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    etag: str = ""
    fetched: float
    version: str = ""
    vulnerabilities: tuple[Vulnerability, ...] | None = None

    @staticmethod
    def from_cache(content: bytes | None) -> Document | None:
        """The document from its cached form; None where there is none or it is damaged."""
        if content is None:
            return None
        try:
            return Document.model_validate_json(content)
        except ValidationError:
            return None

    def is_of(self, version: str) -> bool:
        """Whether it tells of this version."""
        return bool(self.version) and same_version(self.version, version)


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Weakness(_Told):
    id: str
    aliases: list[str] = []
    summary: str | None = None
    details: str | None = None
    fixed_in: list[str] = []
    link: str | None = None
    withdrawn: str | None = None


class _Info(_Told):
    name: str
    version: str


class _Answer(_Told):
    info: _Info
    vulnerabilities: list[_Weakness] | None = None


def address(simple: str, project: str, version: str = "") -> str | None:
    """Where the document of a version is, or of the newest; None where the simple API's address does not tell.

    Args:
        simple: The address of the simple API.
        project: The project's normalised name.
        version: A version, "" for the newest.
    """
    parts = urlsplit(simple)
    path = parts.path.rstrip("/")
    if parts.query or parts.fragment or not path.endswith(f"/{_ENDING}"):
        return None
    wanted = "/".join(quote(part, safe="") for part in ("pypi", project, version, "json") if part)
    return urlunsplit(parts._replace(path=path.removesuffix(_ENDING) + wanted))


def parse_document(content: bytes, project: str, etag: str, fetched: float) -> Document:
    """What an answer says.

    Raises:
        AcquireError: It is no release document, or one of another project.
    """
    try:
        answer = _Answer.model_validate_json(content)
    except ValidationError as error:
        raise AcquireError(f"the index's release data of {shown(project)} cannot be read") from error
    if canonicalize_name(answer.info.name) != project:
        raise AcquireError(f"the index's release data of {shown(project)} is of another project")
    return Document(
        etag=etag, fetched=fetched, version=answer.info.version[:200], vulnerabilities=_standing(answer.vulnerabilities)
    )


def _standing(found: list[_Weakness] | None) -> tuple[Vulnerability, ...] | None:
    """Those that were not withdrawn."""
    if found is None:
        return None
    standing = [one for one in found if one.withdrawn is None][:MAX_VULNERABILITIES]
    return tuple(
        vulnerability(one.id, one.aliases, (one.summary, one.details), one.fixed_in, one.link, "index")
        for one in standing
    )
