"""What a rule file may say: the schema of `packs/*.yaml`, checked against the vocabulary of events and the taxonomy.

```yaml
description: what the rules of this file are about
rules:
  - behavior: network.tcp.connect       # an id of the taxonomy
    event: socket.connect               # the kind of event, as in analyzer/model/event.py
    when: {phase: [install, startup]}   # conditions on the event's header (optional)
    where: {type: SOCK_STREAM}          # conditions on the detail's fields (optional); all must hold
    detail: "{address}:{port}"          # the evidence in one line, from the detail's fields
    examples:
      shows: [{type: SOCK_STREAM, address: 192.0.2.1, port: 80}]     # fields of an event that shows it
      nearly: [{type: SOCK_DGRAM, address: 192.0.2.1, port: 80}]     # and of one that does not

  - behavior: network.hosts.scan        # one event is not enough: so many, different, in a time
    event: socket.connect
    count: {at_least: 15, distinct: [port], same: [address], within: 60, per: step}
    detail: "{count} ports of {address}, the last one {port}"

  - behavior: execution.download.run    # events in this order, in one process tree, in a time
    sequence:
      - {name: fetched, event: network.http, where: {response_bytes: {min: 1}}}
      - {name: written, event: file.write}
      - {name: run, event: process.exec, where: {path: {same: written.path}}}
    within: 300
    per: step
    detail: "{fetched.url}, written to {written.path}, run"
```

The vocabulary of conditions is in `condition.py`. `per` says what counts together: `step` (one traced command with its
whole process tree), `process`, `file` (code of one source file in a process) or `run`. With `repeated: true`, what began a sequence may
be followed by its last stage again and again, as one read file is by everything that is sent of it.

In examples an event may name its kind (`event`), header fields (`when`), seconds after the one before (`after`), and
that it comes several times (`repeat`, with `{n}` in texts for its number); a list is several events in order. Fields
that are not named are empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from string import Formatter
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from analyzer.model.event import DETAILS, Event, Layer
from analyzer.rules.condition import Condition, Operator, check
from analyzer.rules.lists import ReferenceList
from analyzer.taxonomy import Behavior

_MAX_SECONDS = 3600.0
_MAX_COUNT = 100

HEADER = {
    name: hint
    for name, hint in get_type_hints(Event).items()
    if name not in {"detail", "source", "location", "time", "step"}
}
"""The fields of an event's header that a rule may ask for, with their types."""

Scope = Literal["run", "step", "process", "file"]
Seconds = Annotated[float, Field(gt=0, le=_MAX_SECONDS)]
ExampleEvent = dict[str, Any]


class Match(BaseModel):
    """Conditions on one event."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event: str
    when: dict[str, Condition] = {}
    where: dict[str, Condition] = {}

    @model_validator(mode="after")
    def _known(self, info: ValidationInfo) -> Self:
        lists = (info.context or {}).get("lists")
        fields = fields_of(self.event)
        for name, condition in self.where.items():
            if name not in fields:
                raise ValueError(f"{self.event} has no field {name!r}; it has {', '.join(sorted(fields))}")
            check(name, condition, fields[name], lists)
        for name, condition in self.when.items():
            if name not in HEADER:
                raise ValueError(f"an event's header has no field {name!r}; it has {', '.join(sorted(HEADER))}")
            check(name, condition, HEADER[name], lists)
        return self


class Stage(Match):
    """One event of a sequence, with the name by which others refer to it."""

    name: Annotated[str, Field(pattern=r"^[a-z]+$", max_length=30)]


class Count(BaseModel):
    """How many events make one observation: at least so many within seconds.

    Their values of the fields in `distinct` are different from one another, and those of the fields in `same` are equal.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_least: Annotated[int, Field(ge=2, le=_MAX_COUNT)]
    distinct: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    within: Seconds
    per: Scope = "step"


class Examples(BaseModel):
    """Events that show the behavior, and events that nearly do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shows: tuple[ExampleEvent | list[ExampleEvent], ...] = Field(min_length=1)
    nearly: tuple[ExampleEvent | list[ExampleEvent], ...] = Field(min_length=1)


class Rule(BaseModel):
    """One rule of a pack: a match of one event, a count of such, or a sequence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    behavior: str
    event: str | None = None
    when: dict[str, Condition] = {}
    where: dict[str, Condition] = {}
    count: Count | None = None
    sequence: tuple[Stage, ...] = ()
    within: Seconds = 60.0
    per: Scope = "step"
    repeated: bool = Field(
        default=False, description="Whether a completed sequence may be completed again by its last stage"
    )
    detail: str
    examples: Examples | None = None

    @model_validator(mode="after")
    def _known(self, info: ValidationInfo) -> Self:
        if (self.event is None) != bool(self.sequence):
            raise ValueError("a rule has either `event` or `sequence`")
        if self.event is not None:
            if {"within", "per", "repeated"} & self.model_fields_set:
                raise ValueError(
                    "`within`, `per` and `repeated` belong to a sequence, the first two also inside `count`"
                )
            match = Match.model_validate(
                {"event": self.event, "when": self.when, "where": self.where}, context=info.context
            )
            _check_references([match], [""])
            self._check_count(fields_of(self.event))
            _check_template(self.detail, set(fields_of(self.event)) | ({"count"} if self.count else set()))
        else:
            self._check_sequence()
        return self

    def _check_count(self, fields: Mapping[str, Any]) -> None:
        for word in ("distinct", "same"):
            for name in getattr(self.count, word, ()):
                if name not in fields:
                    raise ValueError(f"`{word}` names {name!r}, which {self.event} has not")

    def _check_sequence(self) -> None:
        if self.when or self.where or self.count:
            raise ValueError("a sequence has its conditions in its stages")
        names = [stage.name for stage in self.sequence]
        if len(names) < 2 or len(set(names)) != len(names):
            raise ValueError("a sequence has at least two stages, each with a name of its own")
        _check_references(self.sequence, names)
        known = {f"{stage.name}.{field}" for stage in self.sequence for field in fields_of(stage.event)}
        _check_template(self.detail, known)

    @property
    def stages(self) -> tuple[Match, ...]:
        """The events that it looks at, in order."""
        if self.sequence:
            return self.sequence
        return (Match.model_construct(event=self.event or "", when=self.when, where=self.where),)


class Pack(BaseModel):
    """A file of rules. A user's own may bring behaviors and reference lists along."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str
    behaviors: tuple[Behavior, ...] = ()
    lists: tuple[ReferenceList, ...] = ()
    rules: tuple[Rule, ...] = ()


@cache
def fields_of(event: str) -> Mapping[str, Any]:
    """The fields of an event's detail with their types. Raises ValueError for a kind that does not exist."""
    detail = DETAILS.get(event)
    if detail is None:
        raise ValueError(f"unknown kind of event {event!r}; known: {', '.join(sorted(DETAILS))}")
    return MappingProxyType({name: hint for name, hint in get_type_hints(detail).items() if name != "kind"})


def layer_of(event: str) -> Layer:
    """The observation layer that sees events of a kind."""
    if event.startswith(("python.", "interpreter.")):
        return "interpreter"
    if event.startswith("network."):
        return "packet"
    return "filesystem" if event in {"file.tree", "package.metadata"} else "syscall"


def operators(condition: Any) -> list[Operator]:
    """All operators of a condition, those inside others too."""
    if isinstance(condition, Operator):
        return [condition, *operators(condition.negated), *operators(condition.base), *operators(condition.every)]
    if isinstance(condition, list | tuple):
        return [found for one in condition for found in operators(one)]
    return []


def _check_references(stages: Any, names: list[str]) -> None:
    """What `same` and `mentions` name has to be a field of an earlier stage."""
    for number, stage in enumerate(stages):
        for condition in (*stage.where.values(), *stage.when.values()):
            for operator in operators(condition):
                reference = operator.same or operator.mentions
                if reference is None:
                    continue
                name, _, field = reference.partition(".")
                if name not in names[:number]:
                    raise ValueError(f"`{operator.word}: {reference}` names no earlier stage of a sequence")
                if field not in fields_of(stages[names.index(name)].event):
                    raise ValueError(
                        f"`{operator.word}: {reference}`: {stages[names.index(name)].event} has no such field"
                    )


def _check_template(template: str, known: set[str]) -> None:
    """The fields that a detail's template names. Indices, conversions and formats are no part of it."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise ValueError(f"the detail {template!r} is broken: {error}") from error
    for _, name, specification, conversion in parts:
        if name is not None:
            if specification or conversion:
                raise ValueError(f"the detail formats {name!r}: name the field only")
            if name not in known:
                raise ValueError(f"the detail names {name!r}, which is not there; known: {', '.join(sorted(known))}")
