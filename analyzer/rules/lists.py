"""Reference lists: facts about the world that rules refer to by name, such as suspicious top-level domains.

Data in `reference/*.yaml`, each list with its source and date. A list's kind says how a value is compared with it:

    domains     a host name that is an entry or lies below one; a TLD is an entry of one label
    addresses   an address inside an entry (CIDR)
    ports       a number that is an entry
    paths       globs: `~` is a user's home, `*` stays within a segment, `**` crosses, a trailing `/` means all below
    names       a text that is an entry
    patterns    fnmatch on the whole text, case-insensitive
    extensions  a path or URL that ends in `.entry`, before any `?` or `#`
    magic       a file's first bytes, as text with escapes
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from fnmatch import translate
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from analyzer.datafile import DataFile, yaml_files
from analyzer.errors import UsageError

Kind = Literal["domains", "addresses", "ports", "paths", "names", "patterns", "extensions", "magic"]
ListName = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]

_CACHED = 4096
_HOME = r"(?:\x2fhome\x2f[^\x2f]+|\x2froot|\?)"
"""A user's home folder, or an unknown one; its slashes are written so that the pattern is one segment."""

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ReferenceList(BaseModel):
    """One list. `date` is when it was compiled or last checked, `source` where the facts come from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ListName
    title: str
    kind: Kind
    source: Annotated[str, Field(min_length=3)]
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    entries: tuple[Annotated[str, Field(min_length=1, max_length=300)] | int, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _plain_date(cls, data: Any) -> Any:
        """YAML reads a date as a date."""
        if isinstance(data, dict) and hasattr(data.get("date"), "isoformat"):
            return {**data, "date": data["date"].isoformat()}
        return data

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        wanted = int if self.kind == "ports" else str
        for entry in self.entries:
            if type(entry) is not wanted:
                raise ValueError(f"{self.name}: an entry of kind {self.kind} is not {entry!r}")
        if len(set(self.entries)) != len(self.entries):
            twice = next(entry for entry in self.entries if self.entries.count(entry) > 1)
            raise ValueError(f"{self.name}: {twice!r} is there twice")
        if self.kind == "domains" and any(str(entry) != str(entry).lower().strip(".") for entry in self.entries):
            raise ValueError(f"{self.name}: domains are lower case, without a dot at either end")
        if self.kind == "addresses":
            for entry in self.entries:
                ipaddress.ip_network(str(entry))
        return self

    @property
    def is_numeric(self) -> bool:
        """Whether it is compared with numbers."""
        return self.kind == "ports"

    @property
    def pattern(self) -> str | None:
        """A regular expression that fits the values of the list, from their beginning; None where there is none."""
        make = _PATTERNS.get(self.kind)
        return make([str(entry) for entry in self.entries]) if make is not None else None

    @cached_property
    def matcher(self) -> Callable[[Any], bool]:
        """Whether a value is in the list. Pure; never raises for a text (or, for ports, a number)."""
        texts = [str(entry) for entry in self.entries]
        if self.kind in {"ports", "names"}:
            return frozenset(self.entries).__contains__
        if self.kind == "domains":
            return _domains(frozenset(texts))
        if self.kind == "addresses":
            return in_networks(texts)
        if self.kind == "magic":
            starts = tuple(texts)
            return lambda value: value.startswith(starts)
        return _matches(self.pattern or "")


class ReferenceFile(BaseModel):
    """A file of lists."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lists: tuple[ReferenceList, ...]


Lists = Mapping[str, ReferenceList]


@cache
def load() -> Lists:
    """The lists of this version by name. Raises UsageError, naming file and line, when a file is broken."""
    found: dict[str, ReferenceList] = {}
    folder = files("analyzer.rules").joinpath("reference")
    for path in yaml_files(folder):
        add(found, DataFile(path, "reference file", shipped=True).read(ReferenceFile).lists, path.name)
    return found


def add(lists: dict[str, ReferenceList], more: Iterable[ReferenceList], file: str) -> None:
    """Adds lists of a file. Raises UsageError for a name that is taken."""
    for one in more:
        if one.name in lists:
            raise UsageError(f"{file}: there is another reference list of the name {one.name!r}; choose another name")
        lists[one.name] = one


def in_networks(networks: Iterable[str]) -> Callable[[Any], bool]:
    """Whether a text is an address of one of the networks (CIDR)."""
    parsed: list[_Network] = [ipaddress.ip_network(text) for text in networks]

    @lru_cache(maxsize=_CACHED)
    def inside(text: str) -> bool:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        return any(address in network for network in parsed if network.version == address.version)

    return inside


def _domains(entries: frozenset[str]) -> Callable[[Any], bool]:
    def below(value: str) -> bool:
        name = value.lower().rstrip(".")
        while name:
            if name in entries:
                return True
            name = name.partition(".")[2]
        return False

    return below


def _matches(pattern: str) -> Callable[[Any], bool]:
    match = re.compile(pattern, re.DOTALL).match
    return lambda value: match(value) is not None


def paths_pattern(entries: Iterable[str]) -> str:
    """A regular expression for whole paths that fit one of the globs.

    What several begin with stands in it once, segment by segment, so that a path that fits none is soon told.
    """
    return _joined([_path(entry).split("/") for entry in sorted(set(entries))]) + r"\Z"


def _joined(paths: list[list[str]]) -> str:
    """Paths as lists of segments, each a regular expression, as one for all."""
    by_first: dict[str, list[list[str]]] = {}
    for segments in paths:
        by_first.setdefault(segments[0], []).append(segments[1:])
    branches = []
    for first, rests in by_first.items():
        longer = [rest for rest in rests if rest]
        ending = ["/" + _joined(longer)] if longer else []
        branches.append(first + (ending[0] if len(longer) == len(rests) else f"(?:{ending[0]})?" if longer else ""))
    return branches[0] if len(branches) == 1 else "(?:" + "|".join(branches) + ")"


def _path(glob: str) -> str:
    """A path glob as a regular expression for the whole path. `~` comes out without a slash, others keep theirs."""
    pieces = []
    for piece in re.findall(r"\*\*|[*?]|\[[^\]]+\]|^~|[^*?\[]+|\[", glob if glob[-1] != "/" else glob + "**"):
        if piece == "~":
            pieces.append(_HOME)
        elif piece == "**":
            pieces.append(".+")
        elif piece in "*?":
            pieces.append(r"[^\x2f]*" if piece == "*" else r"[^\x2f]")
        elif piece.startswith("[") and len(piece) > 1:
            pieces.append(piece)
        else:
            pieces.append(re.escape(piece))
    return "".join(pieces)


_PATTERNS: dict[str, Callable[[list[str]], str]] = {
    "names": lambda entries: "(?:" + "|".join(map(re.escape, entries)) + r")\Z",
    "paths": paths_pattern,
    "patterns": lambda entries: "(?i:" + "|".join(map(translate, entries)) + ")",
    "extensions": lambda entries: r"(?i:[^?#]*\.(?:" + "|".join(map(re.escape, entries)) + r"))(?:[?#]|\Z)",
}
