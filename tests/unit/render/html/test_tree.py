from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from analyzer.render.html.tree import Branch, Limits, prune
from analyzer.render.selection import walk
from tests.unit.render.hostile import deep_tree
from tests.unit.render.sample import process

if TYPE_CHECKING:
    from analyzer.model.report import ProcessNode

LEAF = st.just(0).map(lambda _: process(1, ["x"], 0))
TREES = st.recursive(LEAF, lambda below: st.lists(below, max_size=5).map(lambda nodes: process(2, ["y"], 0, nodes)))


def count(branches: tuple[Branch, ...]) -> tuple[int, int, int]:
    """How many are shown, how many are said to be hidden below, and how many levels there are."""
    shown = hidden = depth = 0
    for branch in branches:
        inner = count(branch.children)
        shown, hidden, depth = shown + 1 + inner[0], hidden + branch.hidden + inner[1], max(depth, 1 + inner[2])
    return shown, hidden, depth


@given(st.lists(TREES, max_size=4), st.integers(1, 4), st.integers(1, 4), st.integers(1, 12))
def test_limits_hold_and_every_process_is_counted(trees: list[ProcessNode], depth: int, wide: int, total: int) -> None:
    branches, beside = prune(trees, Limits(depth, wide, total))
    shown, below, levels = count(branches)
    assert shown <= total
    assert levels <= depth
    assert len(branches) <= wide
    assert shown + below + beside == sum(1 for _ in walk(trees))


def test_a_long_chain_is_cut() -> None:
    branches, beside = prune([deep_tree(200)], Limits())
    assert (count(branches), beside) == ((24, 176, 24), 0)
