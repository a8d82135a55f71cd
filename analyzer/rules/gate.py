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
_WILD = re.compile(r"[*?\[~]")
_UNSAFE = re.compile(r"\\[1-9]|\(\?P|\(\?\(")
"""Groups by number or name would mean others among other patterns."""


@dataclass(slots=True)
class _Patterns:
    """What a text may have to fit: one of these is enough.

    Patterns from its beginning, patterns inside it, and path globs from the root. Of a path: one of these segments
    anywhere, one of these as its last segment, or patterns for the last segment, from its beginning or inside.
    """

    whole: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    globs: list[str] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    base: list[str] = field(default_factory=list)
    base_inside: list[str] = field(default_factory=list)

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
        self._search = _joined(patterns.inside).search if patterns.inside else None
        self._lacks = frozenset(patterns.segments).isdisjoint
        self._names = frozenset(patterns.names)
        self._match_base = _joined(patterns.base).match
        self._search_base = _joined(patterns.base_inside).search

    def open_for(self, text: str) -> bool:
        """Whether one of the joined conditions may hold."""
        segments = text.split("/")
        return (
            segments[-1] in self._names
            or not self._lacks(segments)
            or self._match(text) is not None
            or self._match_base(segments[-1]) is not None
            or self._search_base(segments[-1]) is not None
            or (self._search is not None and self._search(text) is not None)
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
        return _of_base(one.base, lists)
    if one.listed is not None:
        return _of_list(lists[one.listed])
    if one.glob is not None:
        return _Patterns(whole=[translate(one.glob)])
    if one.prefix is not None:
        return _Patterns(whole=[re.escape(one.prefix)])
    if one.regex is not None and not _UNSAFE.search(one.regex):
        return _of_regex(one.regex)
    return None


def _of_base(condition: Condition, lists: Lists) -> _Patterns | None:
    """What a path's last segment has to fit."""
    alternatives = condition if isinstance(condition, list) else [condition]
    found = _Patterns(names=[str(one) for one in alternatives if not isinstance(one, Operator)])
    inner = _patterns([one for one in alternatives if isinstance(one, Operator)], lists)
    if inner is None or inner.globs or inner.segments or inner.names or inner.base or inner.base_inside:
        return None
    found.base, found.base_inside = inner.whole, inner.inside
    return found


def _of_list(one: ReferenceList) -> _Patterns | None:
    if one.kind == "paths":
        found = _Patterns()
        for entry in one.entries:
            found.add(_of_glob(str(entry)))
        return found
    return _Patterns(whole=[one.pattern]) if one.pattern is not None else None


def _of_glob(glob: str) -> _Patterns:
    """A glob that may begin anywhere is told by a segment that it names, since trying it at each place is slow."""
    segments = (glob if not glob.endswith("/") else glob + "**").split("/")
    if segments[0] != "**":
        return _Patterns(globs=[glob])
    last = segments[-1]
    if not _WILD.search(last):
        return _Patterns(names=[last])
    if last in {"*", "**"}:
        named = next((one for one in reversed(segments) if not _WILD.search(one)), None)
        return _Patterns(segments=[named]) if named is not None else _Patterns(globs=[glob])
    return _Patterns(base=[paths_pattern([last])])


def _of_regex(regex: str) -> _Patterns:
    flags = _FLAGS.match(regex)
    text = f"(?-s:(?{flags[1]}:{regex[flags.end() :]}))" if flags else f"(?-s:{regex})"
    return _Patterns(whole=[text]) if is_anchored(regex) else _Patterns(inside=[text])
