"""What an empty package shows as well is not the package's: taken from its account, as far as that can be done without hiding anything.

`docs/decisions/2026-11-22-what-an-empty-package-does.md` has why each bound is there.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from analyzer.model.event import PACKAGES, Attribution, Event
from analyzer.model.package import Acquisition
from analyzer.model.report import SEVERITIES, BaselineUse
from analyzer.pipeline.judging.reading import Reading
from analyzer.rules.engine import Observation
from analyzer.store.baseline import Baseline
from analyzer.store.record import Record
from analyzer.taxonomy import Taxonomy
from analyzer.trace.authors.installed import normal
from analyzer.trace.canonical.fingerprint import Fingerprints, Matching
from analyzer.trace.canonical.normalising import Normaliser
from analyzer.trace.timeline import Timeline

_WORLD_WRITABLE: Final = ("/tmp/", "/var/tmp/", "/dev/shm/")  # noqa: S108 the sandbox's own
_HARMLESS: Final = frozenset(SEVERITIES[: SEVERITIES.index("medium")])


def reported(events: Timeline) -> Iterator[Event]:
    """The events that behaviors are told of; what the installer or the interpreter does by itself is left out."""
    return (event for event in events.events if event.attribution in PACKAGES)


def fingerprints(record: Record, reading: Reading, acquisition: Acquisition) -> Fingerprints:
    """What takes the fingerprints of a run's events."""
    target = reading.installed.target
    names = {acquisition.name, normal(acquisition.name).replace("-", "_")}
    version = acquisition.version
    if target is not None:
        version = target.version
        tops = {module.partition(".")[0] for module in target.modules}
        names |= {target.name, normal(target.name), normal(target.name).replace("-", "_"), *tops, *target.scripts}
    home = posixpath.dirname(record.working_directory())
    writable = (f"{home.rstrip('/')}/", *_WORLD_WRITABLE)
    return Fingerprints(Normaliser(names, version), {step.step: step.kind for step in reading.steps}, writable)


class Subtraction:
    """A run held against a baseline: first `told`, which passes the observations on, then `settle`, which mends the events."""

    def __init__(
        self,
        baseline: Baseline | None,
        record: Record,
        reading: Reading,
        acquisition: Acquisition,
        taxonomy: Taxonomy,
    ) -> None:
        self._baseline = baseline
        self._events = reading.events
        self._taxonomy = taxonomy
        self._noise: dict[int, Event] = {}
        self._subtracted = 0
        if baseline is not None and baseline.events:
            matching = Matching(baseline.counts(), fingerprints(record, reading, acquisition))
            self._noise = {id(event): event for event in reported(self._events) if matching.has(event)}

    def told(self, observations: Iterable[Observation]) -> Iterator[Observation]:
        """The observations without those that rest on an empty package's acts alone and are below medium severity.

        What any other one rests upon stays the package's.
        """
        for one in observations:
            events = (*one.before, one.event)
            harmless = self._taxonomy[one.behavior].severity in _HARMLESS
            if harmless and all(id(event) in self._noise for event in events):
                continue
            for event in events:
                self._noise.pop(id(event), None)
            yield one

    def settle(self) -> None:
        """Gives what is left of the empty package's acts to whom they belong, in the run's events."""
        if not self._noise:
            return
        self._subtracted = len(self._noise)
        for place, event in enumerate(self._events.events):
            if id(event) in self._noise:
                author: Attribution = "installer" if event.phase == "install" else "interpreter"
                self._events.events[place] = replace(event, attribution=author)

    def use(self) -> BaselineUse | None:
        """What the report says of it; None where the record has no baseline."""
        if self._baseline is None:
            return None
        known = sum(event.count for event in self._baseline.events)
        return BaselineUse(events=known, subtracted=self._subtracted, missing=self._baseline.missing)
