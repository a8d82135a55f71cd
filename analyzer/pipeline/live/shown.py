"""What is shown of a run while it goes on: each behavior once upon each target."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from analyzer.model.event import Attribution, Event, Outcome, Phase
from analyzer.model.report import SEVERITIES, Severity
from analyzer.pipeline.judging.behaviors import evidence_detail
from analyzer.pipeline.judging.targets import counted
from analyzer.rules.engine import Engine, Observation
from analyzer.rules.loader import Ruleset
from analyzer.trace.canonical.lasting import Lasting
from analyzer.trace.canonical.targets import Targets

_MOST: Final = 20_000
"""Pairs of behavior and target that are remembered. Beyond these a behavior is shown only if it was not shown at all."""

_EARLIER: Final = 0.002
"""Seconds by which two layers' clocks may differ."""


@dataclass(frozen=True, slots=True)
class LiveBehavior:
    """A behavior that was just seen, as the report's evidence will have it.

    `time` is in seconds since the epoch, `process` the program that did it ("" where that is not known yet), `target` what it was upon,
    and `location` the line of Python behind it, as "file:line", "" where none is known. `process`, `detail`, `target` and
    `location` hold what the package chose: whoever shows them filters them first.
    """

    time: float
    id: str
    title: str
    severity: Severity
    phase: Phase
    process: str
    detail: str
    target: str
    location: str
    attribution: Attribution
    outcome: Outcome


class Shown:
    """Tells what events show that was not shown before; events come in order of time. `least` is the severity from which on it is told."""

    def __init__(self, rules: Ruleset, engine: Engine, least: Severity) -> None:
        self._taxonomy = rules.taxonomy
        self._engine = engine
        self._least = SEVERITIES.index(least)
        self._targets = Targets((), Lasting("", "", ""), counted(rules))
        self._seen: dict[tuple[str, str], int] = {}
        self._behaviors: set[str] = set()

    def use(self, lasting: Lasting) -> None:
        """Takes what is now known of the package, by which targets are named."""
        self._targets.use(lasting)

    def take(self, events: Iterable[Event]) -> list[LiveBehavior]:
        """What the next events show."""
        found = []
        for observation in self._engine.observe(self._learned(events)):
            behavior = self._taxonomy[observation.behavior]
            if SEVERITIES.index(behavior.severity) < self._least or not _is_in_order(observation):
                continue
            target = self._targets.of(observation.event, observation.before, observation.rule)
            if self._is_new(behavior.id, target):
                found.append(_told(observation, behavior.title, behavior.severity, target))
        return found

    def count(self, behavior: str, target: str) -> int:
        """How often a behavior was seen upon a target so far."""
        return self._seen.get((behavior, target), 0)

    def _learned(self, events: Iterable[Event]) -> Iterable[Event]:
        for event in events:
            self._targets.learn(event)
            yield event

    def _is_new(self, behavior: str, target: str) -> bool:
        key = behavior, target
        if key in self._seen:
            self._seen[key] += 1
            return False
        if len(self._seen) < _MOST:
            self._seen[key] = 1
        elif behavior in self._behaviors:
            return False
        self._behaviors.add(behavior)
        return True


def _is_in_order(observation: Observation) -> bool:
    """Whether what led to it was before it: an event may come after a later one, as that of a call that waited long does."""
    return all(one.time <= observation.event.time + _EARLIER for one in observation.before)


def _told(observation: Observation, title: str, severity: Severity, target: str) -> LiveBehavior:
    event, at = observation.event, observation.event.location
    return LiveBehavior(
        time=event.time,
        id=observation.behavior,
        title=title,
        severity=severity,
        phase=event.phase,
        process=event.process,
        detail=evidence_detail(observation),
        target=target,
        location=f"{posixpath.basename(at.file)}:{at.line}" if at is not None else "",
        attribution=event.attribution,
        outcome=event.outcome,
    )
