"""Calls that a signal interrupted and that the kernel made again: one act, and not two.

Whether a signal comes while a call waits is chance; what the program asked for is the same (signal(7), "Interruption of system calls").
"""

from __future__ import annotations

from analyzer.trace.logs.literals import Value
from analyzer.trace.logs.strace import Syscall

_TO_BE_MADE_AGAIN = frozenset({"ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND"})
"""What the kernel answers itself (include/linux/errno.h); no program sees it."""


class Restarts:
    """Follows calls with the places of the acts that each came to; `superseded` are those that were made again."""

    def __init__(self) -> None:
        self.superseded: set[int] = set()
        self._interrupted: dict[int, tuple[str, Value, range]] = {}

    def note(self, call: Syscall, acts: range) -> None:
        """Takes the next call that ended, of any thread."""
        if self._interrupted:
            before = self._interrupted.pop(call.pid, None)
            if before is not None and before[:2] == (call.name, call.argument(0)) and acts:
                self.superseded.update(before[2])
        if call.error in _TO_BE_MADE_AGAIN:
            self._interrupted[call.pid] = call.name, call.argument(0), acts
