"""What a report says of a session: what was opened, for how long, and how it ended."""

from __future__ import annotations

from analyzer.model.exploration import Exploration
from analyzer.store.record import Record, StepRecord


def exploration_of(record: Record, steps: list[StepRecord]) -> Exploration | None:
    """The session of a run; None where the package was exercised as ever.

    One that was planned and never began, since the run was lost before, took no time.
    """
    session = record.session()
    if session is None:
        return None
    step = next((step for step in steps if step.kind == "session"), None)
    return Exploration(
        opened=session.opened,
        command=session.command if session.opened == "command" else "",
        duration_seconds=round(step.end - step.begin, 3) if step else 0.0,
        exit=(step.exit.signal or str(step.exit.status)) if step else "",
    )
