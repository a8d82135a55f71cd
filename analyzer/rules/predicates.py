"""Conditions compiled to predicates, and templates to functions."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import translate
from functools import cache
from operator import attrgetter
from string import Formatter
from typing import Any, Final

from analyzer.rules.condition import Condition, Operator, Scalar
from analyzer.rules.lists import Lists, in_networks

Predicate = Callable[[Any], bool]

DEAR: Final = 2
_MAX_TEXT = 4096
"""Characters of a text that a regular expression looks at: a path's longest, and a bound for its time."""


def compiled(condition: Condition, lists: Lists) -> Predicate:
    """Whether a value meets a condition; `same` and `mentions` hold for all, since one value cannot tell."""
    alternatives = condition if isinstance(condition, list) else [condition]
    scalars = frozenset((type(one), one) for one in alternatives if not isinstance(one, Operator))
    operators = [_operator(one, lists) for one in alternatives if isinstance(one, Operator)]
    if len(operators) == 1 and not scalars:
        return operators[0]
    if not operators:
        return _equality(scalars)
    if scalars:
        operators.append(_equality(scalars))

    def any_holds(value: Any) -> bool:
        # A loop, since it is the innermost one, and `any` over a generator takes twice as long.
        for holds in operators:  # noqa: SIM110
            if holds(value):
                return True
        return False

    return any_holds


def cost(condition: Condition) -> int:
    """What a condition takes, roughly: 0 for a comparison, 1 for a search in a list or a range, DEAR for patterns."""
    costs = [0]
    for one in condition if isinstance(condition, list) else [condition]:
        if isinstance(one, Operator):
            inner = [part for part in (one.negated, one.base, *(one.every or ())) if part is not None]
            cheap = one.contains is not None or one.prefix is not None or one.min is not None or one.max is not None
            costs.append(max(map(cost, inner)) if inner else 1 if cheap else DEAR)
    return max(costs)


def _equality(scalars: frozenset[tuple[type, Scalar]]) -> Predicate:
    if len(scalars) == 1:
        ((kind, only),) = scalars
        return lambda value: value == only and type(value) is kind
    return lambda value: (type(value), value) in scalars


def _operator(operator: Operator, lists: Lists) -> Predicate:
    if operator.negated is not None:
        inner = compiled(operator.negated, lists)
        return lambda value: not inner(value)
    if operator.every is not None:
        parts = [compiled(one, lists) for one in operator.every]
        return lambda value: all(holds(value) for holds in parts)
    if operator.base is not None:
        last = compiled(operator.base, lists)
        return lambda value: last(value.rpartition("/")[2])
    if operator.listed is not None:
        return _any_element(lists[operator.listed].matcher)
    return _of_text(operator) or _of_number(operator)


def _of_text(operator: Operator) -> Predicate | None:
    if operator.cidr is not None:
        return in_networks([operator.cidr] if isinstance(operator.cidr, str) else operator.cidr)
    if operator.glob is not None:
        return _pattern(re.compile(translate(operator.glob)).match)
    if operator.regex is not None:
        return _pattern(re.compile(operator.regex).search)
    if operator.prefix is not None:
        prefix = operator.prefix
        return lambda value: value.startswith(prefix)
    if operator.contains is not None:
        wanted = operator.contains
        return lambda value: wanted in value
    return None


def _of_number(operator: Operator) -> Predicate:
    if operator.same is not None or operator.mentions is not None:
        return _always
    low = operator.min if operator.min is not None else float("-inf")
    high = operator.max if operator.max is not None else float("inf")
    return lambda value: low <= value <= high


def _always(_: object) -> bool:
    return True


def _pattern(find: Callable[[str], object]) -> Predicate:
    return lambda value: find(value if len(value) <= _MAX_TEXT else value[:_MAX_TEXT]) is not None


def _any_element(holds: Predicate) -> Predicate:
    return lambda value: any(map(holds, value)) if type(value) is tuple else holds(value)


def template(text: str) -> Callable[[Callable[[str], Any]], str]:
    """A detail's text as a function of a lookup of names; values are put in as they are, never as templates."""
    pieces = [(literal, name) for literal, name, _, _ in Formatter().parse(text)]

    def fill(lookup: Callable[[str], Any]) -> str:
        return "".join([literal + _readable(lookup(name)) if name is not None else literal for literal, name in pieces])

    return fill


def _readable(value: Any) -> str:
    if type(value) is str:
        return value
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return f"{value:.1f}" if isinstance(value, float) else str(value)


@cache
def getter(name: str) -> Callable[[Any], Any]:
    """A field's getter."""
    return attrgetter(name)
