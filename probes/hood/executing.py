"""The execute phase: each entry point without arguments and with --help."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from hood.distributions import Distribution
from hood.execution import Step
from hood.session import Session


def run(session: Session, target: Distribution) -> None:
    """Runs the entry points, as long as the phase's time lasts."""
    deadline = time.monotonic() + session.plan.limits.phase_seconds["execute"]
    steps = list(_entry_points(session, target))
    for number, step in enumerate(steps):
        seconds = deadline - time.monotonic()
        if seconds <= 0:
            session.reasons.append(
                f"{len(steps) - number} of {len(steps)} runs of entry points were not made: the phase's time was over"
            )
            return
        session.runner.run(replace(step, seconds=min(step.seconds, seconds)))


def _entry_points(session: Session, target: Distribution) -> Iterator[Step]:
    for script in target.scripts:
        path = session.environment / "bin" / script
        for arguments in ([], ["--help"]):
            subject = " ".join([script, *arguments])
            yield Step("execute", subject, [str(path), *arguments], session.plan.limits.subject_seconds)
