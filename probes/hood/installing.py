"""The install phase: the installer gets the target, and builds it where it has to be built.

pip is Python code and runs with the environment's interpreter, yet wheels alone run no code of the package in it: pip
installs them in one process, which began before any of their files was there, and starts no other of that environment.
"""

from __future__ import annotations

from pathlib import Path

from hood.execution import Step
from hood.session import Session

PIP = "/opt/pip/pip/__pip-runner__.py"
"""pip's own start of the copy of itself that stands around it, with any interpreter and for the builds below it too."""

BUILDS = ".cache/pip/builds"
"""Where pip builds, in the home. Below /tmp, where it would, all that a build script does at its own place were an act in there."""

_START = "import runpy, sys, tempfile; tempfile.tempdir = sys.argv.pop(1); runpy.run_path(sys.argv.pop(1), run_name='__main__')"
"""Gives pip, but nothing that it starts, another folder for what is temporary."""


def run(session: Session) -> None:
    """Installs the target."""
    plan = session.plan
    builds = Path(plan.home, BUILDS)
    # Neither has a variable for everything that the environment (plan.environment) says: uv none for --no-index, without which
    # it asks the index for every name in the folder. pip is to compile as little as uv, so that the same files come to be.
    argv = {
        "uv": [plan.uv, "pip", "install", "--no-config", "--no-index", "--python", session.python],
        "pip": [
            session.python, "-c", _START, str(builds), PIP, "install", "--no-index", "--no-cache-dir", "--no-compile", "--no-input",
            "--disable-pip-version-check",
            "--no-warn-script-location", "--progress-bar", "off",
        ],
    }[plan.installer]  # fmt: skip
    target = ["--editable", plan.project] if plan.project else [plan.target]
    seconds = plan.limits.phase_seconds["install"]
    session.runner.run(Step("install", plan.name, [*argv, *target], seconds, running_package_code=not plan.compiled))
