"""A package that goes on asking for processes that it is not given is ended, since its questions alone hold up everybody.

In a container, the kernel refuses a process late, when most of it is made (`pids.max`, cgroups(7)), and so a few hundred processes that ask
without end cost others much. Measured once on two cores: another analysis took 6.3 times as long beside a fork bomb, and 1.6 times
where that was ended. Elsewhere a refusal is cheap (RLIMIT_NPROC).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

MOST_REFUSALS: Final = 500
"""Half a second of a fork bomb's; a program that tries again after a pause does not come so far."""


class Crowding:
    """Looks at how many processes were refused, from time to time.

    `refused` is their number since the container started; `end` ends what is in it. `limit` is the number of processes that it may have.
    """

    def __init__(self, refused: Callable[[], int], end: Callable[[], None], limit: int) -> None:
        self._refused = refused
        self._end = end
        self._limit = limit
        self._seen = 0
        self.reasons: list[str] = []
        """Why not everything was seen."""

    def look(self) -> None:
        """Looks now."""
        refused = self._refused()
        if refused < self._seen:
            self._seen = 0  # another start of the container
        if refused - self._seen > MOST_REFUSALS:
            self._seen = refused
            self._end()
            self.reasons.append(
                f"the limit of {self._limit} processes was reached, and a command was ended that was refused more than "
                f"{MOST_REFUSALS} others"
            )
