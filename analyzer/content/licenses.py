"""What this version knows of licences, from `data/licenses.yaml`, and how a licence's text is recognised."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cache, cached_property
from importlib.resources import files
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from analyzer.datafile import DataFile

_MAX_NAME: Final = 120
_BETWEEN: Final = re.compile(r"[\W_]+")
_FILLING: Final = re.compile(r"[\s,_-]+|\b(?:the|licen[cs]e|version)\b")

Expression = Annotated[str, Field(max_length=200)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Sourced(_Model):
    """A list, where it comes from, and when it was compiled or last checked."""

    source: Annotated[str, Field(min_length=3)]
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]

    @model_validator(mode="before")
    @classmethod
    def _plain_date(cls, data: Any) -> Any:
        """YAML reads a date as a date."""
        if isinstance(data, dict) and hasattr(data.get("date"), "isoformat"):
            return {**data, "date": data["date"].isoformat()}
        return data


class KindOfLicense(_Sourced):
    """A kind: SPDX ids (with `*`), and ScanCode's categories for ids that no list names."""

    kind: Literal["copyleft", "restricted", "permissive"]
    means: str
    ids: tuple[str, ...]
    categories: tuple[str, ...]

    def names(self, identifier: str) -> bool:
        """Whether the list has this SPDX id."""
        return any(fnmatchcase(identifier, pattern) for pattern in self.ids)


class _Exceptions(_Sourced):
    means: str
    ids: tuple[str, ...]


class _Names(_Sourced):
    expressions: dict[str, Expression]


class _LicenseText(_Model):
    expression: Expression
    family: str
    all: tuple[str, ...] = Field(min_length=1)
    unless: tuple[str, ...] = ()
    """Families of which none may have been recognised before."""


class _Texts(_Sourced):
    licenses: tuple[_LicenseText, ...]


class LicenseFile(_Model):
    """The data file."""

    kinds: tuple[KindOfLicense, ...]
    exceptions: _Exceptions
    classifiers: _Names
    names: _Names
    texts: _Texts

    def of_classifier(self, classifier: str) -> str:
        """The SPDX expression of a trove classifier; empty where it tells none."""
        return self.classifiers.expressions.get(classifier.removeprefix("License :: "), "")

    def of_name(self, text: str) -> str:
        """The SPDX expression that the free text of the field License means; empty where that is not known."""
        return self._names.get(_reduced(text), "") if len(text) <= _MAX_NAME else ""

    def of_text(self, text: str) -> tuple[str, ...]:
        """The SPDX expressions of the licences whose phrases stand in a text."""
        words = _BETWEEN.sub(" ", text).casefold()
        found: dict[str, str] = {}
        for one in self.texts.licenses:
            if one.family in found or any(family in found for family in one.unless):
                continue
            if all(phrase in words for phrase in one.all):
                found[one.family] = one.expression
        return tuple(dict.fromkeys(found.values()))

    @cached_property
    def _names(self) -> dict[str, str]:
        return {_reduced(name): expression for name, expression in self.names.expressions.items()}


@cache
def known() -> LicenseFile:
    """What this version knows. Raises UsageError, naming file and line, when the file is broken."""
    path = files("analyzer.content").joinpath("data", "licenses.yaml")
    return DataFile(path, "licence file", shipped=True).read(LicenseFile)


def _reduced(text: str) -> str:
    return _FILLING.sub(" ", text.casefold()).replace(" ", "")
