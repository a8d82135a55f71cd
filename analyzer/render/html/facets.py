"""By what the rows of a page can be told apart: severity, phases, processes, distributions and categories.

The rows of traffic and files have no severity of their own. A row gets that of the gravest behavior that shows the same: what the process
sent at the same millisecond, or the same path.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from packaging.utils import canonicalize_name

from analyzer.model.event import PHASES
from analyzer.render.html.timeline import LATEST
from analyzer.render.selection import severity_rank

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analyzer.model.network import NetworkAct
    from analyzer.model.report import BehaviorReport, Evidence, FileChange, ProcessNode, Report
    from analyzer.render.html.acts import Act, Moment

MOST: Final = 100
"""Distributions that can be chosen, and processes of one row."""

_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Facets:
    """What a row is told apart by; `distributions` are numbers of `FacetIndex.distributions`, `shows` is the gravest behavior of it."""

    shows: BehaviorReport | None
    phases: tuple[str, ...]
    pids: tuple[int, ...]
    distributions: tuple[int, ...]
    categories: tuple[str, ...]


class FacetIndex:
    """The facets of the rows of one report."""

    def __init__(self, report: Report) -> None:
        self._target = _key(report.package.name)
        self._numbers: dict[str, int] = {self._target: 0}
        self._sent: dict[tuple[int, int], list[BehaviorReport]] = {}
        self._paths: dict[str, list[BehaviorReport]] = {}
        for behavior in sorted(report.behaviors, key=lambda one: (severity_rank(one.severity), one.id)):
            for evidence in behavior.evidence:
                self._take(behavior, evidence)
        network, files = report.network, report.files
        for rows in (network.dns, network.connections, network.http, network.exchanges, network.beacons):
            self._take_names(rows)
        for changes in (files.created, files.modified, files.deleted, files.renamed):
            self._take_names(changes)

    @property
    def distributions(self) -> list[str]:
        """The names of distributions, the target's first; what is of no distribution is named by who did it."""
        return list(self._numbers)

    def of_behavior(self, behavior: BehaviorReport) -> Facets:
        """A behavior has what its evidences have."""
        return self._of_acts([(behavior, evidence) for evidence in behavior.evidence], behavior, behavior.phases)

    def of_process(self, node: ProcessNode, acts: Sequence[Act]) -> Facets:
        """A process has what its acts have, and its own number and phase."""
        gravest = min((one for one, _ in acts), key=lambda one: severity_rank(one.severity), default=None)
        found = self._of_acts(acts, gravest, [node.phase])
        own = self._number(self._name("", node.attribution))
        distributions = found.distributions or (own if own is not None else 0,)
        return Facets(gravest, found.phases, (node.pid,), distributions, found.categories)

    def of_moment(self, moment: Moment) -> Facets:
        """A moment is one act."""
        return self._of_acts([(moment.behavior, moment.evidence)], moment.behavior, [moment.evidence.phase])

    def of_traffic(self, row: NetworkAct) -> Facets:
        """What went over the wire, with the behaviors seen of the process at that millisecond or one beside it."""
        at = _milliseconds(row.time)
        shows = [one for near in (at, at - 1, at + 1) for one in self._sent.get((row.pid, near), [])] if row.pid else []
        return self._of_row(row, shows, "network")

    def of_change(self, change: FileChange) -> Facets:
        """What was left in the tree, with the behaviors whose evidence names its path."""
        return self._of_row(change, self._paths.get(change.path, []), "file")

    def _of_row(self, row: NetworkAct | FileChange, shows: list[BehaviorReport], category: str) -> Facets:
        gravest = min(shows, key=lambda one: severity_rank(one.severity), default=None)
        number = self._number(self._name(row.distribution, row.attribution))
        categories = tuple(sorted({category, *(one.category for one in shows)}))
        pids = (row.pid,) if row.pid else ()
        return Facets(gravest, (row.phase,), pids, () if number is None else (number,), categories)

    def _of_acts(self, acts: Sequence[Act], gravest: BehaviorReport | None, phases: Sequence[str]) -> Facets:
        pids = sorted({evidence.pid for _, evidence in acts if evidence.pid})[:MOST]
        names = {self._name(_distribution(evidence), evidence.attribution) for _, evidence in acts}
        numbers = sorted(number for number in map(self._number, names) if number is not None)
        categories = tuple(sorted({one.category for one, _ in acts}))
        return Facets(gravest, tuple(sorted(phases, key=PHASES.index)), tuple(pids), tuple(numbers), categories)

    def _take(self, behavior: BehaviorReport, evidence: Evidence) -> None:
        self._add(self._name(_distribution(evidence), evidence.attribution))
        if evidence.event.startswith(("network.", "socket.")):
            found = self._sent.setdefault((evidence.pid, _milliseconds(evidence.time)), [])
        elif evidence.event.startswith("file."):
            for path in evidence.detail.split():
                _once(self._paths.setdefault(path.rstrip(":,"), []), behavior)
            return
        else:
            return
        _once(found, behavior)

    def _take_names(self, rows: Iterable[NetworkAct] | Iterable[FileChange]) -> None:
        for row in rows:
            self._add(self._name(row.distribution, row.attribution))

    def _add(self, name: str) -> None:
        if len(self._numbers) < MOST:
            self._numbers.setdefault(name, len(self._numbers))

    def _number(self, name: str) -> int | None:
        return self._numbers.get(name)

    def _name(self, distribution: str, attribution: str) -> str:
        if distribution:
            return _key(distribution)
        return {"package": self._target, "dependency": "a dependency"}.get(attribution, f"the {attribution}")


def _distribution(evidence: Evidence) -> str:
    return evidence.distribution or (evidence.location.distribution if evidence.location is not None else "")


def _key(name: str) -> str:
    return canonicalize_name(name[:_NAME])


def _milliseconds(time: float) -> int:
    return round(max(min(time, LATEST), 0) * 1000)


def _once(found: list[BehaviorReport], behavior: BehaviorReport) -> None:
    if behavior not in found[-1:]:
        found.append(behavior)
