"""Whether something was done at regular intervals, told by when it was done."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from statistics import fmean, median
from typing import Final, NamedTuple

FEWEST: Final = 4
"""Contacts that show a rhythm: three intervals."""

_ONE_BEAT: Final = 0.05
"""Seconds within which several contacts are one: a program that waits does not do so for less."""

_SHORTEST: Final = 0.1
"""Seconds. What is repeated faster is a loop, not a beacon."""

_TOLERANCE: Final = 0.35
"""By which share of the median an interval may differ: programs vary theirs on purpose, and a busy machine by itself."""

_REGULAR: Final = 0.8
"""The share of the intervals that have to be so; all, where they are few."""

_FEW: Final = 6


class Rhythm(NamedTuple):
    """How often, the mean interval in seconds, the mean deviation from it as a share of it, and when it began and ended."""

    contacts: int
    interval: float
    jitter: float
    first: float
    last: float


def rhythm(times: Iterable[float]) -> Rhythm | None:
    """The rhythm of these times, in seconds and any order; None where there is none."""
    beats: list[float] = []
    last = float("-inf")
    for time in sorted(times):
        if time - last >= _ONE_BEAT:
            beats.append(time)
        last = time
    if len(beats) < FEWEST:
        return None
    intervals = [after - before for before, after in pairwise(beats)]
    middle = median(intervals)
    if middle < _SHORTEST:
        return None
    regular = sum(abs(interval - middle) <= _TOLERANCE * middle for interval in intervals)
    if regular < (len(intervals) if len(intervals) < _FEW else _REGULAR * len(intervals)):
        return None
    mean = fmean(intervals)
    jitter = fmean(abs(interval - mean) for interval in intervals) / mean
    return Rhythm(len(beats), mean, jitter, beats[0], beats[-1])
