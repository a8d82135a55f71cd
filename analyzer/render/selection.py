"""What a reader is shown first: order, grouping and choice, the same for every readable format."""

from __future__ import annotations

import math
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Final

from analyzer.model.report import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.model.report import Anomaly, BehaviorReport, Evidence, ProcessNode, Report, Severity


_RARITY: Final = ("rare", "uncommon", "no data", "common")


def severity_rank(severity: Severity) -> int:
    """0 for the most severe."""
    return len(SEVERITIES) - 1 - SEVERITIES.index(severity)


def by_category(report: Report) -> list[tuple[str, list[BehaviorReport]]]:
    """Behaviors grouped by category; groups and the behaviors in each come most severe first, then by name."""
    groups: dict[str, list[BehaviorReport]] = {}
    for behavior in sorted(report.behaviors, key=lambda behavior: (severity_rank(behavior.severity), behavior.id)):
        groups.setdefault(behavior.category, []).append(behavior)
    return sorted(groups.items(), key=lambda group: (severity_rank(group[1][0].severity), group[0]))


def count_severities(report: Report) -> list[tuple[Severity, int]]:
    """How many behaviors there are of each severity that occurs, most severe first."""
    counts = Counter(behavior.severity for behavior in report.behaviors)
    return [(severity, counts[severity]) for severity in reversed(SEVERITIES) if counts[severity]]


def top_behaviors(report: Report, most: int) -> list[BehaviorReport]:
    """What a reader has to know first: the most severe, then what needed no call with made-up arguments, then the rarest."""

    def key(behavior: BehaviorReport) -> tuple[int, bool, int, str]:
        label = behavior.prevalence.label if behavior.prevalence is not None else "no data"
        return severity_rank(behavior.severity), behavior.called_only, _RARITY.index(label), behavior.id

    return sorted(report.behaviors, key=key)[:most]


def telling_evidence(behavior: BehaviorReport, most: int) -> list[Evidence]:
    """The evidences that say most, by time: completed before attempted, located before not, no detail twice."""
    distinct: dict[str, Evidence] = {}
    for evidence in sorted(behavior.evidence, key=_telling):
        distinct.setdefault(evidence.detail, evidence)
    return sorted(list(distinct.values())[:most], key=lambda evidence: evidence.time)


def _telling(evidence: Evidence) -> tuple[bool, bool, float]:
    return evidence.outcome == "attempted", evidence.location is None, evidence.time


def varied_evidence(evidences: list[Evidence], most: int) -> list[Evidence]:
    """Some of many: one of each line of code that did it before a second one of any; by time."""
    firsts: dict[tuple[str, int], Evidence] = {}
    for one in evidences:
        firsts.setdefault((one.location.file, one.location.line) if one.location is not None else ("", 0), one)
    leading = list(firsts.values())[:most]
    chosen = {id(one) for one in leading}
    rest = [one for one in evidences if id(one) not in chosen][: most - len(leading)]
    return sorted([*leading, *rest], key=lambda one: one.time)


def unusual(report: Report) -> dict[str, list[Anomaly]]:
    """What the report's behaviors are seldom seen in, by the behavior's id, in the report's order."""
    known = {behavior.id for behavior in report.behaviors}
    found: dict[str, list[Anomaly]] = {}
    for anomaly in report.anomalies:
        if anomaly.behavior in known:
            found.setdefault(anomaly.behavior, []).append(anomaly)
    return found


def walk(processes: list[ProcessNode]) -> Iterator[ProcessNode]:
    """Every process of the tree, parents before children; without recursion, since a package chooses the depth."""
    rest = list(reversed(processes))
    while rest:
        node = rest.pop()
        yield node
        rest.extend(reversed(node.children))


def start_of(report: Report) -> float:
    """When the first thing was seen, in seconds since the epoch (0 if nothing was): what offsets count from."""
    network = report.network
    times = chain(
        (evidence.time for behavior in report.behaviors for evidence in behavior.evidence),
        (query.time for query in network.dns),
        (connection.time for connection in network.connections),
        (exchange.time for exchange in (*network.http, *network.exchanges)),
        (node.started for node in walk(report.processes)),
    )
    return min((time for time in times if time > 0 and math.isfinite(time)), default=0.0)
