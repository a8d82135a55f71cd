"""Issues as data: the schema of their files, and their loader."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from analyzer.catalog import Catalog, check_category
from analyzer.datafile import DataFile, yaml_files
from analyzer.model.event import Attribution, Phase
from analyzer.model.report import Severity
from analyzer.taxonomy import load as load_taxonomy
from analyzer.taxonomy.behavior import Id, Phrase

Sentences = Annotated[str, Field(min_length=3, max_length=1000)]

FindingKind = Literal[
    "url.suspicious-tld",
    "url.nonstandard-port",
    "url.interesting-format",
    "secret",
    "license.copyleft",
    "license.restricted",
    "project.rare",
    "project.vulnerable",
    "run.incomplete",
]
"""What can show an issue and is no behavior: what was read in the files, what is known of the project, how the run went."""

FINDING_KINDS: tuple[FindingKind, ...] = get_args(FindingKind)


class Issue(BaseModel):
    """One issue. It is there when one of its behaviors is, or one of its findings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    title: Phrase
    severity: Severity
    causes_risk: Phrase = Field(description="What a user risks, in a few words")
    problem: Sentences = Field(description="What was seen, and what it means for a user")
    next_steps: tuple[Phrase, ...] = Field(min_length=1, description="What to do, the first thing first")
    behaviors: tuple[Id, ...] = Field(default=(), description="Behaviors of which any shows it")
    phases: tuple[Phase, ...] = Field(
        default=(), description="Phases in which a behavior has to be seen; without any, in all"
    )
    attribution: tuple[Attribution, ...] = Field(
        default=(), description="Whose act a behavior has to be; without any, anybody's"
    )
    findings: tuple[FindingKind, ...] = Field(
        default=(), description="What shows it without being a behavior, of which any does"
    )
    since: str = Field(pattern=r"^\d+\.\d+\.\d+$")

    @model_validator(mode="after")
    def _shown(self) -> Self:
        if not self.behaviors and not self.findings:
            raise ValueError(f"{self.id} has neither `behaviors` nor `findings`, and nothing would ever show it")
        if not self.behaviors and (self.phases or self.attribution):
            raise ValueError(f"{self.id} has `phases` or `attribution`, which say something of behaviors, and has none")
        return self

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


class Issues(Catalog[Issue]):
    """Issues by id, and the descriptions of their categories."""

    def __init__(self, categories: Iterable[Category]) -> None:
        known = list(categories)
        super().__init__(issue for category in known for issue in category.issues)
        self.categories = {category.category: category.description for category in known}
        self._files = known

    def having(self, query: str) -> Issues:
        """The issue of that id, those of that category, or those whose texts have all the words of the query."""
        asked = query.lower().split()
        kept = [
            category.model_copy(update={"issues": found})
            for category in self._files
            if (found := tuple(one for one in category.issues if _fits(one, asked)))
        ]
        return Issues(kept)


def _fits(issue: Issue, asked: list[str]) -> bool:
    if asked in ([issue.id], [issue.category]):
        return True
    text = " ".join([issue.id, issue.title, issue.causes_risk, issue.problem, issue.severity, *issue.behaviors]).lower()
    return all(word in text for word in asked)


@cache
def load() -> Issues:
    """The issues of this version. Raises UsageError, naming file and line, when a data file is broken."""
    folder = files("analyzer.issues").joinpath("data")
    return Issues(DataFile(path, "issue file", shipped=True).read(Category) for path in yaml_files(folder))
