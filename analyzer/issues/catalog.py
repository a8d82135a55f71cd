"""Issues as data: the schema of their files, and their loader."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from analyzer.catalog import Catalog, check_category
from analyzer.datafile import DataFile, yaml_files
from analyzer.model.report import Severity
from analyzer.taxonomy import load as load_taxonomy
from analyzer.taxonomy.behavior import Id, Phrase

Sentences = Annotated[str, Field(min_length=3, max_length=1000)]


class Issue(BaseModel):
    """One issue. It is there when one of its behaviors is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    title: Phrase
    severity: Severity
    causes_risk: Phrase = Field(description="What a user risks, in a few words")
    problem: Sentences = Field(description="What was seen, and what it means for a user")
    next_steps: tuple[Phrase, ...] = Field(min_length=1, description="What to do, the first thing first")
    behaviors: tuple[Id, ...] = Field(min_length=1, description="Behaviors of which any shows it")
    since: str = Field(pattern=r"^\d+\.\d+\.\d+$")

    @property
    def category(self) -> str:
        """The first word of the id."""
        return self.id.split(".", 1)[0]


class Category(BaseModel):
    """A file of issues: a category, what it is about, and its issues."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: Annotated[str, Field(pattern=r"^[a-z]+$")]
    description: Phrase
    issues: tuple[Issue, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _own(self) -> Self:
        check_category(self.category, self.issues)
        for issue in self.issues:
            for behavior in issue.behaviors:
                if behavior not in load_taxonomy():
                    raise ValueError(f"{issue.id} rests on {behavior}, which the taxonomy has not")
        return self


@cache
def load() -> Catalog[Issue]:
    """The issues of this version. Raises UsageError, naming file and line, when a data file is broken."""
    folder = files("analyzer.issues").joinpath("data")
    categories = [DataFile(path, "issue file", shipped=True).read(Category) for path in yaml_files(folder)]
    return Catalog(issue for category in categories for issue in category.issues)
