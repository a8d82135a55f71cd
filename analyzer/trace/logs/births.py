"""Births of processes and threads, as either log tells them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CREATING: Final = frozenset({"clone", "clone3", "fork", "vfork"})
"""The calls that make processes and threads."""


@dataclass(frozen=True, slots=True)
class Born:
    """A process or thread was made, told before anything that it does.

    `pid` is its maker's thread and `child` the new one, in the log's numbering; `inner` is the child as its maker sees it.
    `time` and `line` are those of the call that made it.
    """

    pid: int
    time: float
    child: int
    inner: int
    thread: bool
    shares_files: bool
    shares_place: bool
    line: int
