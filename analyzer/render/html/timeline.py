"""One axis of time for the whole run, and what of each process is drawn on it: how long it lived, and marks for what it did.

Phases last from milliseconds to minutes. Each has a part of the axis that grows with its duration but is never too narrow to read; within a
phase, time runs evenly. All places are percentages of the axis, so that a page may draw it in any width.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from analyzer.render.selection import severity_rank, start_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from analyzer.model.report import BehaviorReport, Evidence, ProcessNode, Report

NARROWEST: Final = 17.0
"""Percent of the axis that a phase has at least, where there are few."""

SLOT: Final = 2.2
"""Percent of the axis that one mark takes: what happened closer together is one mark."""

LATEST: Final = 1e12
"""Seconds since the epoch, or of a duration, beyond which a number is none: a report from a stranger may have any."""

_MOST_SEGMENTS: Final = 8
_SHORTEST: Final = 0.001
_LEAST_WIDTH: Final = 0.7


@dataclass(frozen=True, slots=True)
class Segment:
    """A phase on the axis: when it began, in seconds since the epoch, how long it took, and its place in percent."""

    phase: str
    start: float
    seconds: float
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Axis:
    """The run's time, cut into phases; never empty, and without gaps."""

    segments: tuple[Segment, ...]

    def at(self, time: float) -> float:
        """The place of a time in percent, 0 for what is before the axis and 100 for what is behind it."""
        found = bisect_right(self.segments, time, key=lambda segment: segment.start)
        segment = self.segments[max(found - 1, 0)]
        part = (time - segment.start) / segment.seconds
        return min(segment.left + segment.width * min(max(part, 0.0), 1.0), 100.0)


@dataclass(frozen=True, slots=True)
class Mark:
    """What one process did at about one time: the behaviors, the gravest first, and from when to when."""

    left: float
    behaviors: tuple[BehaviorReport, ...]
    first: float
    last: float


@dataclass(frozen=True, slots=True)
class Life:
    """When a process lived, in percent of the axis; `ended` is whether it was seen to end."""

    left: float
    width: float
    ended: bool


def axis_of(report: Report) -> Axis:
    """The axis from the first thing seen to the last one, with a segment for each time that a phase ran."""
    start = min(start_of(report), LATEST)
    end = max(_ends(report), default=start)
    runs: list[tuple[str, float]] = []
    for node in sorted(filter(_is_timed, report.processes), key=lambda node: node.started):
        if not runs or runs[-1][0] != node.phase:
            runs.append((node.phase, node.started))
    if not 0 < len(runs) <= _MOST_SEGMENTS:
        runs = [("run", start)]
    begins = [start, *(at for _, at in runs[1:])]
    ends = [*begins[1:], end]
    spans = [max(late - early, _SHORTEST) for early, late in zip(begins, ends, strict=True)]
    narrowest, total = min(NARROWEST, 70 / len(runs)), sum(spans)
    segments, left = [], 0.0
    for (phase, _), begin, span in zip(runs, begins, spans, strict=True):
        width = narrowest + (100 - narrowest * len(runs)) * (span / total)
        segments.append(Segment(phase, begin, span, left, width))
        left += width
    return Axis(tuple(segments))


def life_of(node: ProcessNode, axis: Axis) -> Life | None:
    """Where a process is drawn; None where it is not known when it started."""
    if not _is_timed(node):
        return None
    left, ended = axis.at(node.started), node.duration_seconds is not None
    right = axis.at(node.started + _duration(node)) if ended else 100.0
    width = max(right - left, _LEAST_WIDTH)
    return Life(min(left, 100 - width), width, ended)


def marks_of(seen: Iterable[tuple[BehaviorReport, Evidence]], axis: Axis) -> tuple[Mark, ...]:
    """The marks for what one process did, by time."""
    slots: dict[int, list[tuple[BehaviorReport, float]]] = {}
    for behavior, evidence in seen:
        if _is_time(evidence.time):
            slots.setdefault(int(axis.at(evidence.time) / SLOT), []).append((behavior, evidence.time))
    marks = []
    for _, acts in sorted(slots.items()):
        times = [time for _, time in acts]
        gravest = sorted(
            {one.id: one for one, _ in acts}.values(), key=lambda one: (severity_rank(one.severity), one.id)
        )
        leading = min(time for one, time in acts if one is gravest[0])
        marks.append(Mark(axis.at(leading), tuple(gravest), min(times), max(times)))
    return tuple(marks)


def _is_time(value: float) -> bool:
    return 0 < value <= LATEST


def _is_timed(node: ProcessNode) -> bool:
    return _is_time(node.started)


def _duration(node: ProcessNode) -> float:
    return min(max(node.duration_seconds or 0.0, 0.0), LATEST)


def _ends(report: Report) -> Iterator[float]:
    """When each thing that has a time was over, as far as that is known."""
    for node in walk(report.processes):
        if _is_timed(node):
            yield node.started + _duration(node)
    for behavior in report.behaviors:
        yield from (evidence.time for evidence in behavior.evidence if _is_time(evidence.time))
