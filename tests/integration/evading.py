"""Packages that try not to be seen: `tests/data/evasions/NN-name/`, and what the report of a run with them holds.

A folder has `evasion.yaml` (see `Evasion`), and at least one of

- `payload.py` with a function `main`, which becomes the console script `evade-NN-name`; it does nothing with `--help`, or when it is imported,
- `module.py`, which the import phase imports,
- `sdist/`, the files of a source distribution of its own (`setup.py`, `pyproject.toml`, …), which is installed in a run of its own,

and files that these need. Each `*.c` is compiled on the host, and never run there; the program lies beside the payload under its stem. All other files
lie beside the payload too. Programs have no x bit there: a payload copies what it runs.

All that need no run of their own are modules of one wheel (`evading.eNN_name.payload`, `evading.eNN_name.module`), which is run once in each place.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import pytest
import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from analyzer.acquire import Cache, SimpleIndex
from analyzer.model.event import DETAILS, Layer, Outcome, Phase
from analyzer.model.eventline import content
from analyzer.model.report import Report
from analyzer.pipeline import Options, analyze
from analyzer.pipeline.analyze import Analysis
from analyzer.pipeline.judging.subtraction import reported
from analyzer.render.events import event_line
from analyzer.rules.loader import ruleset
from analyzer.sandbox.interface import Limits, Manner
from analyzer.taxonomy import load as taxonomy
from tests.packages import Source, make_sdist, make_wheel

FOLDER = Path(__file__).parents[1] / "data" / "evasions"
PLACE_NAMES = ("embedded/kernel", "embedded/strace", "docker/kernel", "docker/strace")
PLACES = [pytest.param(name, marks=getattr(pytest.mark, name.partition("/")[0])) for name in PLACE_NAMES]

PlaceName = Literal["embedded/kernel", "embedded/strace", "docker/kernel", "docker/strace"]
Pattern = Annotated[str, AfterValidator(lambda text: re.compile(text).pattern)]

_STATIC = ("-O1", "-static")
_LIMITS = Limits(execute_seconds=900.0, import_seconds=300.0)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expectation(_Strict):
    """One thing that has to be there: a `behavior` by its id, an `event` by its kind, a `reason` for which the run is incomplete, a `limit` of
    what could be seen, or a created `file` by its path.

    All patterns are regular expressions that are searched. `detail` is in the evidence's line, or in the event's line as JSON
    (`docs/events.md`). `count` is how many have to be there, 0 for none at all. What ran then is the evasion's own script or module, or nothing that is
    known; with `anywhere` it may be anything. The file has the digest of `content`, which lies beside the payload.
    """

    behavior: str = ""
    event: str = ""
    reason: Pattern = ""
    limit: Pattern = ""
    file: Pattern = ""
    content: str = ""
    detail: Pattern = ""
    process: Pattern = ""
    phase: Phase | None = None
    outcome: Outcome | None = None
    witness: Layer | None = None
    count: int = Field(default=1, ge=0)
    anywhere: bool = False

    @model_validator(mode="after")
    def _one_of_five(self) -> Expectation:
        if len([one for one in (self.behavior, self.event, self.reason, self.limit, self.file) if one]) != 1:
            raise ValueError("give one of behavior, event, reason, limit and file")
        if self.behavior and self.behavior not in {one.id for one in taxonomy()}:
            raise ValueError(f"{self.behavior} is no behavior")
        if self.event and self.event not in DETAILS:
            raise ValueError(f"{self.event} is no kind of event")
        return self


class Deviation(_Strict):
    """What is expected in a place where the rest cannot be, and why it cannot."""

    expects: tuple[Expectation, ...] = Field(min_length=1)
    why: str = Field(min_length=20)


class Compilation(_Strict):
    """How a C file is compiled: the options of gcc, and the result's name (by default the file's stem)."""

    options: tuple[str, ...] = _STATIC
    output: str = ""


class Evasion(_Strict):
    """An `evasion.yaml`: what is tried, and what the report has to hold.

    `alone` asks for a run of its own, `callables` for one in which the package's callables are called too, `fast_clock` for one with
    a clock that runs ahead, `seconds` for one in which a script or module gets no more. `except` names what holds instead in places where
    `expects` cannot. `further` are patterns of reasons for an incomplete run that may be there or not, by how fast the machine is.
    """

    number: int = Field(ge=1, le=30)
    title: str
    expects: tuple[Expectation, ...] = Field(min_length=1)
    further: tuple[Pattern, ...] = ()
    exceptions: dict[PlaceName, Deviation] = Field(default_factory=dict, alias="except")
    alone: bool = False
    callables: bool = False
    fast_clock: bool = False
    seconds: float | None = None
    compile: dict[str, Compilation] = Field(default_factory=dict)

    def expected(self, place: str) -> tuple[Expectation, ...]:
        """What the report of a place has to hold."""
        deviation = next((one for name, one in self.exceptions.items() if name == place), None)
        return deviation.expects if deviation else self.expects


@dataclass(frozen=True)
class Case:
    """A folder."""

    folder: Path

    @property
    def name(self) -> str:
        """`NN-name`."""
        return self.folder.name

    @cached_property
    def evasion(self) -> Evasion:
        """Its description."""
        return Evasion.model_validate(yaml.safe_load((self.folder / "evasion.yaml").read_text(encoding="utf-8")))

    @property
    def package(self) -> str:
        """The import package that its modules become."""
        return f"e{self.name.replace('-', '_')}"

    @property
    def is_alone(self) -> bool:
        """Whether it has a run of its own."""
        one = self.evasion
        return (
            one.alone or one.callables or one.fast_clock or one.seconds is not None or (self.folder / "sdist").is_dir()
        )

    @property
    def subject(self) -> re.Pattern[str]:
        """What the words of its own script or module have in them (`analyzer.pipeline.judging.during`)."""
        return re.compile(rf"\bevade-{self.name}\b|\bevading\.{self.package}\b")

    def files(self, built: Path) -> dict[str, Source]:
        """What lies in its package, by path; programs are compiled into `built`."""
        found: dict[str, Source] = {"__init__.py": ""}
        for path in sorted(self.folder.iterdir()):
            if path.suffix == ".c":
                program = self._compiled(path, built)
                found[program.name] = program.read_bytes()
            elif path.is_file() and path.name != "evasion.yaml":
                found[path.name] = path.read_bytes()
        return found

    def _compiled(self, source: Path, built: Path) -> Path:
        how = self.evasion.compile.get(source.name, Compilation())
        program = built / self.name / (how.output or source.stem)
        program.parent.mkdir(exist_ok=True)
        subprocess.run(["gcc", *how.options, "-o", program, source], check=True)
        return program


CASES = {path.parent.name: Case(path.parent) for path in sorted(FOLDER.glob("*/evasion.yaml"))}


@dataclass(frozen=True, slots=True)
class Told:
    """An event or a piece of evidence: its kind or behavior, its line, and what ran then."""

    name: str
    detail: str
    process: str
    phase: Phase
    outcome: Outcome
    witness: Layer
    during: str


@dataclass(slots=True)
class Seen:
    """A run's report, the digests of what lay beside each payload, what the evidence says and what the events do."""

    report: Report
    digests: dict[str, str]
    evidence: list[Told] = field(default_factory=list)
    events: list[Told] = field(default_factory=list)

    def missing(self, case: Case, expectations: tuple[Expectation, ...]) -> list[str]:
        """The expectations that do not hold, each with what comes near it."""
        return [said for one in expectations if (said := self._missing(case, one))]

    def _missing(self, case: Case, one: Expectation) -> str:
        if one.reason:
            return _absent(one.reason, self.report.completeness.reasons)
        if one.limit:
            return _absent(one.limit, [limit.text for limit in self.report.sandbox.limits])
        if one.file:
            digest = self.digests[f"evading/{case.package}/{one.content}"]
            rows = self.report.files.created
            return _absent(one.file, [row.path for row in rows if row.sha256 == digest])
        near = [
            told
            for told in (self.evidence if one.behavior else self.events)
            if told.name == (one.behavior or one.event)
            and (case.is_alone or one.anywhere or not told.during or case.subject.search(told.during))
        ]
        found = [told for told in near if _fits(told, one)]
        asked = one.model_dump(exclude_defaults=True)
        holds = len(found) >= one.count if one.count else not found
        return "" if holds else f"{asked} found {len(found)}; near: {near[:12]}"


def _absent(pattern: str, texts: list[str]) -> str:
    return "" if any(re.search(pattern, text) for text in texts) else f"{pattern!r} is not in {texts}"


def _fits(told: Told, one: Expectation) -> bool:
    return (
        re.search(one.detail, told.detail) is not None
        and re.search(one.process, told.process) is not None
        and one.phase in {None, told.phase}
        and one.outcome in {None, told.outcome}
        and one.witness in {None, told.witness}
    )


def run(cases: list[Case], place: str, folder: Path, cache_directory: Path) -> Seen:
    """Runs one case that is alone, or all others together."""
    modules = _modules(cases, folder)
    target = _wheel(cases, modules, folder)
    if len(cases) == 1 and (cases[0].folder / "sdist").is_dir():
        target = _sdist(cases[0], folder)
    digests = {path: hashlib.sha256(text).hexdigest() for path, text in modules.items() if isinstance(text, bytes)}
    seen: list[Seen] = []
    cache = Cache(cache_directory)
    options = _options(cases[0].evasion if len(cases) == 1 else None, place)
    analyze(
        str(target),
        options,
        cache,
        SimpleIndex(cache),
        lambda stage: None,
        lambda analysis: seen.append(_seen(analysis, digests)),
    )
    assert seen[0].report.sandbox.tracer == options.tracer
    return seen[0]


def _options(evasion: Evasion | None, place: str) -> Options:
    sandbox, tracer = place.split("/")
    # Each payload is a main function, which would run once more when it is called.
    manner = Manner(
        callables=evasion is not None and evasion.callables, fast_clock=evasion is not None and evasion.fast_clock
    )
    seconds = evasion.seconds if evasion is not None else None
    limits = replace(_LIMITS, subject_seconds=seconds) if seconds is not None else _LIMITS
    return Options(sandbox=sandbox, tracer=tracer, limits=limits, manner=manner)


def _modules(cases: list[Case], folder: Path) -> dict[str, Source]:
    modules: dict[str, Source] = {"evading/__init__.py": ""}
    for case in cases:
        modules |= {f"evading/{case.package}/{path}": text for path, text in case.files(folder).items()}
        if (case.folder / "payload.py").is_file():
            modules[f"evading/{case.package}/start.py"] = _START
    return modules


def _wheel(cases: list[Case], modules: dict[str, Source], folder: Path) -> Path:
    scripts: dict[str, str] = {}
    for case in cases:
        if (case.folder / "payload.py").is_file():
            scripts[f"evade-{case.name}"] = f"evading.{case.package}.start:main"
    return make_wheel(
        folder, "evading", modules=modules, entry_points={"console_scripts": scripts} if scripts else None
    )


_START = """
import sys

def main():
    if not sys.argv[1:]:  # scripts are also run with --help
        from . import payload
        payload.main()
"""


def _sdist(case: Case, folder: Path) -> Path:
    root = case.folder / "sdist"
    files = {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
    setup = files.pop("setup.py", None)
    project = files.pop("pyproject.toml", None)
    return make_sdist(
        folder,
        "evading",
        "1.0",
        files,
        pyproject=project.decode() if project is not None else None,
        setup_py=setup.decode() if setup is not None else None,
    )


def _seen(analysis: Analysis, digests: dict[str, str]) -> Seen:
    found, during = Seen(analysis.report, digests), analysis.judgement.during.words
    events = analysis.judgement.events
    for event in events.events:
        line = event_line(content(event, ""))
        words = during(event)
        found.events.append(Told(event.kind, line, event.process, event.phase, event.outcome, event.layer, words))
    shown = {behavior.id for behavior in analysis.report.behaviors}
    for one in ruleset().engine().observe(reported(events)):
        if one.behavior in shown:
            event = one.event
            words = during(event)
            found.evidence.append(
                Told(one.behavior, one.detail, event.process, event.phase, event.outcome, event.layer, words)
            )
    return found
