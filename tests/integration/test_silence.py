"""Whether a package that gets rid of the interpreter probe is found out, and whether one that does not is left in peace."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from analyzer.acquire import Cache, SimpleIndex
from analyzer.errors import SandboxError
from analyzer.model.event import InterpreterSilence, PythonCall
from analyzer.model.report import Report
from analyzer.pipeline import Options, analyze
from analyzer.pipeline.analyze import Analysis
from analyzer.pipeline.judging.judge import read
from analyzer.sandbox.interface import Limits, Manner
from analyzer.sandbox.interpreter import find_on_host
from tests.integration import evasions
from tests.packages import make_wheel

_BEHAVIOR = "evasion.interpreter-hook.modify"
_LAST = "zz_silences"

pytestmark = pytest.mark.embedded


@dataclass(slots=True)
class Seen:
    """What a run showed: how the probe was silenced and which calls were told, by the command or phase."""

    version: tuple[int, ...] = ()
    silences: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    calls: dict[str, set[str]] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)

    @property
    def report(self) -> Report:
        return self.reports[0]


@pytest.fixture(scope="module", params=[("3.11", "auto"), ("3.13", "auto"), (None, "strace")], ids=str)
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, cache_directory: Path) -> Seen:
    """All programs, run in one analysis."""
    python, tracer = request.param
    if python is not None:
        try:
            find_on_host(python)
        except SandboxError:
            pytest.skip(f"no Python {python} here")
    bodies = {name: body for name, (_, body) in {**evasions.LOUD, **evasions.LOUD_WITH_MONITORING}.items()}
    bodies |= {**evasions.QUIET, "is_measured": evasions.MEASURED}
    modules = {f"evading/{name}.py": _module(body) for name, body in bodies.items()}
    wheel = make_wheel(
        tmp_path_factory.mktemp("evading"),
        "evading",
        modules={"evading/__init__.py": "", f"evading/{_LAST}.py": evasions.SILENCES_AT_IMPORT, **modules},
        entry_points={"console_scripts": {f"try-{name}": f"evading.{name}:main" for name in bodies}},
    )
    found = Seen()

    def use(analysis: Analysis) -> None:
        found.version = tuple(map(int, analysis.report.sandbox.python.split(".")[:2]))
        found.reports.append(analysis.report)
        subjects = {step.step: step.subject.removeprefix("try-") for step in analysis.record.steps()}
        for event in read(analysis.record)[0].events:
            subject = subjects.get(event.step, "")
            if isinstance(event.detail, InterpreterSilence):
                found.silences.setdefault(subject, set()).add((event.detail.how, event.detail.what))
            elif isinstance(event.detail, PythonCall):
                found.calls.setdefault(subject, set()).add(event.detail.name)

    cache = Cache(cache_directory)
    options = Options(
        sandbox="embedded",
        tracer=tracer,
        python=python,
        limits=Limits(execute_seconds=600.0),
        manner=Manner(callables=False),
    )
    analyze(str(wheel), options, cache, SimpleIndex(cache), lambda stage: None, use)
    return found


def _module(body: str) -> str:
    """A module with the program as its main function; entry points are also run with --help, where it does nothing."""
    main = ["def main():", "    if _sys.argv[1:]:", "        return", *(f"    {line}" for line in body.splitlines())]
    return "\n".join(["import sys as _sys", "", *main]) + "\n"


def test_what_silences_the_probe_is_told(seen: Seen) -> None:
    loud = {**evasions.LOUD, **(evasions.LOUD_WITH_MONITORING if seen.version >= (3, 12) else {})}
    told = {name: {how for how, _ in seen.silences.get(name, set())} for name in loud}
    assert told == {name: {how} for name, (how, _) in loud.items()}


def test_what_leaves_the_probe_alone_is_not(seen: Seen) -> None:
    quiet = [*evasions.QUIET, "is_measured"]
    assert {name: seen.silences[name] for name in quiet if name in seen.silences} == {}
    assert [name for name in evasions.QUIET if "time.time" not in seen.calls.get(name, set())] == []


def test_a_profiler_is_told_as_what_it_is(seen: Seen) -> None:
    assert ("sys.setprofile" in seen.calls.get("is_measured", set())) is (seen.version < (3, 12))


def test_a_module_after_whose_import_nothing_was_heard_is_named(seen: Seen) -> None:
    assert ("unanswered", f"evading.{_LAST}") in seen.silences["evading"]


def test_the_report_is_incomplete_and_shows_the_behavior(seen: Seen) -> None:
    completeness = seen.report.completeness
    assert completeness.status == "incomplete"
    assert f"import: the interpreter probe fell silent in evading.{_LAST}" in completeness.reasons
    (behavior,) = [one for one in seen.report.behaviors if one.id == _BEHAVIOR]
    assert behavior.attribution == ["package"]
