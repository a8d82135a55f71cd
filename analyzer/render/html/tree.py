"""The process tree cut to a size that a page can show: a package chooses how deep and how wide it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analyzer.render.selection import walk

if TYPE_CHECKING:
    from analyzer.model.report import ProcessNode


@dataclass(frozen=True, slots=True)
class Branch:
    """A process that is shown, the shown ones that it started, and how many descendants are left out below it."""

    process: ProcessNode
    children: tuple[Branch, ...]
    hidden: int


@dataclass(slots=True)
class Limits:
    """How much of a tree is shown: levels below the root, processes that one started, and processes in all."""

    depth: int = 24
    siblings: int = 50
    total: int = 500


def prune(processes: list[ProcessNode], limits: Limits) -> tuple[tuple[Branch, ...], int]:
    """The shown branches of these processes, and how many processes beside and below them are left out.

    `limits.total` is counted down by every process that is shown.
    """
    branches: list[Branch] = []
    for process in processes[: limits.siblings if limits.depth else 0]:
        if not limits.total:
            break
        limits.total -= 1
        below = Limits(limits.depth - 1, limits.siblings, limits.total)
        children, hidden = prune(process.children, below)
        limits.total = below.total
        branches.append(Branch(process, children, hidden))
    return tuple(branches), sum(1 for _ in walk(processes[len(branches) :]))
