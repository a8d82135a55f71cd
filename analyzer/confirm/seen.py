"""What a report has seen of each behavior, by the files of the code that did it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from analyzer.confirm.spot import Near, Spot, installed
from analyzer.model.report import Evidence, Report
from analyzer.paths import parts

Found = list[tuple[str, Evidence]]
"""Pieces of evidence, each with the behavior that it is of."""


@dataclass(slots=True)
class _File:
    """The evidence of one behavior by code of one file and module. `is_known` says that it is a file, and no text that was run."""

    relative: tuple[str, ...]
    module: str
    is_installed: bool
    is_known: bool
    evidence: list[Evidence] = field(default_factory=list)


class Seen:
    """The evidence of a report. `cut` are the behaviors of which the report has not kept all."""

    def __init__(self, report: Report) -> None:
        self._files: dict[str, dict[tuple[str, str], _File]] = defaultdict(dict)
        self.cut = frozenset(one.id for one in report.behaviors if one.count > len(one.evidence))
        for behavior in report.behaviors:
            for one in behavior.evidence:
                self._add(behavior.id, one)

    def _add(self, behavior: str, one: Evidence) -> None:
        file, module = (one.location.file, one.location.module) if one.location is not None else ("", "")
        files = self._files[behavior]
        if (file, module) not in files:
            relative = installed(file)
            files[file, module] = _File(parts(relative), module, relative != file, bool(file) and file[0] != "<")
        files[file, module].evidence.append(one)

    def near(self, spot: Spot, expected: Iterable[str]) -> dict[Near, Found]:
        """The evidence of the expected behaviors by how near to a spot it is."""
        groups: dict[Near, Found] = defaultdict(list)
        for behavior in expected:
            for near, one in self._of(behavior, spot):
                groups[near].append((behavior, one))
        return groups

    def _of(self, behavior: str, spot: Spot) -> Iterator[tuple[Near, Evidence]]:
        for file in self._files.get(behavior, {}).values():
            own = file.is_known and spot.is_in(file.relative, file.module, is_installed=file.is_installed)
            for one in file.evidence:
                if own:
                    yield spot.near(one), one
                else:
                    yield "elsewhere" if file.is_known and one.attribution != "dependency" else "unplaced", one
