"""A report kept at a size that anybody can open: what is too much is left out, and counted.

A package chooses how much it does and how long its names are, so every list and every text of a report is the package's to fill.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, Final

from analyzer.model.base import Model
from analyzer.model.report import BehaviorReport, IssueReport, LeftOut, ProcessNode, Report

MIB: Final = 1024 * 1024
MOST: Final = 16 * MIB
"""Bytes of JSON from which on a report is cut. What is cut has hardly more, whatever is in it."""

_PARTS: Final = {
    "package.files": 256, "phases": 128, "completeness.reasons": 256, "completeness.truncated": 128, "completeness.silenced": 512,
    "completeness.limits": 128, "completeness.commands_missing": 256, "coverage.modules.failed": 768,
    "coverage.scripts.failed": 128, "coverage.scripts.cut": 128, "coverage.callables.skips": 128,
    "content.unread": 64, "content.kinds": 64, "content.requires": 64, "content.secrets": 128, "content.licenses": 192,
    "content.urls": 384, "project.rare": 32, "project.notes": 64, "project.vulnerabilities": 256,
    "network.cut": 128, "network.beacons": 256, "network.dns_data": 256, "network.dns": 768, "network.exchanges": 768,
    "network.connections": 768, "network.http": 768,
    "files.renamed": 512, "files.deleted": 512, "files.modified": 512, "files.created": 512,
}  # fmt: skip
"""KiB that a list gets of a report that is cut, besides what those before it did not need."""

_PROCESSES: Final = 2048
_GROUNDS: Final = (("issues", "facts", 256), ("issues", "evidence", 1280), ("behaviors", "evidence", 2560))
"""The same of what comes after them; all together are less than `MOST`, with room for what is ours."""

_COUNTED: Final = {
    "files.created": "files.left_out", "files.modified": "files.left_out", "files.deleted": "files.left_out",
    "files.renamed": "files.left_out", "network.dns": "network.left_out.dns",
    "network.connections": "network.left_out.connections", "network.http": "network.left_out.http",
    "network.exchanges": "network.left_out.exchanges", "coverage.modules.failed": "coverage.modules.left_out",
}  # fmt: skip
"""Lists with a number beside them of what is not in them."""

_ROW: Final = 8 * 1024
"""Bytes of one entry that need no look at its texts."""

_MEASURES: Final = ((2000, 64), (300, 16), (60, 8))
"""Characters of a text and entries of a list within an entry that is larger than that, as they are tried."""

_INDENT: Final = 2
"""Spaces by which each level of the document is indented."""


def fitted(report: Report) -> Report:
    """The same report, or one that is cut to about `MOST` bytes of JSON, with what it lacks in `left_out`."""
    return report if _is_small(report) else _Cut().of(report)


def _is_small(report: Report) -> bool:
    room = MOST
    for part in _rooms(report):
        room -= part
        if room < 0:
            return False
    return True


def _rooms(report: Report) -> Iterator[int]:
    """What each entry takes, one by one: all together may be more than there is memory for."""
    for path in _PARTS:
        yield from (_room(row, path.count(".") + 2) for row in _get(report, path))
    found: list[BehaviorReport | IssueReport] = [*report.behaviors, *report.issues]
    for one in found:
        yield _room(one.model_copy(update={name: [] for name in _told(one)}), 2)
        yield from (_room(row, 4) for name in _told(one) for row in getattr(one, name))
    waiting = [(node, 2) for node in report.processes]
    while waiting:
        node, depth = waiting.pop()
        yield _room(node.model_copy(update={"children": []}), depth)
        waiting += [(child, depth + 2) for child in node.children]


def _room(row: object, depth: int) -> int:
    """Bytes of JSON that an entry takes at this depth of the document, at most."""
    if not isinstance(row, Model):
        return 12 * len(str(row)) + _INDENT * depth + 4
    text = row.__pydantic_serializer__.to_json(row, indent=_INDENT)
    lines = 2 + text.count(b"\n")
    # Every byte of a character beyond ASCII may become three: two bytes are six characters as an escape, four are twelve.
    return 3 * len(text) - 2 * len(text.translate(None, _BEYOND)) + 5 * text.count(b"\x7f") + lines * depth * _INDENT


_BEYOND: Final = bytes(range(128, 256))


class _Cut:
    """Cuts one report. Only what is kept is looked at: the rest may be more than there is time for."""

    def __init__(self) -> None:
        self._room = 0
        self._left: Counter[str] = Counter()

    def of(self, report: Report) -> Report:
        """The report with as much of each list as there is room for, the first of each."""
        for path, room in _PARTS.items():
            self._room += room * 1024
            rows = _get(report, path)
            if not rows:
                continue  # its part of the report may not be there at all
            kept = self._first(rows, path.count(".") + 2)
            left = len(rows) - len(kept)
            self._left[path] += left
            report = _set(report, path, kept)
            if path in _COUNTED:
                report = _set(report, _COUNTED[path], _get(report, _COUNTED[path]) + left)
        self._room += _PROCESSES * 1024
        nodes, left = self._processes(report.processes, 2)
        self._left["processes"] += left
        report = report.model_copy(update={"processes": nodes, "processes_left_out": report.processes_left_out + left})
        for path, name, room in _GROUNDS:
            self._room += room * 1024
            report = _set(report, path, self._shared(_get(report, path), name, f"{path}.{name}"))
        told = [LeftOut(part=part, count=count) for part, count in sorted(self._left.items()) if count]
        return report.model_copy(update={"left_out": told})

    def _first(self, rows: Sequence[Any], depth: int) -> list[Any]:
        kept = []
        for row in rows:
            slim = self._slim(row)
            if not self._take(slim, depth):
                break
            kept.append(slim)
        return kept

    def _take(self, row: object, depth: int) -> bool:
        """Whether there was room for an entry, which it then takes."""
        needed = _room(row, depth)
        if needed <= self._room:
            self._room -= needed
            return True
        return False

    def _processes(self, nodes: Iterable[ProcessNode], depth: int) -> tuple[list[ProcessNode], int]:
        """The processes that there is room for, parents before children, and how many there are besides."""
        kept, left = [], 0
        full = False
        for node in nodes:
            alone = self._slim(node.model_copy(update={"children": []})) if not full else node
            full = full or not self._take(alone, depth)
            if full:
                left += 1 + sum(1 for _ in _below(node))
                continue
            children, without = self._processes(node.children, depth + 2)
            left += without
            kept.append(alone.model_copy(update={"children": children}))
        return kept, left

    def _shared(self, found: Sequence[Any], name: str, part: str) -> list[Any]:
        """Behaviors or issues with less evidence, or fewer facts: the first of each before the second of any."""
        kept: list[list[Any]] = [[] for _ in found]
        full = False
        for number, row in enumerate(zip_longest(*(getattr(one, name) for one in found))):
            if full:
                break
            for place, evidence in enumerate(row):
                if evidence is None or full:
                    continue
                slim = self._slim(evidence)
                fits = self._take(slim, 4)
                if fits or not number:  # nothing is told without any evidence
                    kept[place].append(slim)
                full = not fits and number > 0
        self._left[part] += sum(len(getattr(one, name)) for one in found) - sum(map(len, kept))
        return [one.model_copy(update={name: some}) for one, some in zip(found, kept, strict=True)]

    def _slim(self, row: Any) -> Any:
        """An entry, cut within where it is large."""
        for characters, entries in _MEASURES:
            if _room(row, 0) <= _ROW:
                break
            row, cut = _shortened(row, characters, entries)
            self._left["texts"] += cut
        return row


def _told(found: BehaviorReport | IssueReport) -> tuple[str, ...]:
    """The lists of a behavior or an issue that are cut."""
    return ("evidence", "facts") if isinstance(found, IssueReport) else ("evidence",)


def _below(node: ProcessNode) -> Iterator[ProcessNode]:
    for child in node.children:
        yield child
        yield from _below(child)


def _shortened(value: Any, characters: int, entries: int) -> tuple[Any, int]:
    """A value without longer texts and lists than that, each with a word on what is missing, and how many were cut."""
    if isinstance(value, str):
        if len(value) <= characters:
            return value, 0
        return f"{value[:characters]}… ({len(value) - characters:,} more characters)", 1
    if isinstance(value, list):
        found = [_shortened(one, characters, entries) for one in value[:entries]]
        kept, number = [one for one, _ in found], sum(took for _, took in found)
        if len(value) > entries and isinstance(value[0], str):
            return [*kept, f"… ({len(value) - entries:,} more)"], number + 1
        return kept, number + (len(value) > entries)
    if isinstance(value, Model):
        fields = {name: _shortened(getattr(value, name), characters, entries) for name in type(value).model_fields}
        number = sum(took for _, took in fields.values())
        return (
            (value.model_copy(update={name: one for name, (one, _) in fields.items()}), number)
            if number
            else (value, 0)
        )
    return value, 0


def _get(part: Any, path: str) -> Any:
    for name in path.split("."):
        if part is None:
            return []
        part = getattr(part, name)
    return [] if part is None else part


def _set(part: Any, path: str, value: Any) -> Any:
    name, _, rest = path.partition(".")
    return part.model_copy(update={name: _set(getattr(part, name), rest, value) if rest else value})
