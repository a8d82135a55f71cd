"""A quick no: one pass over a text that tells whether any of many conditions could hold for it.

Most texts, such as the paths of an import, meet no condition at all. Conditions that can be written as a pattern are
joined to one, which the regular expression engine tries faster than Python can call them one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from fnmatch import translate

from analyzer.rules.condition import Condition, Operator, is_anchored
from analyzer.rules.lists import Lists, ReferenceList, paths_pattern

_FLAGS = re.compile(r"\(\?([ims]+)\)")
_UNSAFE = re.compile(r"\\[1-9]|\(\?P|\(\?\(")
"""Groups by number or name would mean others among other patterns."""


@dataclass(slots=True)
class _Patterns:
    """Patterns for the beginning of a text, for any place in it, for a path's last segment, and path globs."""

    whole: list[str] = field(default_factory=list)
    base: list[str] = field(default_factory=list)
    globs: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)

    def add(self, other: _Patterns) -> None:
        for one in fields(self):
            getattr(self, one.name).extend(getattr(other, one.name))

    @property
    def is_slow(self) -> bool:
        return bool(self.inside)


class Gate:
    """Built from conditions; `open_for` is false only when none of the joined ones holds for a text.

    `joined` says of each condition whether it could be joined; the others have to be tried one by one.
    """

    def __init__(self, conditions: Iterable[Condition], lists: Lists) -> None:
        self.joined: list[bool] = []
        patterns = _Patterns()
        for condition in conditions:
            some = _patterns(condition, lists)
            self.joined.append(some is not None)
            if some is not None:
                patterns.add(some)
        if patterns.globs:
            patterns.whole.append(paths_pattern(patterns.globs))
        self._match = _joined(patterns.whole).match
        self._match_base = _joined(patterns.base).match
        self._search = _joined(patterns.inside).search

    def open_for(self, text: str) -> bool:
        """Whether one of the joined conditions may hold."""
        return (
            self._match(text) is not None
            or self._match_base(text.rpartition("/")[2]) is not None
            or self._search(text) is not None
        )


def _joined(patterns: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all; without any, one that never fits."""
    return re.compile("|".join(sorted(set(patterns))) or r"\Z.", re.DOTALL)


def _patterns(condition: Condition, lists: Lists) -> _Patterns | None:
    """Patterns one of which fits whenever the condition holds; None where no pattern can say so."""
    found = _Patterns()
    for one in condition if isinstance(condition, list) else [condition]:
        some = _of_operator(one, lists) if isinstance(one, Operator) else _Patterns(whole=[re.escape(str(one)) + r"\Z"])
        if some is None:
            return None
        found.add(some)
    return found


def _of_operator(one: Operator, lists: Lists) -> _Patterns | None:
    if one.every is not None:
        parts = [some for part in one.every if (some := _patterns(part, lists)) is not None]
        return min(parts, key=lambda some: some.is_slow, default=None)
    if one.base is not None:
        inner = _patterns(one.base, lists)
        return None if inner is None or inner.globs or inner.base else _of_base(inner)
    if one.listed is not None:
        return _of_list(lists[one.listed])
    if one.glob is not None:
        return _Patterns(whole=[translate(one.glob)])
    if one.prefix is not None:
        return _Patterns(whole=[re.escape(one.prefix)])
    if one.regex is not None and not _UNSAFE.search(one.regex):
        return _of_regex(one.regex)
    return None


def _of_base(inner: _Patterns) -> _Patterns:
    """What a path's last segment has to fit, as patterns for that segment from its beginning."""
    return _Patterns(base=[*inner.whole, *(f"(?s:.*?){pattern}" for pattern in inner.inside)])


def _of_list(one: ReferenceList) -> _Patterns | None:
    if one.kind == "paths":
        return _Patterns(globs=[str(entry) for entry in one.entries])
    return _Patterns(whole=[one.pattern]) if one.pattern is not None else None


def _of_regex(regex: str) -> _Patterns:
    flags = _FLAGS.match(regex)
    text = f"(?-s:(?{flags[1]}:{regex[flags.end() :]}))" if flags else f"(?-s:{regex})"
    return _Patterns(whole=[text]) if is_anchored(regex) else _Patterns(inside=[text])
