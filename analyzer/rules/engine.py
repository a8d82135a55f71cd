"""The engine: rules indexed by kind of event, tried on each event, yielding what it shows.

Most rules of a kind look at the same field, such as a path. What their conditions say of a value is remembered for
values seen before, so that an event costs about as much as the rules that could fit it. Memory is bounded, whatever
the number of events.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from typing import Any, Literal, get_origin

from analyzer.model.event import Event, ProcessExec, Race, SocketBind, SocketConnect
from analyzer.rules.gate import Gate
from analyzer.rules.lists import Lists
from analyzer.rules.predicates import DEAR, Predicate, compiled, cost, getter, template
from analyzer.rules.schema import Match, Rule, fields_of
from analyzer.rules.windows import Counter, Sequence

_MAX_REMEMBERED = 8192
_MAX_LENGTH = 512
"""Longer values are not remembered, so that memory is bounded by more than their number."""


@dataclass(frozen=True, slots=True)
class Observation:
    """An event that shows a behavior, with its evidence in one line.

    `rule` names the rule: the behavior and the rule's number among its rules, from 1. `before` are the events that led
    to it, where one was not enough.
    """

    behavior: str
    rule: str
    event: Event
    detail: str
    before: tuple[Event, ...] = ()


class Engine:
    """All rules, ready for the events of one run, which have to come in order of time."""

    def __init__(self, rules: Iterable[Rule], lists: Lists | None = None) -> None:
        self._kinds: dict[str, _Kind] = {}
        self._compiled: list[_Compiled] = []
        trials: dict[str, list[_Trial]] = defaultdict(list)
        for label, rule in labelled(rules):
            one = _Compiled(label, rule)
            self._compiled.append(one)
            for number, stage in enumerate(rule.stages):
                trials[stage.event].append(_Trial(one, number, stage, lists or {}))
        self._kinds = {kind: _Kind(kind, of_kind, lists or {}) for kind, of_kind in trials.items()}

    def observe(self, events: Iterable[Event]) -> Iterator[Observation]:
        """What the events show, in their order."""
        kinds = self._kinds
        for event in events:
            kind = kinds.get(event.detail.kind)
            if kind is None:
                continue
            held = set()
            for trial in kind.candidates(event.detail):
                if trial.holds(event):
                    held.add(trial.rule)
                    observation = trial.rule.observe(trial.number, event)
                    if observation is not None:
                        yield _with_asked(observation)
            if _asked(event):
                yield from self._as_asked(kind, event, held)

    def _as_asked(self, kind: _Kind, event: Event, held: Container[_Compiled]) -> Iterator[Observation]:
        """What an event shows by the path that was asked for alone: a link's name tells something, wherever it leads."""
        asked = as_asked(event)
        for trial in kind.candidates(asked.detail):
            if trial.rule not in held and trial.holds(asked):
                observation = trial.rule.observe(trial.number, asked)
                if observation is not None:
                    yield _with_asked(replace(observation, event=event))

    @property
    def forgotten(self) -> int:
        """How many unfinished counts and sequences had to be let go of, since memory is bounded: something may be missed."""
        return sum(one.forgotten for one in self._compiled)


def _asked(event: Event) -> str:
    """The path that was asked for, where that is not where it leads; a race tells of both by itself."""
    return "" if isinstance(event.detail, Race) else getattr(event.detail, "asked", "")


def _with_asked(observation: Observation) -> Observation:
    """The observation with both paths in its evidence, where what was asked for is not where that leads."""
    detail: Any = observation.event.detail
    asked = _asked(observation.event)
    if not asked:
        return observation
    path = detail.address if isinstance(detail, SocketConnect | SocketBind) else detail.path
    told = observation.detail.rstrip()
    more = ""
    if path in told and asked not in told:
        more = f", asked for as {asked}"
    elif asked in told and path not in told:
        more = f", which is {path}"
    return replace(observation, detail=told + more)


def as_asked(event: Event) -> Event:
    """The event as if what was asked for had been where it leads."""
    detail: Any = event.detail
    if isinstance(detail, SocketConnect | SocketBind):
        return replace(event, detail=replace(detail, address=detail.asked))
    if isinstance(detail, ProcessExec):
        detail = replace(detail, program=detail.asked.rpartition("/")[2])
    return replace(event, detail=replace(detail, path=detail.asked))


def labelled(rules: Iterable[Rule]) -> Iterator[tuple[str, Rule]]:
    """Each rule with its name in reports: its behavior's id and its number among that behavior's rules."""
    seen = Tally[str]()
    for rule in rules:
        seen[rule.behavior] += 1
        yield f"{rule.behavior}/{seen[rule.behavior]}", rule


class _Compiled:
    def __init__(self, label: str, rule: Rule) -> None:
        self._label = label
        self._rule = rule
        self._fill = template(rule.detail)
        self._counter = Counter(rule.count) if rule.count else None
        self._sequence = Sequence(rule) if rule.sequence else None
        self._names = [stage.name for stage in rule.sequence]

    @property
    def forgotten(self) -> int:
        return (self._counter.forgotten if self._counter else 0) + (self._sequence.forgotten if self._sequence else 0)

    def observe(self, number: int, event: Event) -> Observation | None:
        if self._sequence is not None:
            events = self._sequence.add(number, event)
            return self._told(event, events[:-1]) if events else None
        if self._counter is not None:
            before = self._counter.add(event)
            return self._told(event, before) if before is not None else None
        return self._told(event, ())

    def _told(self, event: Event, before: tuple[Event, ...]) -> Observation:
        lookup: Callable[[str], Any] = partial(getattr, event.detail)
        if self._sequence is not None:
            by_name = dict(zip(self._names, (*before, event), strict=True))
            lookup = partial(_of_stage, by_name)
        elif self._rule.count is not None:
            lookup = partial(_counted, self._rule.count.at_least, event)
        return Observation(self._rule.behavior, self._label, event, self._fill(lookup), before)


def _of_stage(by_name: Mapping[str, Event], name: str) -> Any:
    stage, _, field = name.partition(".")
    return getattr(by_name[stage].detail, field)


def _counted(count: int, event: Event, name: str) -> Any:
    return count if name == "count" else getattr(event.detail, name)


class _Trial:
    """A rule's stage as it is tried on events: conditions by field."""

    def __init__(self, rule: _Compiled, number: int, stage: Match, lists: Lists) -> None:
        self.rule = rule
        self.number = number
        self.where = stage.where
        self.fields = {name: compiled(condition, lists) for name, condition in stage.where.items()}
        self._header = [(getter(name), compiled(condition, lists)) for name, condition in stage.when.items()]
        self._rest: list[tuple[Any, Predicate]] = []

    def settle(self, settled: Container[str]) -> None:
        """Leaves the conditions on other fields to be tried on each event, the cheap ones first."""
        names = sorted((name for name in self.fields if name not in settled), key=lambda name: cost(self.where[name]))
        self._rest = [
            (getter(name), _remembering(self.fields[name]) if cost(self.where[name]) == DEAR else self.fields[name])
            for name in names
        ]

    def holds(self, event: Event) -> bool:
        """Whether all conditions that are left hold."""
        detail = event.detail
        for get, condition in self._rest:
            if not condition(get(detail)):
                return False
        return all(condition(get(event)) for get, condition in self._header) if self._header else True


def _remembering(holds: Predicate) -> Predicate:
    """The same predicate, which remembers what it said of texts that it saw lately."""
    seen: dict[Any, bool] = {}

    def remembered(value: Any) -> bool:
        found = seen.get(value)
        if found is None:
            found = holds(value)
            if len(seen) >= _MAX_REMEMBERED:
                seen.clear()
            if isinstance(value, str) and len(value) <= _MAX_LENGTH:
                seen[value] = found
        return found

    return remembered


class _Kind:
    """The trials of one kind of event, in the order in which they are tried.

    `primary` is the field by whose value the candidates are found: what the conditions on it say is remembered. Trials
    without such a condition are told apart by the values of fields of which there are few, such as flags and errors.
    """

    def __init__(self, kind: str, trials: list[_Trial], lists: Lists) -> None:
        hints = fields_of(kind)
        self.primary, gate, gated = _best(trials, hints, lists)
        self._gate = gate
        self._gated = [trial for trial in trials if id(trial) in gated]
        self._others = [trial for trial in trials if id(trial) not in gated]
        self._few = sorted({name for trial in self._others for name in trial.fields if _is_few(name, hints[name])})
        self._few_values = attrgetter(*self._few) if self._few else None
        self.remembered: dict[Any, tuple[_Trial, ...]] = {}
        self._remembered_few: dict[Any, tuple[_Trial, ...]] = {}
        for trial in trials:
            trial.settle({self.primary} if id(trial) in gated else frozenset(self._few))

    def candidates(self, detail: Any) -> tuple[_Trial, ...]:
        """The trials that may hold for an event; what was remembered is let go of when it becomes too much."""
        found = self._fitting(getattr(detail, self.primary)) if self._gated else ()
        return found + self._fitting_few(detail) if self._others else found

    def _fitting(self, value: Any) -> tuple[_Trial, ...]:
        found = self.remembered.get(value)
        if found is None:
            found = ()
            if not isinstance(value, str) or self._gate.open_for(value):
                found = tuple(trial for trial in self._gated if trial.fields[self.primary](value))
            _remember(self.remembered, value, found)
        return found

    def _fitting_few(self, detail: Any) -> tuple[_Trial, ...]:
        values = self._few_values(detail) if self._few_values is not None else None
        found = self._remembered_few.get(values)
        if found is None:
            found = tuple(
                trial
                for trial in self._others
                if all(trial.fields[name](getattr(detail, name)) for name in self._few if name in trial.fields)
            )
            _remember(self._remembered_few, values, found)
        return found


def _remember(memory: dict[Any, tuple[_Trial, ...]], value: Any, found: tuple[_Trial, ...]) -> None:
    if len(memory) >= _MAX_REMEMBERED:
        memory.clear()
    if not isinstance(value, str) or len(value) <= _MAX_LENGTH:
        memory[value] = found


def _best(trials: list[_Trial], hints: Mapping[str, Any], lists: Lists) -> tuple[str, Gate, frozenset[int]]:
    """The field whose conditions leave the fewest trials to be tried on every event; with its gate, and whom it keeps."""
    best: tuple[str, Gate, frozenset[int]] = ("", Gate([], lists), frozenset())
    for name, hint in hints.items():
        asking = [trial for trial in trials if name in trial.fields]
        if hint is not str or not asking:
            continue
        gate = Gate((trial.where[name] for trial in asking), lists)
        kept = frozenset(id(trial) for trial, joined in zip(asking, gate.joined, strict=True) if joined)
        if len(kept) > len(best[2]):
            best = (name, gate, kept)
    return best


def _is_few(name: str, hint: Any) -> bool:
    """Whether a field has few values in practice."""
    return get_origin(hint) is Literal or hint is bool or name in {"error", "flags", "family", "type", "call"}
