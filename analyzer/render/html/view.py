"""What the page shows of a report besides its own lists: the timeline with its marks, the facets of rows, and what comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from analyzer.render.html.acts import acts_of, moments_of
from analyzer.render.html.facets import FacetIndex, Facets
from analyzer.render.html.timeline import Mark, axis_of, life_of, marks_of
from analyzer.render.selection import severity_rank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.model.report import ProcessNode, Report
    from analyzer.render.html.timeline import Life
    from analyzer.render.html.tree import Branch

MOST_CHOICES: Final = 200
"""Processes that can be chosen."""


class View:
    """One report as the page draws it. At most `most_marks` marks are drawn, the gravest; the others are counted in `marks_left_out`."""

    def __init__(self, report: Report, branches: tuple[Branch, ...], most_marks: int) -> None:
        self.processes = list(_shown(branches))
        self.acts = acts_of(report, self.processes)
        self.axis = axis_of(report)
        self.moments = moments_of(report)
        self.facets = FacetIndex(report)
        # What the tree looks like afterwards is found when the process that made it so may be long gone.
        later = [act for acts in self.acts.of.values() for act in acts if act[1].layer == "filesystem"]
        marks = {
            key: marks_of([act for act in acts if act[1].layer != "filesystem"], self.axis)
            for key, acts in self.acts.of.items()
        }
        marks[0] = marks_of([*self.acts.others, *later], self.axis)
        drawn = sorted((mark for row in marks.values() for mark in row), key=_gravity)
        self.marks_left_out = max(len(drawn) - most_marks, 0)
        kept = {id(mark) for mark in drawn[:most_marks]}
        self._marks = {key: [mark for mark in row if id(mark) in kept] for key, row in marks.items()}

    def life(self, node: ProcessNode) -> Life | None:
        """Where a process is drawn on the axis."""
        return life_of(node, self.axis)

    def marks(self, node: ProcessNode | None) -> list[Mark]:
        """The marks of a process, or those of none that is shown."""
        return self._marks.get(0 if node is None else id(node), [])

    def of_process(self, node: ProcessNode) -> Facets:
        """By what a process is told apart."""
        return self.facets.of_process(node, self.acts.of.get(id(node), []))

    def choices(self) -> list[ProcessNode]:
        """The processes by which rows can be chosen, each number once."""
        firsts: dict[int, ProcessNode] = {}
        for node in self.processes:
            firsts.setdefault(node.pid, node)
        return list(firsts.values())[:MOST_CHOICES]


def _gravity(mark: Mark) -> tuple[int, float]:
    return severity_rank(mark.behaviors[0].severity), mark.first


def _shown(branches: tuple[Branch, ...]) -> Iterator[ProcessNode]:
    for branch in branches:
        yield branch.process
        yield from _shown(branch.children)
