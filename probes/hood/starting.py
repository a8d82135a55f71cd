"""The startup phase: a bare interpreter, which runs what was put where every interpreter looks for something to run."""

from __future__ import annotations

from hood.execution import Step
from hood.session import Session


def run(session: Session) -> None:
    """Starts an interpreter that has nothing to do."""
    seconds = session.plan.limits.phase_seconds["startup"]
    session.runner.run(Step("startup", "python", [session.python, "-c", "pass"], seconds))
