"""The engine: compiles rules to predicates, indexes them by kind of event, and yields what each event shows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from fnmatch import translate
from operator import attrgetter
from typing import Any

from analyzer.model.event import Event
from analyzer.rules.schema import Operator, Rule, Scalar, as_conditions

Predicate = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Observation:
    """An event that shows a behavior, with its evidence in one line."""

    behavior: str
    event: Event
    detail: str


class Engine:
    """All rules, ready to be tried on events. It keeps nothing between events."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules: dict[str, list[_Compiled]] = defaultdict(list)
        for rule in rules:
            self._rules[rule.event].append(_Compiled(rule))

    def observe(self, events: Iterable[Event]) -> Iterator[Observation]:
        """What the events show, in their order."""
        for event in events:
            for rule in self._rules.get(event.detail.kind, ()):
                if rule.matches(event):
                    yield Observation(rule.behavior, event, rule.describe(event))


class _Compiled:
    def __init__(self, rule: Rule) -> None:
        self.behavior = rule.behavior
        self._header = [(attrgetter(name), _any(alternatives)) for name, alternatives in as_conditions(rule.when)]
        self._detail = [(attrgetter(name), _any(alternatives)) for name, alternatives in as_conditions(rule.where)]
        self._template = rule.detail

    def matches(self, event: Event) -> bool:
        return all(holds(get(event.detail)) for get, holds in self._detail) and all(
            holds(get(event)) for get, holds in self._header
        )

    def describe(self, event: Event) -> str:
        values = {field.name: _readable(getattr(event.detail, field.name)) for field in fields(event.detail)}
        return self._template.format_map(values)


def _readable(value: object) -> object:
    return " ".join(str(part) for part in value) if isinstance(value, tuple) else value


def _any(alternatives: list[Scalar | Operator]) -> Predicate:
    scalars = frozenset((type(one), one) for one in alternatives if not isinstance(one, Operator))
    operators = [_operator(one) for one in alternatives if isinstance(one, Operator)]
    if not operators:
        return lambda value: (type(value), value) in scalars
    return lambda value: (type(value), value) in scalars or any(holds(value) for holds in operators)


def _operator(operator: Operator) -> Predicate:
    if operator.negated is not None:
        inner = operator.negated
        holds = _any(inner if isinstance(inner, list) else [inner])
        return lambda value: not holds(value)
    if operator.glob is not None:
        match = re.compile(translate(operator.glob)).match
        return lambda value: match(value) is not None
    if operator.regex is not None:
        search = re.compile(operator.regex).search
        return lambda value: search(value) is not None
    if operator.prefix is not None:
        prefix = operator.prefix
        return lambda value: value.startswith(prefix)
    if operator.contains is not None:
        wanted = operator.contains
        return lambda value: wanted in value
    return _bounded(operator)


def _bounded(operator: Operator) -> Predicate:
    low = operator.min if operator.min is not None else float("-inf")
    high = operator.max if operator.max is not None else float("inf")
    return lambda value: low <= value <= high
