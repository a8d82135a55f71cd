"""What the corpus keeps of a report, which is also a line of an exported corpus. Either may come from a stranger."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Final, Self, TypeVar, get_args

from packaging.utils import canonicalize_name
from pydantic import AfterValidator, Field, StringConstraints, ValidationError, ValidationInfo

from analyzer.archives.text import shown
from analyzer.errors import RecordError
from analyzer.model.base import Model
from analyzer.model.event import Phase
from analyzer.model.report import BehaviorReport, IssueReport, Report

S = TypeVar("S", bound=str)

MAX_SIGHTINGS: Final = 2_000
MAX_WORDS: Final = 1_000
"""Kinds, and names that a package declares to need: more than any package of the index has."""

UNTIL: Final = "until"
"""Key of the validation's context: the moment (aware) after which no run can have begun."""

_DIGEST: Final = r"^[0-9a-f]{64}$"
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\Z")
_LONGEST: Final = 200
_MAX_PHASES: Final = 1_000
_TOOL: Final = StringConstraints(pattern=r"^[A-Za-z0-9._+ -]{0,50}$")


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("has characters that cannot be printed")
    return text


def _canonical(name: str) -> str:
    if not _NAME.match(name):
        raise ValueError("is no normalised name of a package")
    return name


def _settled(values: list[S]) -> list[S]:
    """Sorted, nothing twice."""
    return sorted(set(values))


def _in_order(phases: list[Phase]) -> list[Phase]:
    return [phase for phase in get_args(Phase) if phase in phases]


def _by_id(sightings: list[Sighting]) -> list[Sighting]:
    """Sorted by id, the first of each."""
    first = {one.id: one for one in reversed(sightings)}
    return [first[identifier] for identifier in sorted(first)]


def _time(time: str, info: ValidationInfo) -> str:
    """A moment; where the context tells until when, not a later one."""
    try:
        when = datetime.strptime(time, _TIME).replace(tzinfo=UTC)
    except ValueError as error:
        raise ValueError("is no time as YYYY-MM-DDTHH:MM:SSZ") from error
    until = (info.context or {}).get(UNTIL)
    if len(time) != len("2000-01-01T00:00:00Z") or (until is not None and when > until):
        raise ValueError("is no time of the past")
    return time


Name = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST), AfterValidator(_canonical)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST), AfterValidator(_printable)]
Time = Annotated[str, StringConstraints(max_length=20), AfterValidator(_time)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[.-][a-z0-9]+){1,12}$", max_length=120)]


class Sighting(Model):
    """A behavior or an issue that a report has, and in which phases; none where an issue rests on what was read."""

    id: Id
    phases: Annotated[list[Phase], Field(max_length=_MAX_PHASES), AfterValidator(_in_order)] = Field(
        default_factory=list
    )
    called_only: bool = False


class Entry(Model):
    """A complete report, as far as others are held against it. `digests` are the SHA-256 of the target's own files.

    `analysed` is when the run began, UTC; `fumehood` the version that judged it. Lists are sorted and have nothing twice.
    """

    name: Name
    version: Word
    analysed: Time
    fumehood: Annotated[str, _TOOL]
    backend: Annotated[str, _TOOL]
    tracer: Annotated[str, _TOOL]
    python: Annotated[str, _TOOL]
    digests: Annotated[
        list[Annotated[str, StringConstraints(pattern=_DIGEST)]], Field(max_length=16), AfterValidator(_settled)
    ]
    behaviors: Annotated[list[Sighting], Field(max_length=MAX_SIGHTINGS), AfterValidator(_by_id)]
    issues: Annotated[list[Sighting], Field(max_length=MAX_SIGHTINGS), AfterValidator(_by_id)]
    kinds: Annotated[list[Word], Field(max_length=MAX_WORDS), AfterValidator(_settled)]
    requires: Annotated[list[Name], Field(max_length=MAX_WORDS), AfterValidator(_settled)]

    @classmethod
    def of(cls, report: Report) -> Self:
        """What is kept of a report. Raises RecordError for one that is not complete, or that no run of fumehood gave."""
        package = report.package
        who = f"{package.name} {package.version}".strip()[:_LONGEST]
        if report.completeness.status != "complete":
            reasons = "; ".join(report.completeness.reasons)[:_LONGEST] or "it does not say why"
            raise RecordError(f"the report of {who} is {report.completeness.status} and is left out: {reasons}")
        content = report.content
        try:
            return cls(
                name=canonicalize_name(package.name),
                version=package.version or "unknown",
                analysed=report.created,
                fumehood=report.generator.removeprefix("fumehood "),
                backend=report.sandbox.backend,
                tracer=report.sandbox.tracer,
                python=report.sandbox.python,
                digests=[file.sha256 for file in package.files if file.role == "target"],
                behaviors=_sightings(report.behaviors),
                issues=_sightings(report.issues),
                kinds=_fitting(content.kinds, str.isprintable) if content else [],
                requires=_fitting(content.requires, _NAME.match) if content else [],
            )
        except ValidationError as error:
            raise RecordError(f"the report of {who} is left out: {told(error)}; analyse the package again") from error

    @property
    def run(self) -> str:
        """What tells one run from every other, whatever was said of it later."""
        parts = [self.name, self.version, self.analysed, self.backend, self.tracer, self.python, *self.digests]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def line(self) -> str:
        """The entry as a line of an exported corpus, without the line feed: the same for the same entry."""
        return json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":"))


def told(error: ValidationError) -> str:
    """The first thing that does not fit, in one line."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = shown(".".join(map(str, first["loc"]))[:_LONGEST])
    return f"{place or 'it'}: {shown(first['msg'].removeprefix('Value error, ')[:_LONGEST])}"


def _sightings(found: list[BehaviorReport] | list[IssueReport]) -> list[Sighting]:
    """Behaviors or issues by id. An issue's phases are those of its evidence."""
    return [
        Sighting(id=one.id, phases=one.phases, called_only=one.called_only)
        if isinstance(one, BehaviorReport)
        else Sighting(id=one.id, phases=[piece.phase for piece in one.evidence][:_MAX_PHASES])
        for one in found
    ]


def _fitting(words: list[str], fits: Callable[[str], object]) -> list[str]:
    """The words that can be kept: a name that is none, which any package may declare, is no reason to lose the rest."""
    return [word for word in words if 0 < len(word) <= _LONGEST and fits(word)][:MAX_WORDS]
