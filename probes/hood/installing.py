"""The install phase: the installer gets the target, and builds it where it has to be built."""

from __future__ import annotations

from hood.execution import Step
from hood.session import Session


def run(session: Session) -> None:
    """Installs the target."""
    plan = session.plan
    argv = [
        # uv has no variable for --no-index; without it, it asks the index for every name that it finds in the folder.
        plan.uv, "pip", "install", "--no-config", "--no-index", "--python", session.python, plan.target,
    ]  # fmt: skip
    seconds = plan.limits.phase_seconds["install"]
    session.runner.run(Step("install", plan.name, argv, seconds, running_package_code=not plan.compiled))
