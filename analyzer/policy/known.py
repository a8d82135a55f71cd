"""The ids that a policy may name, and what a misspelt one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from analyzer.policy.patterns import fits


@dataclass(frozen=True, slots=True)
class Known:
    """The ids of all behaviors (the user's own rules may add some) and issues."""

    behaviors: frozenset[str]
    issues: frozenset[str]

    @classmethod
    def of(cls, behaviors: Iterable[str], issues: Iterable[str]) -> Known:
        """From ids in any order."""
        return cls(frozenset(behaviors), frozenset(issues))

    @property
    def categories(self) -> frozenset[str]:
        """The first words of all ids."""
        return frozenset(one.split(".", 1)[0] for one in self.behaviors | self.issues)


def unknown(what: str, pattern: str, known: Iterable[str], *, ignore_case: bool = False) -> str:
    """What is wrong with a pattern that fits none of the known ids; "" where it fits one."""
    ids = sorted(known)
    if any(fits(one.lower() if ignore_case else one, pattern.lower() if ignore_case else pattern) for one in ids):
        return ""
    near = nearest(pattern, ids)
    return f"there is no {what} {pattern!r}" + (f"; the nearest is {near!r}" if near else "")


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is most like one, "" where none is."""
    lower = {one.lower(): one for one in known}
    found = get_close_matches(word.lower(), sorted(lower), n=1, cutoff=0.5)
    return lower[found[0]] if found else ""
