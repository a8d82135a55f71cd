"""What behaviors would show a finding, as data: the schema of mapping files, their loader, and the search for the entry that decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from analyzer.datafile import DataFile, yaml_files
from analyzer.model.confirmation import Finding, Scope
from analyzer.taxonomy import load as load_taxonomy

Pattern = Annotated[str, Field(min_length=1, max_length=200)]
Sentence = Annotated[str, Field(min_length=10, max_length=600)]

_MESSAGE: Final = 2000
"""Characters of a message that patterns are held against."""


class Entry(BaseModel):
    """What fits a finding, and what it means. All keys that are given have to fit; of a list, any may.

    `*` in a pattern stands for any characters, and case does not matter.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tools: tuple[Pattern, ...] = Field(default=(), description="Patterns of the scanner's name")
    rules: tuple[Pattern, ...] = Field(
        default=(),
        description="Patterns of the rule's id, of the last part of a dotted id, or of one of the rule's tags",
    )
    cwes: tuple[Annotated[int, Field(gt=0)], ...] = Field(default=(), description="Numbers of the CWE list")
    tags: tuple[Pattern, ...] = Field(default=(), description="Patterns of the rule's tags")
    message: tuple[Pattern, ...] = Field(default=(), description="Patterns of the message")
    behaviors: tuple[Pattern, ...] = Field(default=(), description="Ids or patterns of behaviors of which any shows it")
    at: Scope = Field(
        default="function",
        description="How far from the finding's line a behavior may be seen: at the line, in its function, in its file, in the package",
    )
    why: Sentence | None = Field(default=None, description="What a confirmation does, and does not, say")
    not_observable: Sentence | None = Field(default=None, description="Why no behavior would show it")

    @model_validator(mode="after")
    def _decides(self) -> Self:
        if not (self.tools or self.rules or self.cwes or self.tags or self.message):
            raise ValueError("an entry without `tools`, `rules`, `cwes`, `tags` and `message` fits nothing")
        if bool(self.behaviors) == bool(self.not_observable):
            raise ValueError("an entry says either `behaviors` or `not_observable`")
        if self.not_observable and (self.why or "at" in self.model_fields_set):
            raise ValueError("`why` and `at` say something of `behaviors`, and there are none")
        for pattern in self.behaviors:
            if not expanded([pattern]):
                raise ValueError(f"the taxonomy has no behavior {pattern}; `fumehood taxonomy` lists them")
        return self

    def fits(self, finding: Finding, tools: tuple[str, ...] = ()) -> bool:
        """Whether it is about a finding; `tools` are those of the entry's file, for entries that name none."""
        named = self.tools or tools
        return (
            (not named or fits_any([finding.tool], named))
            and (not self.rules or fits_any(_rule_names(finding), self.rules))
            and (not self.cwes or any(f"CWE-{number}" in finding.cwes for number in self.cwes))
            and (not self.tags or fits_any(finding.tags, self.tags))
            and (not self.message or fits_any([finding.message[:_MESSAGE]], self.message))
        )


class MappingFile(BaseModel):
    """A file of entries. `tools` are the scanners that entries without `tools` of their own are about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: Annotated[str, Field(min_length=3, max_length=400)] | None = None
    tools: tuple[Pattern, ...] = ()
    entries: tuple[Entry, ...] = Field(min_length=1)


def _rule_names(finding: Finding) -> list[str]:
    return [finding.rule, finding.rule.rpartition(".")[2], *finding.tags]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a finding's expected behaviors are, how near they have to be, and who said so.

    Without behaviors, `why` is the reason why the finding cannot be observed; with them, what a confirmation means.
    """

    behaviors: tuple[str, ...]
    scope: Scope
    why: str
    origin: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """Mapping files by their names, in the order in which they are tried: the first entry that fits decides."""

    files: tuple[tuple[str, MappingFile], ...]

    def decide(self, finding: Finding) -> Decision | None:
        """What is known of a finding; None where no entry fits. Behaviors that the finding itself names come first."""
        named = expanded(finding.behaviors)
        if named:
            return Decision(named, "function", "", "the findings' own")
        for name, number, entry, tools in self.entries():
            if entry.fits(finding, tools):
                why = entry.not_observable or entry.why or ""
                return Decision(expanded(entry.behaviors), entry.at, why, f"{name}, entry {number}")
        return None

    def entries(self) -> Iterator[tuple[str, int, Entry, tuple[str, ...]]]:
        """All entries in order, with their file's name, their number in it from 1, and the scanners that the file is about."""
        for name, file in self.files:
            for number, entry in enumerate(file.entries, 1):
                yield name, number, entry, file.tools


def load_mapping(extra: Iterable[Path] = ()) -> Mapping:
    """The mapping of this version, after a user's own files.

    Raises:
        UsageError: A file cannot be read, or something in it is wrong; the message names file and line.
    """
    own = tuple((path.name, _read(path, shipped=False)) for path in extra)
    return Mapping((*own, *builtin().files))


@cache
def builtin() -> Mapping:
    """The mapping that comes with fumehood: a file a scanner, then what CWE numbers alone tell."""
    found = yaml_files(files("analyzer.confirm").joinpath("data"))
    return Mapping(tuple((path.name, _read(path, shipped=True)) for path in found))


def _read(path: Traversable | Path, *, shipped: bool) -> MappingFile:
    name = "" if shipped else str(path)
    return DataFile(path, "mapping file", name, shipped=shipped).read(MappingFile)


def expanded(patterns: Iterable[str]) -> tuple[str, ...]:
    """The ids of the active behaviors that fit any of some patterns, in the patterns' order."""
    known = _ids()
    exact = frozenset(known)
    return tuple(
        dict.fromkeys(
            one
            for pattern in patterns
            for one in ([pattern] if pattern in exact else known if "*" in pattern else ())
            if one == pattern or _fits(one, pattern)
        )
    )


@cache
def _ids() -> tuple[str, ...]:
    return tuple(one.id for one in load_taxonomy() if one.status == "active")


def fits_any(texts: Iterable[str], patterns: Iterable[str]) -> bool:
    """Whether a text fits one of several patterns as a whole. Texts may be hostile: the time is linear in them for each `*`."""
    lowered = [text.lower() for text in texts]
    return any(_fits(text, pattern.lower()) for pattern in patterns for text in lowered)


def _fits(text: str, pattern: str) -> bool:
    return fnmatchcase(text, pattern.replace("[", "[[]").replace("?", "[?]"))
