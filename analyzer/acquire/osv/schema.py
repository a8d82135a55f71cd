"""One OSV record, as far as it is about packages of PyPI: checked, and reduced to what tells whether a version is affected.

The fields are those of the OSV schema 1.6 to 1.7; other keys, and packages of other ecosystems, are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, NamedTuple

from packaging.utils import canonicalize_name
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_ECOSYSTEM: Final = "PyPI"
_MAX_SUMMARY: Final = 2000
_ORDERED: Final = frozenset({"ECOSYSTEM", "SEMVER"})
"""Ranges of versions. Ranges of commits (GIT) say nothing of a version."""


class Event(NamedTuple):
    """A border of a range. At one version, what was fixed before comes before what begins there."""

    kind: Literal["fixed", "introduced", "last_affected", "limit"]
    version: str


@dataclass(frozen=True, slots=True)
class Affected:
    """Versions of one project: listed ones, one a line, and ranges of events."""

    versions: str
    ranges: tuple[tuple[Event, ...], ...]


@dataclass(frozen=True, slots=True)
class Advisory:
    """One record of one project. `modified` is its last change as the record has it."""

    id: str
    aliases: tuple[str, ...]
    summary: str
    details: str
    link: str
    modified: str
    affected: tuple[Affected, ...]


def _absent(value: Any) -> Any:
    """Databases write null for an empty list."""
    return [] if value is None else value


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Event(_Part):
    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None
    limit: str | None = None

    def events(self) -> Iterator[Event]:
        """The event that it is; one that a later version of the format knows is passed over."""
        if self.introduced is not None:
            yield Event("introduced", self.introduced)
        if self.fixed is not None:
            yield Event("fixed", self.fixed)
        if self.last_affected is not None:
            yield Event("last_affected", self.last_affected)
        if self.limit is not None:
            yield Event("limit", self.limit)


class _Range(_Part):
    type: str
    events: Annotated[list[_Event], BeforeValidator(_absent)] = Field(default_factory=list)


class _Package(_Part):
    ecosystem: str
    name: str


class _Affected(_Part):
    package: _Package | None = None
    ranges: Annotated[list[_Range], BeforeValidator(_absent)] = Field(default_factory=list)
    versions: Annotated[list[str], BeforeValidator(_absent)] = Field(default_factory=list)


class _Reference(_Part):
    type: str
    url: str


class OsvRecord(_Part):
    """One record of the format."""

    id: Annotated[str, Field(min_length=1)]
    modified: str = ""
    withdrawn: str | None = None
    aliases: Annotated[list[str], BeforeValidator(_absent)] = Field(default_factory=list)
    summary: str | None = None
    details: str | None = None
    affected: Annotated[list[_Affected], BeforeValidator(_absent)] = Field(default_factory=list)
    references: Annotated[list[_Reference], BeforeValidator(_absent)] = Field(default_factory=list)

    def advisories(self) -> dict[str, Advisory]:
        """What it says of each project of PyPI, by normalised name; a withdrawn record says nothing."""
        affected: dict[str, list[Affected]] = {}
        for one in self.affected:
            if one.package is not None and one.package.ecosystem.partition(":")[0] == _ECOSYSTEM:
                affected.setdefault(canonicalize_name(one.package.name), []).append(_reduced(one))
        return {name: self._advisory(tuple(some)) for name, some in affected.items()}

    def _advisory(self, affected: tuple[Affected, ...]) -> Advisory:
        return Advisory(
            id=self.id,
            aliases=tuple(self.aliases),
            summary=(self.summary or "")[:_MAX_SUMMARY],
            details="" if self.summary else (self.details or "")[:_MAX_SUMMARY],
            link=self._link(),
            modified=self.modified[:40],
            affected=affected,
        )

    def _link(self) -> str:
        """An advisory, else any page of the web."""
        for kind in ("ADVISORY", "WEB"):
            for one in self.references:
                if one.type == kind:
                    return one.url
        return ""


def _reduced(affected: _Affected) -> Affected:
    ranges = (one for one in affected.ranges if one.type in _ORDERED)
    return Affected(
        versions="\n".join(affected.versions),
        ranges=tuple(tuple(event for each in one.events for event in each.events()) for one in ranges),
    )
