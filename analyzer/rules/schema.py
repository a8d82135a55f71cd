"""What a rule file may say: the schema of `packs/*.yaml`, checked against the vocabulary of events and the taxonomy.

```yaml
rules:
  - behavior: network.tcp.connect       # an id of the taxonomy
    event: socket.connect               # the kind of event
    when: {phase: [install, startup]}   # conditions on the event's header (optional)
    where: {type: SOCK_STREAM}          # conditions on the detail's fields (optional)
    detail: "{address}:{port}"          # the evidence in one line, from the detail's fields
```

A condition is a value (equal), a list (any of them), or one operator: `not: condition`, `glob: pattern`, `regex:
pattern` (searched), `prefix: text`, `contains: value` (for lists), `min: number`, `max: number`. All conditions of a
rule must hold.
"""

from __future__ import annotations

import re
from string import Formatter
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

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
_HEADER = {
    name: hint for name, hint in get_type_hints(Event).items() if name not in {"detail", "source", "location", "time"}
}


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
        fields = get_type_hints(detail)
        del fields["kind"]
        for name, condition in self.where.items():
            if name not in fields:
                raise ValueError(f"{self.event} has no field {name!r}; it has {', '.join(sorted(fields))}")
            _check(name, condition, fields[name])
        for name, condition in self.when.items():
            if name not in _HEADER:
                raise ValueError(f"an event's header has no field {name!r}; it has {', '.join(sorted(_HEADER))}")
            _check(name, condition, _HEADER[name])
        for name in _template_fields(self.detail):
            if name not in fields:
                raise ValueError(f"the detail names {name!r}, which {self.event} has not")
        return self


def _check(name: str, condition: Condition, hint: Any) -> None:
    """Refuses a condition that no value of the field can meet, or that would fail on each."""
    for one in condition if isinstance(condition, list) else [condition]:
        if not isinstance(one, Operator):
            _check_scalar(name, one, hint)
        elif one.negated is not None:
            _check(name, one.negated, hint)
        elif one.contains is not None:
            if get_origin(hint) is not tuple or not isinstance(one.contains, str):
                raise ValueError(f"`contains` asks for a text in a list, and {name!r} is {_told(hint)}")
        elif one.min is not None or one.max is not None:
            if hint is not int:
                raise ValueError(f"`min` and `max` ask for a number, and {name!r} is {_told(hint)}")
        elif hint is not str and get_origin(hint) is not Literal:
            raise ValueError(f"`glob`, `regex` and `prefix` ask for a text, and {name!r} is {_told(hint)}")


def _check_scalar(name: str, value: Scalar, hint: Any) -> None:
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise ValueError(f"{name!r} is never {value!r}; it is one of {', '.join(map(str, get_args(hint)))}")
    elif type(value) is not hint:
        raise ValueError(f"{name!r} is {_told(hint)}, and {value!r} is not")


def _told(hint: Any) -> str:
    if get_origin(hint) is tuple:
        return "a list of texts"
    return {str: "a text", int: "a number", bool: "true or false"}.get(hint, "one of a few words")


def _template_fields(template: str) -> list[str]:
    """The fields that a detail's template names. Attributes, indices, conversions and formats are no part of it."""
    names = []
    for _, name, specification, conversion in Formatter().parse(template):
        if name is not None:
            if specification or conversion:
                raise ValueError(f"the detail formats {name!r}: name the field only")
            names.append(name)
    return names


class Pack(BaseModel):
    """A file of rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str
    rules: tuple[Rule, ...]


def as_conditions(mapping: dict[str, Any]) -> list[tuple[str, list[Scalar | Operator]]]:
    """Field names with their alternatives: a single condition is a list of one."""
    return [(name, value if isinstance(value, list) else [value]) for name, value in mapping.items()]
