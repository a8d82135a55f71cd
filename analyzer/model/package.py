"""What is analysed and what it is analysed with: environments, served files and acquired packages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from packaging.version import Version

Role = Literal["target", "dependency", "build"]
Kind = Literal["requirement", "wheel", "sdist", "directory"]


@dataclass(frozen=True, slots=True)
class Environment:
    """The interpreter inside the sandbox, for which files are chosen.

    `python_version` is the full version ("3.11.2"); `markers` the PEP 508 environment; `tags` the supported wheel
    tags, best first, as text ("cp311-cp311-manylinux_2_36_x86_64").
    """

    python_version: str
    markers: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file that the installer in the sandbox may see: bytes in the cache, read-only, hashed.

    `project` is the normalised name of the project whose index page lists the file ("" where only the file name tells).
    """

    filename: str
    path: Path
    sha256: str
    size: int
    role: Role
    project: str = ""


@dataclass(frozen=True, slots=True)
class Acquisition:
    """A target with everything that installing it needs.

    `name` is the normalised project name, `version` as far as it is known without running code ("" where only a build
    would tell). `files[0]` is the target; `kind` says what the user named.
    """

    name: str
    version: str
    kind: Kind
    extras: tuple[str, ...]
    files: tuple[ServedFile, ...]

    @property
    def target(self) -> ServedFile:
        """The file that is installed."""
        return self.files[0]


def version_of(text: str) -> Version | None:
    """A version by its specification (PEP 440); None for a text that is none, such as one with numbers of more digits than Python reads."""
    try:
        return Version(text)
    except ValueError:  # InvalidVersion is one
        return None
