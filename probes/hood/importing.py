"""The import phase: every module of the distribution; one that ends, crashes or hangs the interpreter costs only itself."""

from __future__ import annotations

import time

from hood import directing
from hood.distributions import Distribution
from hood.execution import Driving, Step
from hood.messages import Imports
from hood.session import Session

DRIVER = "/srv/runner/driver.py"
"""Where the driver is inside the sandbox; with what is beside it, it is the only code of ours that runs with the package's."""

_MAX_RESTARTS = 50
_MAX_IN_VAIN = 2
"""How often an interpreter is started that ends before the first module, as a package's `.pth` file can make it."""


def run(session: Session, target: Distribution) -> None:
    """Imports every module, in one process as long as it lives."""
    left = list(target.modules)
    argv, first = [session.python, DRIVER], directing.first(session.plan, target)
    deadline = time.monotonic() + session.plan.limits.phase_seconds["import"]
    in_vain = 0
    for _ in range(_MAX_RESTARTS):
        seconds = deadline - time.monotonic()
        if not left or seconds <= 0 or in_vain == _MAX_IN_VAIN:
            break
        messages = Imports(left)
        orders = {"import": left, "first": first}
        session.runner.run(Step("import", target.name, argv, seconds, driving=Driving(orders, messages)))
        session.imported.update(messages.imported)
        left = left[messages.reached :]
        in_vain = 0 if messages.reached else in_vain + 1
    if left:
        why = "the interpreter ended before it could" if in_vain else "the phase's time or its restarts were used up"
        session.reasons.append(f"{len(left)} of {len(target.modules)} modules were not imported: {why}")
