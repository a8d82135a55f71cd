"""What was reached of the package, and why the rest was not: told by the driver, and by how its commands ended."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from analyzer.model.event import PHASES
from analyzer.model.report import CallableCoverage, Coverage, FailedModule, ModuleCoverage, ScriptCoverage, Skipped
from analyzer.pipeline.judging.driven import CALLABLE, Driven, ended_how
from analyzer.pipeline.judging.failures import Reason, reason_of
from analyzer.store.record import StepRecord
from analyzer.trace.authors.installed import Installed

Drivers = Mapping[int, Driven]
"""What the driver said of each step, by the step's number."""

_MAX_NAMED: Final = 5000
_MAX_ERROR: Final = 1000
_MAX_SKIPS: Final = 100
_CUT: Final = re.compile(r" was cut after ([0-9.e+]{1,20}) s$")


def coverage(steps: list[StepRecord], drivers: Drivers, installed: Installed) -> Coverage:
    """How far the run got. Without an installed package, nothing is reached."""
    steps = [step for step in steps if not step.is_later]
    ran = {step.phase for step in steps}
    return Coverage(
        phases=[phase for phase in PHASES if phase in ran],
        modules=modules(steps, drivers, installed),
        scripts=_scripts([step for step in steps if step.kind in {"script", "module"}], installed),
        callables=_callables([step for step in steps if step.kind == "callables"], drivers),
    )


def modules(steps: list[StepRecord], drivers: Drivers, installed: Installed) -> ModuleCoverage:
    """The package's modules, and how the import of each ended."""
    if installed.target is None:
        return ModuleCoverage()
    names = installed.target.modules
    own = {name.partition(".")[0] for name in names}
    ended: dict[str, FailedModule | None] = {}
    for step in steps:
        if step.kind == "import":
            _note_imports(step, drivers[step.step], own, ended)
    failed = [ended.get(name, FailedModule(name=name, reason="not tried")) for name in names]
    told = [one for one in failed if one is not None]
    return ModuleCoverage(
        total=len(names),
        imported=len(names) - len(told),
        failed=told[:_MAX_NAMED],
        left_out=max(len(told) - _MAX_NAMED, 0),
    )


def _note_imports(step: StepRecord, said: Driven, own: set[str], ended: dict[str, FailedModule | None]) -> None:
    """How each module of one command ended; None for one that was imported. The first word counts."""
    for subject in said.subjects:
        if subject.name in ended:
            continue
        if subject.end is None:
            reason, error = _unfinished(step, subject.begin), ended_how(step)
        elif subject.error:
            reason, error = reason_of(subject.error, own), subject.error[:_MAX_ERROR]
        else:
            ended[subject.name] = None
            continue
        ended[subject.name] = FailedModule(name=subject.name, error=error, reason=reason.text, missing=reason.missing)


def _unfinished(step: StepRecord, begin: float) -> Reason:
    if step.status == "timeout":
        return Reason(f"cut after {_seconds(step, begin):.3g} s")
    return Reason(f"crashed ({step.exit.signal})" if step.exit.signal else "ended the interpreter")


def _seconds(step: StepRecord, begin: float) -> float:
    """After how long something was cut: as the supervisor says, else as the clock does."""
    said = next(filter(None, map(_CUT.search, step.reasons)), None)
    try:
        return float(said[1]) if said else step.end - begin
    except ValueError:
        return step.end - begin


def _scripts(steps: list[StepRecord], installed: Installed) -> ScriptCoverage:
    """Each script counts once, however often it was run."""
    by_name: dict[str, list[StepRecord]] = {}
    for step in steps:
        by_name.setdefault(_script_name(step), []).append(step)
    known = installed.target.scripts if installed.target is not None else ()
    return ScriptCoverage(
        total=len({*known, *by_name}),
        run=len(by_name),
        failed=_named(name for name, runs in by_name.items() if all(run.status == "failed" for run in runs)),
        cut=_named(name for name, runs in by_name.items() if any(run.status == "timeout" for run in runs)),
    )


def _script_name(step: StepRecord) -> str:
    """A script's own name, whose runs differ in their arguments; `python -m NAME` for a module."""
    if step.kind == "script":
        return posixpath.basename(step.argv[0]) if step.argv else step.subject
    words = step.argv
    place = words.index("-m") + 1 if "-m" in words else len(words)
    return f"python -m {words[place] if place < len(words) else step.subject}"


def _named(names: Iterable[str]) -> list[str]:
    return sorted(names)[:_MAX_NAMED]


def _callables(steps: list[StepRecord], drivers: Drivers) -> CallableCoverage:
    """Several commands share the callables where one of them ended the interpreter."""
    said = [drivers[step.step] for step in steps]
    found = max((one.found for one in said if one.found is not None), default=0)
    skipped = {name: why for one in said for name, why in one.skipped.items()}
    called = {subject.name: subject for one in said for subject in one.subjects if CALLABLE in subject.name}
    whys = Counter(skipped.values()).most_common()
    return CallableCoverage(
        found=max(found, len(called)),
        called=len(called),
        raised=sum(bool(subject.error) for subject in called.values()),
        cut=sum(subject.end is None for subject in called.values()),
        skipped=len(skipped.keys() - called.keys()),
        not_tried=max(found - len(called.keys() | skipped.keys()), 0),
        skips=[Skipped(why=why, count=count) for why, count in whys[:_MAX_SKIPS]],
    )
