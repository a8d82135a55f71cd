"""Where the run is directed at: what of the package that is, and what is begun with because of it.

Places name files as somebody else has them, so a module is found by the end of the path. Nothing here is more than an order in which things
are done, but for programs: a directed module is also run by `python -m`, since a place may be in what only that runs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from hood.distributions import Distribution
from hood.execution import Step
from hood.plan import Direction, Plan
from hood.session import Session
from hood.text import read_text

MAX_PLACES = 500
"""Places that are heeded, as many as the interpreter probe watches (`analyzer.sandbox.directions`)."""

_MAX_PROGRAMS = 10
_MAX_SCRIPT = 65_536
_PROGRAM = "__main__"


def first(plan: Plan, target: Distribution) -> dict[str, list[list[int | str]]]:
    """What the driver begins with, by module: for each place first line, last line and the function's qualified name."""
    found: dict[str, list[list[int | str]]] = {}
    modules = frozenset(target.modules)
    for one in plan.directions[:MAX_PLACES]:
        module = module_of(one, modules)
        if module:
            found.setdefault(module, []).append([one.line, max(one.line, one.end_line), one.function])
    return found


def module_of(direction: Direction, modules: Collection[str]) -> str:
    """The module that a place is in; of a package's `__main__`, that name below the package's. "" where there is none such."""
    if direction.module in modules:
        return direction.module
    names = [name for name in re.split(r"[/\\]", direction.file.removesuffix(".py")) if name not in {"", "."}]
    if direction.file and not direction.file.endswith(".py"):
        return ""
    program = names[-1:] == [_PROGRAM]
    names = names[:-1] if program or names[-1:] == ["__init__"] else names
    for place in range(len(names)):
        name = ".".join(names[place:])
        if name in modules:
            return f"{name}.{_PROGRAM}" if program else name
    return ""


def in_order(steps: Iterable[Step], session: Session, target: Distribution) -> list[Step]:
    """Runs of scripts and programs: those of the directed modules first, and further programs of these."""
    runs = list(steps)
    if not session.plan.directions:
        return runs
    modules = frozenset(target.modules)
    named = [module_of(one, modules) for one in session.plan.directions[:MAX_PLACES]]
    directed = list(dict.fromkeys(filter(None, named)))
    early = [step for step in runs if _runs(step, directed)]
    late = [step for step in runs if not _runs(step, directed)]
    return [*early, *_further(runs, session, directed), *late]


def _runs(step: Step, modules: Collection[str]) -> bool:
    """Whether a run is of one of the modules: `python -m` of it or of the package it is in, or a script that imports from it."""
    if step.kind == "module":
        name = step.argv[step.argv.index("-m") + 1]
        return any(module == name or module.startswith(f"{name}.") for module in modules)
    text = read_text(Path(step.argv[0]), _MAX_SCRIPT)
    named = set(re.findall(r"^[ \t]*(?:from|import)[ \t]+([\w.]+)", text, re.MULTILINE))
    return any(module in named for module in modules)


def _further(runs: Iterable[Step], session: Session, modules: Iterable[str]) -> Iterator[Step]:
    """Directed modules as programs, those that are not run so anyway."""
    known = {step.argv[step.argv.index("-m") + 1] for step in runs if step.kind == "module"}
    names = (name.removesuffix(f".{_PROGRAM}") for name in modules)
    for name in [name for name in dict.fromkeys(names) if name not in known][:_MAX_PROGRAMS]:
        argv = [session.python, "-m", name]
        yield Step("execute", f"python -m {name}", argv, session.plan.limits.subject_seconds, kind="module")
