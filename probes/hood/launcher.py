"""Which way a command of the package is started."""

from __future__ import annotations

from pathlib import Path

from hood.command import Launcher
from hood.control import Control
from hood.plan import Plan
from hood.remote import Remote
from hood.traced import Traced
from hood.walls import walls
from hood.watched import Watched


def launcher(plan: Plan, control: Control | None, run_folder: Path) -> Launcher:
    """The launcher that the plan asks for. `run_folder` is where the named pipes are that a container shares."""
    if plan.launcher == "engine":
        return Remote(plan, _needed(control), run_folder)
    if plan.tracer["name"] == "kernel":
        return Watched(plan, _needed(control))
    return Traced(plan, walls(plan))


def _needed(control: Control | None) -> Control:
    if control is None:
        raise OSError("the plan asks for the kernel tracer, and names no line to the analyzer")
    return control
