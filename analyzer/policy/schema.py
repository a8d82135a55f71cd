"""A policy as it is written: the schema of `[tool.fumehood.policy]`, of `[policy]` and of `data/default.toml`."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self, TypeVar

from packaging.requirements import InvalidRequirement, Requirement
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StrictBool,
    model_validator,
)
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_before_validator_function

from analyzer.model.base import Severity
from analyzer.model.event import Attribution, Layer, Outcome, Phase
from analyzer.model.prevalence import PrevalenceLabel

Do = Literal["allow", "warn", "reject"]

T = TypeVar("T")

_MOST_RULES = 1000
_MOST_VALUES = 200
_NAMES = re.compile(r"[A-Za-z0-9*]([A-Za-z0-9._*-]*[A-Za-z0-9*])?")


class _OneOrMany:
    """One value stands for a list of one."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Make a tuple of what is given."""
        return no_info_before_validator_function(
            lambda value: tuple(value) if isinstance(value, list | tuple) else (value,), handler(source)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Tell of both ways to write it."""
        array = handler(schema)
        return {"anyOf": [array["items"], array]}


def _day(value: Any) -> date:
    """A day, without pydantic's reading of numbers as seconds of the epoch."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise ValueError("a day is wanted, such as 2027-06-30")


def _requirement(text: str) -> str:
    """A name with or without versions, and nothing that says how to get it."""
    try:
        found = Requirement(text)
    except InvalidRequirement as error:
        raise ValueError(f"{text!r} is no name of a package, with or without versions, such as requests<3") from error
    if found.extras or found.url or found.marker:
        raise ValueError(f"{text!r}: only a name and versions are wanted, such as requests<3")
    return text


def _package(text: str) -> str:
    """A requirement, or a name in which * stands for any characters."""
    if not has_star(text):
        return _requirement(text)
    if not _NAMES.fullmatch(text):
        raise ValueError(f"{text!r}: a name with * has no versions")
    return text


def has_star(package: str) -> bool:
    """Whether the name of a package, and not one of its versions, has a *."""
    return "*" in re.split(r"[=!<>~\s]", package)[0]


def _pattern(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9.*-]+", text):
        raise ValueError(f"{text!r}: an id has small letters, digits, dots and hyphens, and * for any of them")
    return text


_Short = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[str, Field(min_length=3, max_length=400)]
Pattern = Annotated[_Short, AfterValidator(_pattern)]
Name = Annotated[_Short, AfterValidator(_package)]
One = Annotated[_Short, AfterValidator(_requirement)]
Day = Annotated[date, BeforeValidator(_day)]
_Severities = Annotated[tuple[Severity, ...], Field(min_length=1, max_length=_MOST_VALUES)]
_Target = Annotated[str, Field(min_length=1, max_length=1000)]
Many = Annotated[tuple[T, ...], Field(min_length=1, max_length=_MOST_VALUES), _OneOrMany()]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _severity(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class RuleTable(_Table):
    """What to do with findings. All keys that are given have to fit; a key with several values fits by any of them.

    A finding that was seen in several phases, by several authors or witnesses is covered by a rule that allows only where all of them are
    named; a rule that warns or rejects needs one piece of evidence that fits.
    """

    do: Do = Field(description="`allow`, `warn` (a verdict of REVIEW) or `reject` (REJECT)")
    because: Words | None = Field(None, description="The reason, as a verdict gives it")
    package: Many[Name] | None = Field(
        None, description="Analysed packages: a name, with versions (`requests<3`) or with * (`acme-*`)"
    )
    behavior: Many[Pattern] | None = Field(None, description="Ids of behaviors, with *")
    issue: Many[Pattern] | None = Field(None, description="Ids of issues, with *")
    category: Many[Pattern] | None = Field(
        None, description="Categories of behaviors and issues: the first word of their ids"
    )
    severity: Annotated[Severity | _Severities, BeforeValidator(_severity)] | None = Field(
        None, description="At least this severity; a list names the very ones, which a rule that allows needs"
    )
    prevalence: Many[PrevalenceLabel] | None = Field(
        None, description="How usual the behavior or issue is; `no data` where the corpus is too small"
    )
    phase: Many[Phase] | None = Field(None, description="Phases in which it was seen")
    attribution: Many[Attribution] | None = Field(None, description="Whose act it was")
    witness: Many[Layer] | None = Field(None, description="Layers that saw it")
    outcome: Many[Outcome] | None = Field(None, description="Done, or tried without success")
    called: StrictBool | None = Field(
        None, description="Whether it was seen only while callables were called with made-up arguments"
    )
    licence: Many[_Short] | None = Field(
        None, description="SPDX ids of licences, with *; `unknown` for one that is not known"
    )

    @model_validator(mode="after")
    def _can_fit(self) -> Self:
        kinds = [name for name in ("behavior", "issue", "licence") if getattr(self, name) is not None]
        if len(kinds) > 1:
            raise ValueError(
                f"nothing is {_ARTICLES[kinds[0]]} and {_ARTICLES[kinds[1]]} at once; write a rule for each"
            )
        others = [name for name in _OF_FINDINGS if getattr(self, name) is not None]
        if self.licence is not None and others:
            raise ValueError(f"a licence has no {others[0]}; leave that key out")
        if self.do == "allow" and isinstance(self.severity, str):
            raise ValueError(
                'severity: one word means "at least"; to allow, list the very ones, such as ["info", "low"]'
            )
        return self


_ARTICLES = {"behavior": "a behavior", "issue": "an issue", "licence": "a licence"}
_OF_FINDINGS = ("category", "severity", "prevalence", "phase", "attribution", "witness", "outcome", "called")


class SuppressionTable(_Table):
    """A finding of one package that somebody has looked at, and that does not count until a day."""

    package: One = Field(description="The analysed package, with or without versions: `requests<3`")
    behavior: Pattern | None = Field(None, description="A behavior's id")
    issue: Pattern | None = Field(None, description="An issue's id")
    target: Many[_Target] | None = Field(
        None,
        description="What was acted upon, with *, or the file in which it stands: all of it has to fit any of these",
    )
    reason: Words
    expires: Day = Field(description="The last day on which it counts")

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.behavior is None) == (self.issue is None):
            raise ValueError("a suppression names either a behavior or an issue")
        if "*" in (self.behavior or self.issue or ""):
            raise ValueError("a suppression names one id, without *; a rule with `package` is for more")
        return self


class PolicyTable(_Table):
    """A policy. Of its rules the first that fits a finding decides; fumehood's own come after them."""

    model_config = ConfigDict(alias_generator=lambda name: name.replace("_", "-"))

    fail_on: Literal["review", "reject"] = Field("reject", description="From which decision on the policy is violated")
    incomplete: Literal["review", "reject"] = Field(
        "review", description="What an analysis that is not complete gives at least"
    )
    defaults: StrictBool = Field(True, description="Whether fumehood's own rules come after these")
    rules: tuple[RuleTable, ...] = Field((), max_length=_MOST_RULES)
    suppress: tuple[SuppressionTable, ...] = Field((), max_length=_MOST_RULES)
