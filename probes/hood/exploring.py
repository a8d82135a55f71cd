"""The execute phase of a package that is tried by hand: one command, with which the user is alone.

A shell is an interactive one that is no login shell, as a terminal's window opens it: it reads the home's own `~/.bashrc`, so that what
a package wrote there is run at once and can be seen. What it wrote into other start-up files is run by `bash -l`.
"""

from __future__ import annotations

from hood.execution import Step
from hood.link import Link
from hood.session import Session
from hood.terminal import Terminal

KIND = "session"
_SHELL = "/bin/bash"


def run(session: Session, link: Link) -> None:
    """Opens what the user wants, until that ends."""
    plan = session.plan
    opened, command = plan.session["opened"], plan.session["command"]
    argv = {
        "shell": [_SHELL, "-i"],
        "python": [session.python],
        "command": [_SHELL, "-c", command],
    }[opened]
    size = (plan.session["rows"], plan.session["columns"])
    terminal = Terminal(plan, link, size, ours=plan.launcher != "engine")
    subject = command if opened == "command" else opened
    step = Step("execute", subject, argv, plan.limits.phase_seconds["execute"], kind=KIND, beside=terminal)
    session.runner.run(step)
