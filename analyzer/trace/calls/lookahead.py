"""strace's items as they come, each after the birth of its process.

A child's first lines may stand in the log before the end of the call that made it. Whoever has all of the log looks for the births
first (`calllog.py`); here, what a process unknown so far did waits while a call is under way that may have made it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from analyzer.trace.calls.processes import births
from analyzer.trace.calls.processtable import ProcessTable
from analyzer.trace.kernellog.items import KernelItem
from analyzer.trace.logs.strace import Item, Reader

_MAKING: Final = ("clone(", "clone3(", "fork(", "vfork(")
_MOST: Final = 5_000
"""Items that wait; far more than a process does before the call that made it ends."""


class Lookahead:
    """Holds items back. `reader` is where they come from, and `table` has the processes that are known."""

    def __init__(self, reader: Reader, table: ProcessTable) -> None:
        self._reader, self._table = reader, table
        self._waiting: deque[Item] = deque()

    @property
    def waits(self) -> bool:
        """Whether something is held back."""
        return bool(self._waiting)

    def take(self, items: Iterable[Item], *, patient: bool = True) -> Iterator[KernelItem]:
        """All that may be told now, in its order; everything, where that is not `patient`.

        The items that are given have to be followed by the table before the next one is asked for.
        """
        waiting, table = self._waiting, self._table
        for item in items:
            for birth in births((item,)):
                table.expect(birth)
            waiting.append(item)
        while waiting:
            pid = getattr(waiting[0], "pid", None)
            unborn = pid is not None and not table.is_known(pid) and self._reader.is_under_way(_MAKING)
            if unborn and patient and len(waiting) < _MOST:
                return
            yield waiting.popleft()
