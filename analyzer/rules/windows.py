"""What counts and sequences remember between events: bounded, and with an account of what had to be forgotten."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from analyzer.model.event import Event
from analyzer.rules.condition import Operator
from analyzer.rules.predicates import getter
from analyzer.rules.schema import Count, Match, Rule, Scope, operators

_MAX_KEYS = 16_384
_MAX_OPEN = 32
"""Sequences that wait for the same value."""

_MAX_MENTIONED = 1024
"""Sequences that wait for a mention, each of another value, which have to be tried one by one."""

_MAX_ALIKE = 2
"""Without a reference the latest one is as good as any; one more, since the event at hand may have begun that itself."""

_SHOWN = 3
"""Events before the last one that an observation names."""

_MIN_MENTION = 4
"""A shorter value is mentioned by chance."""

Group = tuple[object, ...]

_SCOPES: dict[Scope, Callable[[Event], Group]] = {
    "run": lambda _: (),
    "step": lambda event: (event.step,),
    "process": lambda event: (event.step, event.pid),
    "file": lambda event: (event.step, event.pid, event.location.file if event.location else ""),
}


@dataclass(slots=True)
class _Window:
    events: deque[tuple[float, object, Event]]


class Counter:
    """Counts events by group; fires when there are enough different ones within the time, then starts anew."""

    def __init__(self, count: Count) -> None:
        self._count = count
        self._group = _SCOPES[count.per]
        self._values = [getter(name) for name in count.distinct]
        self._same = [getter(name) for name in count.same]
        self._open: OrderedDict[Group, _Window] = OrderedDict()
        self.forgotten = 0

    def add(self, event: Event) -> tuple[Event, ...] | None:
        """The first events of the window when this one makes it enough, or None."""
        group = (*self._group(event), *(get(event.detail) for get in self._same))
        window = self._open.get(group)
        if window is None:
            window = self._open[group] = _Window(deque())
            if len(self._open) > _MAX_KEYS:
                self._open.popitem(last=False)
                self.forgotten += 1
        events = window.events
        while events and event.time - events[0][0] > self._count.within:
            events.popleft()
        value = tuple(get(event.detail) for get in self._values) if self._values else len(events)
        if self._values and any(value == other for _, other, _ in events):
            return None
        events.append((event.time, value, event))
        if len(events) < self._count.at_least:
            self._open.move_to_end(group)
            return None
        del self._open[group]
        return tuple(one for _, _, one in events)[:-1][:_SHOWN]


@dataclass(frozen=True, slots=True)
class _Reference:
    """A field of a stage that has to be, to hold or to mention a field that an earlier stage saw."""

    field: Callable[[Any], Any]
    stage: int
    earlier: Callable[[Any], Any]
    mentions: bool

    def holds(self, event: Event, partial: tuple[Event, ...]) -> bool:
        found, wanted = self.field(event.detail), _one(self.earlier(partial[self.stage].detail))
        if self.mentions:
            texts = found if isinstance(found, tuple) else (found,)
            return len(str(wanted)) >= _MIN_MENTION and any(str(wanted) in text for text in texts)
        return wanted in found if isinstance(found, tuple) else wanted == found


@dataclass(slots=True)
class _Waiting:
    """The sequences that wait for one stage, by group and by the value that the stage has to bring."""

    references: list[_Reference]
    key: _Reference | None
    open: OrderedDict[Group, deque[tuple[Event, ...]]] = field(default_factory=OrderedDict)

    @property
    def most(self) -> int:
        """How many wait in one group."""
        if self.key is not None:
            return _MAX_OPEN
        return _MAX_MENTIONED if self.references else _MAX_ALIKE


class Sequence:
    """Follows the sequences of one rule. Where several are open, the latest is completed first."""

    def __init__(self, rule: Rule) -> None:
        self._within = rule.within
        self._repeated = rule.repeated
        self._group = _SCOPES[rule.per]
        names = [stage.name for stage in rule.sequence]
        self._waiting = [_waiting(stage, names) for stage in rule.sequence]
        self.forgotten = 0

    def add(self, number: int, event: Event) -> tuple[Event, ...] | None:
        """An event that meets a stage's own conditions. The events of a completed sequence, or None."""
        if number == 0:
            return self._advance((), event)
        waiting = self._waiting[number]
        for key in self._keys(waiting, event):
            partials = waiting.open.get(key)
            for partial in reversed(partials or ()):
                if event.time - partial[0].time > self._within:
                    break
                # One event is not two stages.
                if partial[-1] is not event and all(
                    reference.holds(event, partial) for reference in waiting.references
                ):
                    completed = self._advance(partial, event)
                    # An attempt, such as looking for a program along PATH, leaves it open for the success that may follow.
                    if completed is not None and event.outcome == "completed" and not self._repeated:
                        del waiting.open[key]
                    return completed
        return None

    def _keys(self, waiting: _Waiting, event: Event) -> Iterator[Group]:
        group = self._group(event)
        if waiting.key is None:
            yield group
            return
        value = waiting.key.field(event.detail)
        for one in value if isinstance(value, tuple) else (value,):
            yield (*group, one)

    def _advance(self, partial: tuple[Event, ...], event: Event) -> tuple[Event, ...] | None:
        events = (*partial, event)
        if len(events) == len(self._waiting):
            return events
        waiting = self._waiting[len(events)]
        key = self._group(events[0])
        if waiting.key is not None:
            key = (*key, _one(waiting.key.earlier(events[waiting.key.stage].detail)))
        partials = waiting.open.get(key)
        if partials is None:
            partials = waiting.open[key] = deque(maxlen=waiting.most)
            if len(waiting.open) > _MAX_KEYS:
                self._forget(waiting, event.time)
        elif waiting.references and self._are_alike(partials[-1], events):
            partials.pop()
        elif waiting.most == _MAX_MENTIONED == len(partials):
            self.forgotten += event.time - partials[0][0].time <= self._within
        partials.append(events)
        waiting.open.move_to_end(key)
        return None

    def _are_alike(self, before: tuple[Event, ...], events: tuple[Event, ...]) -> bool:
        """Whether whatever completes the one completes the other too, such as after a second write to the same file."""
        return all(
            one.earlier(before[one.stage].detail) == one.earlier(events[one.stage].detail)
            for waiting in self._waiting[len(events) :]
            for one in waiting.references
            if one.stage < len(events)
        )

    def _forget(self, waiting: _Waiting, now: float) -> None:
        """Lets go of the oldest. That is a loss only while it could still be completed."""
        _, partials = waiting.open.popitem(last=False)
        self.forgotten += now - partials[-1][0].time <= self._within


def _one(value: Any) -> Any:
    """A value as others are compared with it: that of a list of one, such as a call's only argument, is this one."""
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def _waiting(stage: Match, names: list[str]) -> _Waiting:
    references = list(_references(stage, names))
    key = next((one for one in references if not one.mentions), None)
    return _Waiting(references, key)


def _references(stage: Match, names: list[str]) -> Iterable[_Reference]:
    for name, condition in stage.where.items():
        for operator in operators(condition):
            if operator.same is not None or operator.mentions is not None:
                yield _reference(name, operator, names)


def _reference(name: str, operator: Operator, names: list[str]) -> _Reference:
    stage, _, earlier = (operator.same or operator.mentions or "").partition(".")
    return _Reference(getter(name), names.index(stage), getter(earlier), mentions=operator.mentions is not None)
