"""From numbers of packages to words: from which share on something is common, and when it is remarkable. docs/corpus.md explains them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from analyzer.corpus.ranks import BUCKETS, COMMUNITY
from analyzer.model.prevalence import Prevalence, PrevalenceLabel, Seen

ENOUGH: Final = 20
"""Packages without which nothing is said of how usual something is."""

COMMON_PERCENT: Final = 10
UNCOMMON_PERCENT: Final = 2
"""From this share of the whole community on; below the second one, it is rare."""

ENOUGH_OF_KIND: Final = 10
"""Packages of a kind, besides the one in question, without which it is not held against that kind."""

ANOMALOUS_PERCENT: Final = 5
"""A behavior of fewer of a kind's packages than this is remarkable in one of that kind."""


def label(seen: Seen) -> PrevalenceLabel:
    """The word for a share of the community."""
    if seen.of < ENOUGH:
        return "no data"
    if seen.seen * 100 >= seen.of * COMMON_PERCENT:
        return "common"
    return "uncommon" if seen.seen * 100 >= seen.of * UNCOMMON_PERCENT else "rare"


def prevalence(seen: Mapping[int, int], of: Mapping[int, int]) -> Prevalence:
    """How usual something is, from the packages of each bucket that show it and from all of each."""
    groups = [
        Seen(
            seen=sum(count for bucket, count in seen.items() if bucket <= last),
            of=sum(count for bucket, count in of.items() if bucket <= last),
        )
        for last in range(COMMUNITY + 1)
    ]
    top_100, top_1k, top_10k, community = groups
    return Prevalence(label=label(community), top_100=top_100, top_1k=top_1k, top_10k=top_10k, community=community)


def is_anomalous(seen: int, of: int) -> bool:
    """Whether that few of a kind's packages show a behavior."""
    return seen * 100 < of * ANOMALOUS_PERCENT


GROUPS: Final = (*(f"top {last:,}" for last in BUCKETS), "community")
"""What the groups are called, in order."""
