"""What a rule may ask of one field: the schema of conditions, checked against the field's type.

A condition is a value (equal), a list (any of them), or one operator:

    not: condition          glob: pattern           in: reference-list
    all: [conditions]       regex: pattern          cidr: network, or a list of them
    name: condition         (on what follows a path's last slash)
    contains: text          prefix: text            min: number, max: number
    same: stage.field       mentions: stage.field   (in sequences: what an earlier stage saw)

`glob` and `prefix` look at the whole text, `regex` searches in it. For a field that is a list of texts, `contains` asks
for an element; `in`, `same` and `mentions` for any element that fits.
"""

from __future__ import annotations

import ipaddress
import re
from re import _parser  # type: ignore[attr-defined] # the standard library's own, to see what a pattern repeats
from typing import Annotated, Any, Literal, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from analyzer.rules.lists import ListName

_MAX_PATTERN = 400
_MANY = 16
"""A repeat of at most so many is as good as none."""

Scalar = str | int | bool
Pattern = Annotated[str, Field(max_length=_MAX_PATTERN)]
Reference = Annotated[str, Field(pattern=r"^[a-z]+\.[a-z_]+$")]


class Operator(BaseModel):
    """A condition other than equality. Exactly one of the fields is set, or `min` and `max` together."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    negated: Condition | None = Field(default=None, alias="not")
    every: tuple[Condition, ...] | None = Field(default=None, alias="all", min_length=2)
    base: Condition | None = Field(default=None, alias="name")
    glob: Pattern | None = None
    regex: Pattern | None = None
    prefix: str | None = None
    contains: Scalar | None = None
    listed: ListName | None = Field(default=None, alias="in")
    cidr: str | list[str] | None = None
    same: Reference | None = None
    mentions: Reference | None = None
    min: float | None = None
    max: float | None = None

    @property
    def word(self) -> str:
        """Which operator it is, as the file spells it."""
        field = next(name for name in type(self).model_fields if getattr(self, name) is not None)
        return type(self).model_fields[field].alias or field

    @model_validator(mode="after")
    def _sound(self, info: ValidationInfo) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1 and given != ["min", "max"]:
            raise ValueError(f"a condition has exactly one operator, this one has {given or 'none'}")
        if self.regex is not None:
            _check_pattern(self.regex)
        for network in [self.cidr] if isinstance(self.cidr, str) else self.cidr or []:
            ipaddress.ip_network(network)
        lists = (info.context or {}).get("lists")
        if self.listed is not None and lists is not None and self.listed not in lists:
            raise ValueError(f"there is no reference list {self.listed!r}")
        return self


Condition = Scalar | Operator | list[Scalar | Operator]


def _check_pattern(pattern: str) -> None:
    """Refuses patterns that are broken, or that hostile text could make run for hours."""
    try:
        parsed = _parser.parse(pattern)
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"regex {pattern!r} is broken: {error}") from error
    if _is_explosive(parsed, inside=False):
        raise ValueError(f"regex {pattern!r} repeats something that repeats: hostile text could make it run for hours")


def is_anchored(pattern: str) -> bool:
    """Whether a pattern fits at the beginning of a text only."""
    parsed = _parser.parse(pattern)
    first = next(iter(parsed), (None, None))
    return str(first[0]) == "AT" and str(first[1]) == "AT_BEGINNING" and not parsed.state.flags & re.MULTILINE


def _is_explosive(parsed: Any, *, inside: bool) -> bool:
    """Whether an unbounded repeat stands inside another one."""
    for operation, argument in parsed:
        name = str(operation)
        repeats = name in {"MAX_REPEAT", "MIN_REPEAT"} and argument[1] > _MANY
        if repeats and inside:
            return True
        if any(_is_explosive(part, inside=inside or repeats) for part in _parts(argument)):
            return True
    return False


def _parts(argument: Any) -> list[Any]:
    """The patterns inside an operation of a parsed pattern."""
    if isinstance(argument, _parser.SubPattern):
        return [argument]
    if isinstance(argument, list | tuple):
        return [part for one in argument for part in _parts(one)]
    return []


def check(name: str, condition: Condition, hint: Any, lists: Any = None) -> None:
    """Refuses, with ValueError, a condition that no value of the field can meet, or that would fail on each."""
    for one in condition if isinstance(condition, list) else [condition]:
        if not isinstance(one, Operator):
            _check_scalar(name, one, hint)
        elif one.negated is not None:
            check(name, one.negated, hint, lists)
        elif one.every is not None:
            for part in one.every:
                check(name, part, hint, lists)
        elif one.base is not None:
            if hint is not str:
                raise ValueError(f"`name` asks for a path, and {name!r} is {told(hint)}")
            check(name, one.base, hint, lists)
        else:
            _check_operator(name, one, hint, lists)
    if isinstance(condition, list):
        scalars = [one for one in condition if not isinstance(one, Operator)]
        if len(set(scalars)) != len(scalars):
            raise ValueError(f"{name!r} names the same value twice")


def _check_operator(name: str, one: Operator, hint: Any, lists: Any) -> None:
    is_list = get_origin(hint) is tuple
    is_text = hint is str or get_origin(hint) is Literal
    is_number = hint in {int, float}
    if one.contains is not None and not (is_list and isinstance(one.contains, str)):
        raise ValueError(f"`contains` asks for a text in a list, and {name!r} is {told(hint)}")
    if (one.min is not None or one.max is not None) and not is_number:
        raise ValueError(f"`min` and `max` ask for a number, and {name!r} is {told(hint)}")
    if one.listed is not None and lists is not None:
        wants_number = lists[one.listed].is_numeric
        if not (is_number if wants_number else is_text or is_list):
            raise ValueError(
                f"{one.listed!r} lists {'numbers' if wants_number else 'texts'}, and {name!r} is {told(hint)}"
            )
    if one.mentions is not None and not (is_text or is_list):
        raise ValueError(f"`mentions` asks for text, and {name!r} is {told(hint)}")
    if one.word in {"glob", "regex", "prefix", "cidr"} and not is_text:
        raise ValueError(f"`glob`, `regex`, `prefix` and `cidr` ask for a text, and {name!r} is {told(hint)}")


def _check_scalar(name: str, value: Scalar, hint: Any) -> None:
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise ValueError(f"{name!r} is never {value!r}; it is one of {', '.join(map(str, get_args(hint)))}")
    elif type(value) is not hint:
        raise ValueError(f"{name!r} is {told(hint)}, and {value!r} is not")


def told(hint: Any) -> str:
    """A field's type in a message."""
    if get_origin(hint) is tuple:
        return "a list of texts"
    return {str: "a text", int: "a number", float: "a number", bool: "true or false"}.get(hint, "one of a few words")
