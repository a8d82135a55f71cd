"""The execute phase: scripts, then what `python -m` can run, then the user's own driver, then callables, which may damage the most."""

from __future__ import annotations

import posixpath
import time
from collections.abc import Iterator
from dataclasses import replace

from hood import calling, directing
from hood.distributions import Distribution
from hood.execution import Step
from hood.session import Session

_MAX_PROGRAMS = 50
"""How many top-level modules are run as programs."""


def run(session: Session, target: Distribution) -> None:
    """Runs everything, as long as the phase's time lasts."""
    deadline = time.monotonic() + session.plan.limits.phase_seconds["execute"]
    steps = directing.in_order([*_scripts(session, target), *_programs(session, target)], session, target)
    for number, step in enumerate(steps):
        seconds = deadline - time.monotonic()
        if seconds <= 0:
            session.reasons.append(
                f"{len(steps) - number} of {len(steps)} runs of entry points were not made: the phase's time was over"
            )
            break
        session.runner.run(replace(step, seconds=min(step.seconds, seconds)))
    _user_driver(session, deadline)
    if session.plan.callables and any(session.imported.values()):
        calling.run(session, target, deadline)


def _scripts(session: Session, target: Distribution) -> Iterator[Step]:
    """Console and GUI scripts, and the programs that the distribution brings as they are."""
    folder = f"{session.environment}/bin"
    brought = [posixpath.basename(file) for file in target.files if posixpath.dirname(file) == folder]
    for name in dict.fromkeys([*target.scripts, *sorted(brought)]):
        yield from _with_and_without_help(session, "script", name, [f"{folder}/{name}"])


def _programs(session: Session, target: Distribution) -> Iterator[Step]:
    """`python -m` of the top-level modules, and of the top-level packages that have a `__main__` module."""
    files = set(target.files)
    folders = sorted(str(one) for one in session.environment.glob("lib/python3.*/site-packages"))
    project = session.plan.project
    if project:  # an editable distribution's modules may lie in any folder of it
        own = {posixpath.dirname(file) for file in target.files if file.startswith(f"{project}/")}
        folders += sorted({project, *own, *map(posixpath.dirname, own)})
    tops = [module for module in target.modules if "." not in module]
    names = [
        name
        for name in tops
        if any(f"{folder}/{place}" in files for folder in folders for place in (f"{name}/__main__.py", f"{name}.py"))
    ]
    if len(names) > _MAX_PROGRAMS:
        session.reasons.append(
            f"{len(names) - _MAX_PROGRAMS} of {len(names)} modules were not run as programs: there are too many"
        )
    for name in names[:_MAX_PROGRAMS]:
        yield from _with_and_without_help(session, "module", f"python -m {name}", [session.python, "-m", name])


def _with_and_without_help(session: Session, kind: str, subject: str, argv: list[str]) -> Iterator[Step]:
    for arguments in ([], ["--help"]):
        words = " ".join([subject, *arguments])
        yield Step("execute", words, [*argv, *arguments], session.plan.limits.subject_seconds, kind=kind)


def _user_driver(session: Session, deadline: float) -> None:
    """Runs the user's script with the environment's interpreter, for as long as the phase lasts."""
    driver = session.plan.driver
    if not driver:
        return
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        session.reasons.append("the user's driver was not run: the phase's time was over")
        return
    session.runner.run(Step("execute", posixpath.basename(driver), [session.python, driver], seconds, kind="driver"))
