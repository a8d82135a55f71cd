"""What a list of packages holds, whatever kind of list it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

_DIGITS: Final = {"sha256": 64, "sha384": 96, "sha512": 128}
"""Digests that a list may give of a file (pip's hash-checking mode), as hashlib calls them."""

MAX_ENTRIES: Final = 20_000
"""Packages of one list. Larger environments than the largest known one have a tenth of it."""

MAX_DIGESTS: Final = 2_000
"""Digests of one entry: one for each file of a release."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an entry stands: in words, and the list's file as the user named it with a line of it, from 1; "" and 0 where there is none."""

    text: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A package that a list asks for.

    `target` is what `acquire` takes, without a marker; `place` says where it stands ("requirements.txt, line 3"). `marker` is the
    condition under which it is wanted, "" for always; that of a lock file may ask for `groups` of dependencies, which are None elsewhere. A
    file of it has to have one of the `digests` ("sha256:…"), where there are any. `spot` is the place in its list.
    """

    target: str
    place: str
    marker: str = ""
    digests: frozenset[str] = frozenset()
    groups: frozenset[str] | None = None
    spot: Spot | None = None

    @property
    def identity(self) -> tuple[str, str, frozenset[str]]:
        """What makes two entries the same, however they are spelt."""
        return spelled(self.target), self.marker, self.digests


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that is not analysed: where it stands, and why, in one line."""

    place: str
    why: str
    spot: Spot | None = None


@dataclass(slots=True)
class Listing:
    """What one list gave: what it wants, what of it is not analysed, and in `notes` what was passed over.

    `constraints` are requirements that hold for everything in it, dependencies too.
    """

    wanted: list[Wanted] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Whether it holds as much as is taken of one list."""
        return len(self.wanted) + len(self.refused) + len(self.notes) + len(self.constraints) >= MAX_ENTRIES


def spelled(target: str) -> str:
    """A target with the name, the extras and the versions of a requirement in one spelling."""
    try:
        found = Requirement(target)
    except (InvalidRequirement, RecursionError):
        return target
    extras = ",".join(sorted(canonicalize_name(one) for one in found.extras))
    return f"{canonicalize_name(found.name)}[{extras}]{found.specifier}"


def digest_of(text: str) -> str:
    """A digest as pip writes it ("sha256:…"), in lower case; "" for one of another algorithm or length."""
    algorithm, _, value = text.strip().lower().partition(":")
    whole = len(value) == _DIGITS.get(algorithm) and all(char in "0123456789abcdef" for char in value)
    return f"{algorithm}:{value}" if whole else ""


def spelled_name(target: str) -> str:
    """The normalised name of a requirement's project; "" for a path."""
    try:
        return canonicalize_name(Requirement(target).name)
    except (InvalidRequirement, RecursionError):
        return ""
