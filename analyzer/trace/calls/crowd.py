"""How many processes there were at one time."""

from __future__ import annotations

from collections.abc import Iterable

from analyzer.trace.calls.processes import Process


def most_at_once(processes: Iterable[Process]) -> int:
    """The most processes that had been started and not yet ended; one without an end lives on."""
    changes = []
    for process in processes:
        changes.append((process.started, 1))
        if process.ended:
            changes.append((process.ended, -1))
    now = most = 0
    for _, change in sorted(changes):
        now += change
        most = max(most, now)
    return most
