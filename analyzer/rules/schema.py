"""What a rule file may say: the schema of `packs/*.yaml`, checked against the vocabulary of events and the taxonomy.

```yaml
rules:
  - behavior: network.tcp.connect       # an id of the taxonomy
    event: socket.connect               # the kind of event
    when: {phase: [install, startup]}   # conditions on the event's header (optional)
    where: {type: SOCK_STREAM}          # conditions on the detail's fields (optional)
    detail: "{address}:{port}"          # the evidence in one line, from the detail's fields
```

A condition is a value (equal), a list (any of them), or one operator: `not: condition`, `glob: pattern`, `regex: pattern` (searched),
`prefix: text`, `contains: value` (for lists), `min: number`, `max: number`. All conditions of a rule must hold.
"""

from __future__ import annotations

import dataclasses
import re
from string import Formatter
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from analyzer.model.event import DETAILS, Event

_MAX_PATTERN = 400

Scalar = str | int | bool


class Operator(BaseModel):
    """A condition other than equality. Exactly one of the fields is set."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    negated: Condition | None = Field(default=None, alias="not")
    glob: Annotated[str, Field(max_length=_MAX_PATTERN)] | None = None
    regex: Annotated[str, Field(max_length=_MAX_PATTERN)] | None = None
    prefix: str | None = None
    contains: Scalar | None = None
    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _one(self) -> Operator:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a condition has exactly one operator, this one has {given or 'none'}")
        if self.regex is not None:
            try:
                re.compile(self.regex)
            except re.error as error:
                raise ValueError(f"regex {self.regex!r} is broken: {error}") from error
        return self


Condition = Scalar | Operator | list[Scalar | Operator]
_HEADER = {field.name for field in dataclasses.fields(Event)} - {"detail", "source", "location", "time"}


class Rule(BaseModel):
    """One rule of a pack."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    behavior: str
    event: str
    when: dict[str, Condition] = {}
    where: dict[str, Condition] = {}
    detail: str

    @model_validator(mode="after")
    def _known(self) -> Rule:
        detail = DETAILS.get(self.event)
        if detail is None:
            raise ValueError(f"unknown kind of event {self.event!r}; known: {', '.join(sorted(DETAILS))}")
        fields = {field.name for field in dataclasses.fields(detail)}
        for name in self.where:
            if name not in fields:
                raise ValueError(f"{self.event} has no field {name!r}; it has {', '.join(sorted(fields))}")
        for name in self.when:
            if name not in _HEADER:
                raise ValueError(f"an event's header has no field {name!r}; it has {', '.join(sorted(_HEADER))}")
        for _, name, _, _ in Formatter().parse(self.detail):
            if name is not None and name not in fields:
                raise ValueError(f"the detail names {name!r}, which {self.event} has not")
        return self


class Pack(BaseModel):
    """A file of rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str
    rules: tuple[Rule, ...]


def as_conditions(mapping: dict[str, Any]) -> list[tuple[str, list[Scalar | Operator]]]:
    """Field names with their alternatives: a single condition is a list of one."""
    return [(name, value if isinstance(value, list) else [value]) for name, value in mapping.items()]
