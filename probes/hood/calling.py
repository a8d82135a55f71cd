"""The last of the execute phase: what the package's modules define is called, each callable once, with made-up arguments."""

from __future__ import annotations

import time
from collections.abc import Collection

from hood import directing, scratch
from hood.distributions import Distribution
from hood.execution import Driving, Step
from hood.importing import DRIVER
from hood.messages import Calls
from hood.session import Session

_MAX_RESTARTS = 300
_MAX_IN_VAIN = 2
"""How often an interpreter is started that gets no further than the one before."""

_COROUTINE_SHARE = 0.75
"""How much of a call's time a coroutine gets before it is cancelled: that costs no new interpreter."""

_TESTS = frozenset({"test", "tests", "testing", "conftest"})


def run(session: Session, target: Distribution, deadline: float) -> None:
    """Calls everything that the modules define, as long as the phase's time lasts; a call that hangs costs an interpreter."""
    found = sum(session.imported.values())
    limits = session.plan.limits
    first = directing.first(session.plan, target)
    calls = Calls(_in_order(session.imported, first))
    in_vain = 0
    for _ in range(_MAX_RESTARTS):
        seconds = deadline - time.monotonic()
        if not calls.left or seconds <= 0 or in_vain == _MAX_IN_VAIN:
            break
        before = calls.left, calls.reached
        orders = {
            "call": calls.left,
            "first": first,
            "found": found,
            "passed": calls.passed,
            "lost": calls.lost,
            "own": list(target.modules),
            "folders": scratch.folders(session.plan.home),
            "seconds": limits.call_seconds * _COROUTINE_SHARE,
        }
        argv = [session.python, DRIVER]
        step = Step(
            "execute", f"calls of {target.name}", argv, seconds, kind="callables", driving=Driving(orders, calls)
        )
        session.runner.run(step)
        calls.ended()
        in_vain = in_vain + 1 if (calls.left, calls.reached) == before else 0
    _note_missing(session, calls, found - calls.dealt_with, found, in_time=deadline > time.monotonic())


def _note_missing(session: Session, calls: Calls, missing: int, found: int, *, in_time: bool) -> None:
    """Why some callables were not called, if there are some: what a module defines may also differ from one import to the next."""
    if missing <= 0 or not (calls.left or calls.not_imported):
        return
    if not calls.left:
        why = "their modules could not be imported again"
    elif in_time:
        why = "the interpreter ended too often"
    else:
        why = "the phase's time was over"
    session.reasons.append(f"{missing} of {found} callables were not called: {why}")


def _in_order(imported: dict[str, int], first: Collection[str]) -> list[str]:
    """The modules that define something to call: those that the run is directed at first, the package's own tests last."""
    names = [name for name, count in imported.items() if count]
    return sorted(names, key=lambda name: (name not in first, not _TESTS.isdisjoint(name.split("."))))
