"""Behaviors as data: the schema of the taxonomy's files, and their loader."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from analyzer.catalog import Catalog, check_category
from analyzer.datafile import DataFile, yaml_files
from analyzer.model.event import PHASES, Layer, Phase
from analyzer.model.report import Severity

Id = Annotated[str, Field(pattern=r"^[a-z]+(\.[a-z0-9-]+){1,3}$")]
Attack = Annotated[str, Field(pattern=r"^T\d{4}(\.\d{3})?$")]
Mbc = Annotated[str, Field(pattern=r"^[A-Z]\d{4}(\.\d{3}|\.m\d{2})?$")]
Phrase = Annotated[str, Field(min_length=3, max_length=400)]
TracerName = Literal["kernel", "strace"]


class Behavior(BaseModel):
    """One named behavior.

    `status` is active (rules can witness it), planned (no layer sees it yet; `reason` says why) or deprecated
    (`replaced_by` says by what; ids are never used for something else).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    title: Phrase
    description: Phrase = Field(description="What was done, in plain words")
    severity: Severity
    innocent: Phrase = Field(description="What an honest package may do it for")
    observability: tuple[Layer, ...] = Field(min_length=1, description="Layers that can witness it")
    phases: tuple[Phase, ...] = Field(default=PHASES, min_length=1, description="Phases in which it can be seen")
    attack: tuple[Attack, ...] = Field(default=(), description="MITRE ATT&CK techniques, Enterprise")
    mbc: tuple[Mbc, ...] = Field(default=(), description="Malware Behavior Catalog")
    aliases: tuple[Phrase, ...] = Field(default=(), description="Phrases by which other public lists name it")
    related: tuple[Phrase, ...] = Field(default=(), description="Entries of other vocabularies, as `vocabulary: entry`")
    since: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    status: Literal["active", "planned", "deprecated"] = "active"
    reason: Phrase | None = Field(default=None, description="Why a planned behavior is not seen yet")
    limits: dict[TracerName, Phrase] = Field(
        default={}, description="What a tracer of system calls does not see of it and the other one does, by its name"
    )
    replaced_by: Id | None = None

    @model_validator(mode="after")
    def _told(self) -> Self:
        if (self.status == "planned") != (self.reason is not None):
            raise ValueError("a planned behavior, and no other, has a `reason`")
        if (self.status == "deprecated") != (self.replaced_by is not None):
            raise ValueError("a deprecated behavior, and no other, has `replaced_by`")
        return self

    @property
    def category(self) -> str:
        """The first word of the id."""
        return self.id.split(".", 1)[0]


class Category(BaseModel):
    """A file of the taxonomy: a category, what it holds, and its behaviors."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: Annotated[str, Field(pattern=r"^[a-z]+$")]
    description: Phrase
    behaviors: tuple[Behavior, ...]

    @model_validator(mode="after")
    def _own(self) -> Self:
        check_category(self.category, self.behaviors)
        return self


class Taxonomy(Catalog[Behavior]):
    """Behaviors by id, and the descriptions of their categories."""

    def __init__(self, behaviors: Iterable[Behavior], categories: Iterable[Category] = ()) -> None:
        super().__init__(behaviors)
        self.categories = {category.category: category.description for category in categories}

    def limits(self, tracer: str) -> dict[str, str]:
        """What a tracer does not see and the other one does: a sentence for each such behavior's id."""
        return {one.id: text for one in self for name, text in one.limits.items() if name == tracer}

    def with_more(self, behaviors: Iterable[Behavior]) -> Taxonomy:
        """A taxonomy that has these behaviors too."""
        more = Taxonomy([*self, *behaviors])
        more.categories = self.categories
        return more


@cache
def load() -> Taxonomy:
    """The taxonomy of this version. Raises UsageError, naming file and line, when a data file is broken."""
    folder = files("analyzer.taxonomy").joinpath("data")
    categories = [DataFile(path, "taxonomy file", shipped=True).read(Category) for path in yaml_files(folder)]
    return Taxonomy((behavior for category in categories for behavior in category.behaviors), categories)
