"""Whether a component is rarely used, and why. `docs/project.md` tells what speaks for these numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MOST_DOWNLOADED: Final = 10_000
"""No project up to this rank by downloads is called rarely used."""

FEW_RELEASES: Final = 5
"""Fewer releases are few."""

YOUNG_DAYS: Final = 90
"""Days since the first upload, at the time of the run, before which a project is young."""

TELLING_CORPUS: Final = 500
"""Packages that a corpus has at least where it is a reason that none of them needs the component."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What is known of how a project is used; None for what is not known.

    `rank` None is a project that is not in the list of `rank_date`, and `age` counts days from its first upload to the run.
    `dependents` are packages among `corpus` ones.
    """

    rank: int | None
    rank_date: str
    releases: int | None
    age: int | None
    dependents: int | None
    corpus: int


def rare(usage: Usage) -> list[str]:
    """The reasons for calling it rarely used, each a sentence; none where it is not.

    It takes a rank that is missing or low, and one reason more. That few packages of a small corpus need it is told beside other
    reasons, and is none by itself.
    """
    if usage.rank is not None and usage.rank <= MOST_DOWNLOADED:
        return []
    reasons = list(_reasons(usage))
    unneeded = usage.dependents == 0
    if not reasons and not (unneeded and usage.corpus >= TELLING_CORPUS):
        return []
    if unneeded and usage.corpus:
        reasons.append(f"none of the {usage.corpus:,} packages of the corpus declares to need it")
    return [_rank(usage), *reasons]


def _rank(usage: Usage) -> str:
    if usage.rank is None:
        return f"it is not in the list of the most downloaded projects of {usage.rank_date}"
    return f"it is number {usage.rank:,} of the most downloaded projects of {usage.rank_date}, beyond the first {MOST_DOWNLOADED:,}"


def _reasons(usage: Usage) -> Iterator[str]:
    if usage.releases is not None and usage.releases < FEW_RELEASES:
        yield f"it has {usage.releases} release{'' if usage.releases == 1 else 's'}"
    if usage.age is not None and usage.age < YOUNG_DAYS:
        yield f"its first release was {usage.age} day{'' if usage.age == 1 else 's'} old when it was run"
