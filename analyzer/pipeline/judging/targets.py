"""What names the targets of a run's acts, from all that is known of the run."""

from __future__ import annotations

import posixpath

from analyzer.model.package import Acquisition
from analyzer.pipeline.judging.reading import Reading
from analyzer.rules.engine import labelled
from analyzer.rules.loader import Ruleset
from analyzer.store.record import Record
from analyzer.trace.canonical.lasting import Lasting
from analyzer.trace.canonical.targets import Targets


def targets_of(record: Record, reading: Reading, acquisition: Acquisition, rules: Ruleset) -> Targets:
    """The targets of a record's events, as rules of this version show them."""
    target = reading.installed.target
    version = target.version if target is not None else acquisition.version
    lasting = Lasting(posixpath.dirname(record.working_directory()), acquisition.name, version)
    return Targets(reading.events.events, lasting, counted(rules))


def counted(rules: Ruleset) -> dict[str, tuple[str, ...]]:
    """The rules that count events, by their names in reports, with the fields that the counted ones have in common."""
    return {label: rule.count.same for label, rule in labelled(rules.rules) if rule.count is not None}
