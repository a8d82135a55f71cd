"""Doing what belongs to the package's user as that user, so that no privilege of the supervisor's touches the package's files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from hood.plan import Plan


def as_package_user(plan: Plan, action: Callable[[], object]) -> bool:
    """Does it in a process of its own; whether it came to its end. What it raises goes to standard error."""
    _, ended = os.waitpid(begin_as_package_user(plan, action), 0)
    return ended == 0


def begin_as_package_user(plan: Plan, action: Callable[[], object]) -> int:
    """The same without waiting: gives the number of the process, which is the caller's to wait for."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if os.getuid() == 0 and plan.launcher != "bubblewrap":
                os.setgroups([])
                os.setresgid(plan.uid, plan.uid, plan.uid)
                os.setresuid(plan.uid, plan.uid, plan.uid)
            action()
            status = 0
        finally:
            kind, error, trace = sys.exc_info()
            if kind is not None and error is not None:
                sys.excepthook(kind, error, trace)
            os._exit(status)
    return child
