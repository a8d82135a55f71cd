"""What is known of a package without running anything: name, version, dependencies, and what building it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from packaging.metadata import RawMetadata, parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from pydantic import BaseModel, ConfigDict

from analyzer.acquire.limits import MAX_REQUIREMENTS
from analyzer.acquire.text import shown
from analyzer.errors import AcquireError
from analyzer.model.package import version_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analyzer.model.package import Environment

_DAMAGED: Final = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What the standard library's mail parser lets through for hostile headers."""


class Metadata(BaseModel):
    """Static metadata of a wheel, an sdist or a directory; everything in it is text from the package.

    `name` and `version` are "" where only a build would tell; `requires` and `build_requires` are PEP 508 lines, the
    latter empty for wheels.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = ""
    version: str = ""
    requires: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    requires_python: str = ""
    build_requires: tuple[str, ...] = ()


def core_metadata(content: bytes, label: str) -> RawMetadata:
    """The fields of METADATA or PKG-INFO (core metadata specification), not validated.

    Raises:
        AcquireError: It cannot be read at all.
    """
    try:
        raw, _unparsed = parse_email(content)
    except _DAMAGED as error:
        raise AcquireError(f"the metadata of {shown(label)} cannot be read: choose another version of it") from error
    return raw


def from_core_metadata(raw: RawMetadata) -> Metadata:
    """The part of core metadata that acquisition needs."""
    return Metadata(
        name=raw.get("name", ""),
        version=raw.get("version", ""),
        requires=tuple(raw.get("requires_dist", ())),
        extras=tuple(raw.get("provides_extra", ())),
        requires_python=raw.get("requires_python", ""),
    )


def requirements(lines: Iterable[str], label: str) -> list[Requirement]:
    """PEP 508 lines as requirements.

    Raises:
        AcquireError: A line is not a requirement, asks for a URL, or there are too many.
    """
    parsed: list[Requirement] = []
    for line in lines:
        if len(parsed) >= MAX_REQUIREMENTS:
            raise AcquireError(f"{shown(label)} declares more than {MAX_REQUIREMENTS} dependencies: it is not analysed")
        try:
            parsed.append(Requirement(line))
        except (InvalidRequirement, RecursionError) as error:
            raise AcquireError(
                f"{shown(label)} declares a dependency that cannot be read ({shown(line)}): "
                "choose another version of it"
            ) from error
    return parsed


def applicable(
    needed: Iterable[Requirement], environment: Environment, label: str, extras: Iterable[str] = ()
) -> list[Requirement]:
    """The requirements whose markers are true in the sandbox, for the package itself or for any of the extras.

    Raises:
        AcquireError: A requirement that applies names a URL instead of a version.
    """
    contexts = [dict(environment.markers) | {"extra": extra} for extra in (*extras,)] or [
        dict(environment.markers) | {"extra": ""}
    ]
    chosen = []
    for requirement in needed:
        if not _true_in_any(requirement, contexts, label):
            continue
        if requirement.url is not None:
            raise AcquireError(
                f"{shown(label)} needs {shown(requirement.name)} from a URL ({shown(requirement.url)}), "
                "which is never fetched: choose a version whose dependencies are on the index"
            )
        chosen.append(requirement)
    return chosen


def _true_in_any(requirement: Requirement, contexts: list[dict[str, str]], label: str) -> bool:
    if requirement.marker is None:
        return True
    try:
        return any(requirement.marker.evaluate(context) for context in contexts)
    except (ValueError, RecursionError) as error:  # packaging's own are ValueErrors, as are numbers of too many digits
        raise AcquireError(
            f"{shown(label)} declares a dependency whose condition cannot be evaluated ({shown(str(requirement))}): "
            "choose another version of it"
        ) from error


def supports_python(requires_python: str, environment: Environment) -> bool:
    """Whether Requires-Python admits the sandbox's interpreter; an unreadable one admits any, as for installers."""
    if not requires_python:
        return True
    try:
        return SpecifierSet(requires_python).contains(environment.python_version, prereleases=True)
    except InvalidSpecifier:
        return True


def same_version(left: str, right: str) -> bool:
    """Whether two version texts mean the same version (PEP 440)."""
    known = version_of(left), version_of(right)
    return left == right if None in known else known[0] == known[1]


def same_name(left: str, right: str) -> bool:
    """Whether two texts name the same project."""
    return canonicalize_name(left) == canonicalize_name(right)
