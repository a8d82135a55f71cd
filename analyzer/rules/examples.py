"""A rule's examples, made into events and tried: what `shows` has to be observed, what `nearly` shows must not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, get_args, get_origin

from analyzer.model.event import DETAILS, Event, Location, PackageMetadata, Source
from analyzer.rules.engine import Engine
from analyzer.rules.lists import Lists
from analyzer.rules.schema import HEADER, ExampleEvent, Rule, fields_of

_RESERVED = frozenset({"event", "when", "after", "repeat", "file", "step"})
_MAX_REPEAT = 200
_PLAIN = Event(
    time=1_700_000_000.0,
    phase="execute",
    layer="syscall",
    pid=5,
    process="python",
    outcome="completed",
    attribution="package",
    detail=PackageMetadata("", "", "", "", ()),
    source=Source("steps/01-execute.strace", 1),
    step=1,
)


def failures(rule: Rule, lists: Lists) -> Iterator[str]:
    """What is wrong with a rule's examples, a line each."""
    if rule.examples is None:
        return
    for word, wanted, cases in (("shows", True, rule.examples.shows), ("nearly", False, rule.examples.nearly)):
        for number, case in enumerate(cases, 1):
            try:
                events = list(events_of(case, rule))
            except ValueError as error:
                yield f"{rule.behavior}: example {number} of `{word}`: {error}"
                continue
            if bool(list(Engine([rule], lists).observe(events))) is not wanted:
                verb = "is not observed" if wanted else "is observed"
                yield f"{rule.behavior}: example {number} of `{word}` {verb}"


def events_of(case: ExampleEvent | list[ExampleEvent], rule: Rule) -> Iterator[Event]:
    """The events of an example, in order, a second apart. Raises ValueError for an example that no event can be."""
    time = _PLAIN.time
    for one in case if isinstance(case, list) else [case]:
        time += float(one.get("after", 1))
        kind = one.get("event", rule.event)
        if kind is None:
            raise ValueError("in a sequence each event names its kind (`event`)")
        for number in range(1, min(int(one.get("repeat", 1)), _MAX_REPEAT) + 1):
            yield replace(_event(kind, one, number), time=time + number / 1000)


def _event(kind: str, one: ExampleEvent, number: int) -> Event:
    hints = fields_of(kind)
    given = {name: _numbered(value, number) for name, value in one.items() if name not in _RESERVED}
    for name, value in given.items():
        if name not in hints:
            raise ValueError(f"{kind} has no field {name!r}; it has {', '.join(sorted(hints))}")
        _check(name, value, hints[name])
    values = {
        name: tuple(given[name]) if isinstance(given.get(name), list) else given.get(name, _plain(hint))
        for name, hint in hints.items()
    }
    header = one.get("when", {})
    for name, value in header.items():
        if name not in HEADER:
            raise ValueError(f"an event's header has no field {name!r}")
        _check(name, value, HEADER[name])
    location = Location("sample", "sample", str(one["file"]), 1) if "file" in one else None
    make: Callable[..., Any] = DETAILS[kind]
    return replace(_PLAIN, detail=make(**values), location=location, step=int(one.get("step", 1)), **header)


def _numbered(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return value.replace("{n}", str(number))
    return [_numbered(one, number) for one in value] if isinstance(value, list) else value


def _check(name: str, value: Any, hint: Any) -> None:
    if get_origin(hint) is tuple:
        fits = isinstance(value, list) and all(isinstance(one, str) for one in value)
    elif get_origin(hint) is not None:
        fits = value in get_args(hint)
    else:
        fits = type(value) is hint or (hint is float and type(value) is int)
    if not fits:
        raise ValueError(f"{name!r} cannot be {value!r}")


def _plain(hint: Any) -> Any:
    if get_origin(hint) is tuple:
        return ()
    return get_args(hint)[0] if get_args(hint) else hint()
