"""A sandbox that has used much processor time gives way to others. The embedded one is as fast as before where there are none."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

HEAVY_SECONDS: Final = 3.0
"""Processor time after which a sandbox gives way; a small package's run ends with less."""

SHARE: Final = 16
"""Then, a sandbox that has not used so much gets so many times its time on a processor that both want."""

SHARES: Final = 1024 // SHARE
WEIGHT: Final = 100 // SHARE
"""The same in the kernel's words for the old control groups (cpu.shares, 1024 by itself) and the new ones (cpu.weight, 100)."""


PERIOD: Final = 100_000
"""Microseconds in which a quota of processor time is counted, as the kernel has it by itself."""


def quota(processors: float) -> int:
    """Microseconds in each period for a limit of processors, at most all that there are."""
    return int(min(processors, os.cpu_count() or 1) * PERIOD)


def heavy_quota(processors: float) -> int:
    """The same for a sandbox that gives way in a container of an engine that asks systemd for groups: at most half of what there is.

    There, shares count among containers and services alone. Beside everything else these are one group, in which the share of one
    means little.
    """
    return quota(min(processors, max(1.0, (os.cpu_count() or 1) / 2)))


class Yielding:
    """Looks at what a sandbox used, from time to time, and has it give way once.

    `spent` is its processor time so far, in seconds; `give_way` does it.
    """

    def __init__(self, spent: Callable[[], float], give_way: Callable[[], None]) -> None:
        self._spent = spent
        self._give_way = give_way
        self._done = False

    def look(self) -> None:
        """Looks now."""
        if not self._done and self._spent() > HEAVY_SECONDS:
            self._done = True
            self._give_way()
