"""The import and execute phases once more, each time with the clock moved ahead: what waits for a date is seen when that has come."""

from __future__ import annotations

import time
from dataclasses import replace

from hood import executing, importing
from hood.distributions import Distribution
from hood.session import Session


def run(session: Session, target: Distribution) -> None:
    """Repeats the phases at each of the plan's moments, as long as the time for all of them lasts."""
    moments = session.plan.moments
    deadline = time.monotonic() + session.plan.limits.repeat_seconds
    for number, ahead in enumerate(moments):
        # An equal share of what is left, so that a package that hangs at one moment is still seen at the others.
        seconds = (deadline - time.monotonic()) / (len(moments) - number)
        if seconds <= 0:
            session.reasons.append(
                f"the package was not run at {len(moments) - number} of {len(moments)} later dates: the time for them was over"
            )
            break
        _at(ahead, seconds, session, target)
    session.runner.ahead = 0.0


def _at(ahead: float, seconds: float, session: Session, target: Distribution) -> None:
    """One repetition. Imports get at most half of its time."""
    session.runner.ahead = ahead
    until = time.monotonic() + seconds
    own = replace(session, reasons=[], imported=dict(session.imported))
    importing.run(_within(own, "import", seconds / 2), target)
    executing.run(_within(own, "execute", max(until - time.monotonic(), 0.0)), target)
    session.reasons.extend(
        f"with the clock moved ahead by {ahead / 86_400:.1f} days: {reason}" for reason in own.reasons
    )


def _within(session: Session, phase: str, seconds: float) -> Session:
    """The same with less time for a phase."""
    limits = session.plan.limits
    least = min(limits.phase_seconds[phase], seconds)
    limits = replace(limits, phase_seconds={**limits.phase_seconds, phase: least})
    return replace(session, plan=replace(session.plan, limits=limits))
