"""Which acts were by the code that a run was directed at: their evidence is kept, however much else shows the same behavior."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple

from analyzer.model.direction import Direction
from analyzer.model.event import Event
from analyzer.paths import parts
from analyzer.pipeline.judging.directed import BUILD_SCRIPT, relative

Key = tuple[int, Literal["line", "function", "file"]]
"""The number of a direction, and how near to it."""

_LAST: Final = 2**31


class _Span(NamedTuple):
    """The first and the last line that a key is about."""

    key: Key
    first: int
    last: int


class Placed:
    """The places that a run was directed at, by the files that they are in."""

    def __init__(self, directions: Iterable[Direction] = ()) -> None:
        self._spans: dict[str, list[_Span]] = defaultdict(list)
        for number, one in enumerate(directions):
            if one.file:
                self._spans[one.file] += _spans(number, one)

    def of(self, event: Event) -> list[Key]:
        """What an event is by the code of."""
        location = event.location
        if location is None or not self._spans:
            return []
        file = relative(location.file)
        if file == location.file and parts(file)[-1:] == (BUILD_SCRIPT,):
            file = BUILD_SCRIPT
        return [one.key for one in self._spans.get(file, ()) if one.first <= location.line <= one.last]


def _spans(number: int, one: Direction) -> Iterator[_Span]:
    if one.line:
        yield _Span((number, "line"), one.line, max(one.end_line, one.line))
    if one.function_line:
        yield _Span((number, "function"), one.function_line, max(one.function_end, one.function_line))
    yield _Span((number, "file"), 0, _LAST)
