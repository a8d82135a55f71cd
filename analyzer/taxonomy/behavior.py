"""Behaviors as data: the schema of the taxonomy's files, and their loader."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analyzer.errors import UsageError
from analyzer.model.report import Severity

Id = Annotated[str, Field(pattern=r"^[a-z]+(\.[a-z0-9-]+){1,3}$")]


class Behavior(BaseModel):
    """One named behavior. `aliases` are phrases by which other public lists name the same thing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    title: str
    description: str
    severity: Severity
    attack: tuple[Annotated[str, Field(pattern=r"^T\d{4}(\.\d{3})?$")], ...] = ()
    mbc: tuple[Annotated[str, Field(pattern=r"^[A-Z]\d{4}(\.\d{3}|\.m\d{2})?$")], ...] = ()
    aliases: tuple[str, ...] = ()
    since: str
    innocent: str = Field(description="What an honest package may do it for")

    @property
    def category(self) -> str:
        """The first word of the id."""
        return self.id.split(".", 1)[0]


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    category: str
    description: str
    behaviors: tuple[Behavior, ...]


class Taxonomy:
    """All behaviors, by id."""

    def __init__(self, behaviors: Iterator[Behavior] | list[Behavior]) -> None:
        self._behaviors = {behavior.id: behavior for behavior in behaviors}

    def __iter__(self) -> Iterator[Behavior]:
        return iter(self._behaviors.values())

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._behaviors

    def __getitem__(self, identifier: str) -> Behavior:
        return self._behaviors[identifier]


@cache
def load() -> Taxonomy:
    """The taxonomy of this version. Raises UsageError, naming the file, when a data file is broken."""
    behaviors: list[Behavior] = []
    for path in sorted(files("analyzer.taxonomy").joinpath("data").iterdir(), key=lambda path: path.name):
        if not path.name.endswith(".yaml"):
            continue
        try:
            content = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (yaml.YAMLError, ValidationError) as error:
            raise UsageError(f"taxonomy file {path.name}: {' '.join(str(error).split())[:300]}") from error
        behaviors += _checked(path.name, content, {behavior.id for behavior in behaviors})
    return Taxonomy(behaviors)


def _checked(name: str, content: _File, known: set[str]) -> list[Behavior]:
    for behavior in content.behaviors:
        if behavior.category != content.category:
            raise UsageError(f"taxonomy file {name}: {behavior.id} does not belong to category {content.category}")
        if behavior.id in known:
            raise UsageError(f"taxonomy file {name}: {behavior.id} is there twice")
        known.add(behavior.id)
    return list(content.behaviors)
