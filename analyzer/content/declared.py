"""What a distribution's metadata says of its licence, its kind and its needs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from packaging.metadata import RawMetadata, parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from analyzer.archives.text import shown
from analyzer.errors import AcquireError

_TEXT: Final = 4000
_SHORT: Final = 400
_MANY: Final = 500
_REQUIRES: Final = 2000
_LICENSE: Final = "License :: "
_SCRIPTS: Final = re.compile(r"^\s*\[\s*(?:console|gui)_scripts\s*\]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Declared:
    """The part of some metadata that is kept. `license` is the free text of that field."""

    name: str = ""
    version: str = ""
    expression: str = ""
    license: str = ""
    classifiers: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    scripts: bool = False

    def license_classifiers(self) -> list[str]:
        """The classifiers that tell a licence."""
        return [one for one in self.classifiers if one.startswith(_LICENSE)]


def core(content: bytes) -> Declared:
    """What METADATA or PKG-INFO says. Raises AcquireError."""
    try:
        raw: RawMetadata = parse_email(content)[0]
    # What the standard library's parser of mail lets through for hostile bytes, as fuzzing showed.
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise _unreadable(error) from error
    return Declared(
        name=raw.get("name", "")[:_SHORT],
        version=raw.get("version", "")[:_SHORT],
        expression=raw.get("license_expression", "")[:_TEXT],
        license=raw.get("license", "")[:_TEXT],
        classifiers=_short(raw.get("classifiers", ())),
        requires=_names(raw.get("requires_dist", ())),
    )


def project(content: bytes) -> Declared:
    """What the table `[project]` of a pyproject.toml says. Raises AcquireError."""
    try:
        table = tomllib.loads(content.decode("utf-8")).get("project")
    except (ValueError, RecursionError) as error:
        raise _unreadable(error) from error
    if not isinstance(table, dict):
        return Declared()
    told = table.get("license")
    return Declared(
        name=_text(table.get("name"))[:_SHORT],
        version=_text(table.get("version"))[:_SHORT],
        expression=_text(told)[:_TEXT],
        license=_text(told.get("text") if isinstance(told, dict) else None)[:_TEXT],
        classifiers=_short(_texts(table.get("classifiers"))),
        requires=_names(_texts(table.get("dependencies"))),
        scripts=bool(table.get("scripts") or table.get("gui-scripts")),
    )


def requires_txt(content: bytes) -> tuple[str, ...]:
    """The names that the unconditional part of an `*.egg-info/requires.txt` has."""
    lines = content.decode("utf-8", "replace").splitlines()
    return _names(_before_sections(lines))


def has_scripts(content: bytes) -> bool:
    """Whether an `entry_points.txt` names scripts."""
    return _SCRIPTS.search(content.decode("utf-8", "replace")) is not None


def _unreadable(error: Exception) -> AcquireError:
    return AcquireError(f"its metadata cannot be read ({shown(str(error)) or type(error).__name__})")


def _before_sections(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if line.startswith("["):
            return
        if line.strip():
            yield line


def _names(lines: Iterable[str]) -> tuple[str, ...]:
    """The normalised names of what is needed without any extra; lines that are no requirements have none."""
    found: dict[str, None] = {}
    for line in lines:
        if len(found) >= _REQUIRES:
            break
        try:
            one = Requirement(line)
        except (InvalidRequirement, RecursionError):
            continue
        if one.marker is None or "extra" not in str(one.marker):
            found[str(canonicalize_name(one.name))[:_SHORT]] = None
    return tuple(found)


def _short(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(text[:_SHORT] for text in list(texts)[:_MANY])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
