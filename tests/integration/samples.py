"""Small programs that show one behavior each, and near misses: `tests/data/samples/*.yaml`, run in real sandboxes.

All programs of a file become console scripts of one wheel, so that each runs as a command of its own, in a process tree
of its own, in the execute phase. Programs that need an installation of their own (`wheel`, `setup`, `data`) are
packages of their own.

The comment `# here` marks the line whose execution does what is shown; of several, any is right: the line that opens a file or
makes a connection is as good as the one that uses it, and of what only several lines do together, each. What a child does
is done where the child is started.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from analyzer.acquire import Cache, SimpleIndex
from analyzer.model.report import Report
from analyzer.pipeline import Options, analyze
from analyzer.pipeline.analyze import Analysis
from analyzer.pipeline.judging.judge import read
from analyzer.pipeline.judging.subtraction import reported
from analyzer.rules.loader import ruleset
from analyzer.sandbox.interface import Limits, Manner
from tests.packages import make_sdist, make_wheel

FOLDER = Path(__file__).parents[1] / "data" / "samples"
FILES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
WITHOUT_LINE: dict[str, str] = yaml.safe_load((FOLDER.parent / "without-line.yaml").read_text(encoding="utf-8"))
"""Why no line of Python does some of the behaviors."""

_HERE = "# here"
_LIMITS = Limits(execute_seconds=900.0, import_seconds=300.0)


@dataclass(frozen=True, slots=True)
class Sample:
    """A program or package, the behavior that it is about, and whether it shows it or only nearly does."""

    behavior: str
    shows: bool
    content: Any

    @property
    def is_program(self) -> bool:
        """Whether it runs beside others in the file's wheel."""
        return isinstance(self.content, str)

    @property
    def name(self) -> str:
        """A module's and a command's name."""
        word = "shows" if self.shows else "nearly"
        return f"{word}_{self.behavior}".replace(".", "_").replace("-", "_")

    @property
    def lines(self) -> set[Place]:
        """The right lines, as file name and number."""
        text = _module(self.content).splitlines()
        return {(f"{self.name}.py", number) for number, line in enumerate(text, 1) if line.endswith(_HERE)}


Place = tuple[str, int]
"""The name of a file and the number of a line in it; the name is empty where the report has no location."""

_NOWHERE: Place = ("", 0)


@dataclass(slots=True)
class Seen:
    """The behaviors of each command of a run, with where they were done and who saw it, by the command's name, and the run's report."""

    report: Report
    by_command: dict[str, dict[str, set[Place]]] = field(default_factory=dict)
    witnesses: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def places(self, sample: Sample) -> set[Place]:
        """Where a sample did what it shows."""
        return self.by_command.get(sample.name, {}).get(sample.behavior, set())


@cache
def samples(name: str) -> tuple[Sample, ...]:
    """The samples of a file."""
    content = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return tuple(
        Sample(behavior, word == "shows", one[word])
        for behavior, one in content.items()
        for word in ("shows", "nearly")
    )


def run_programs(name: str, sandbox: str, tracer: str, folder: Path, cache_directory: Path) -> Seen:
    """Runs all programs of a file, in one analysis."""
    programs = [sample for sample in samples(name) if sample.is_program]
    package = f"samples_{name.replace('-', '_')}"
    scripts = {f"sample-{sample.name}": f"{package}.{sample.name}:main" for sample in programs}
    modules = {f"{package}/{sample.name}.py": _module(sample.content) for sample in programs}
    wheel = make_wheel(
        folder, package, modules={f"{package}/__init__.py": "", **modules}, entry_points={"console_scripts": scripts}
    )
    seen: list[Seen] = []

    def use(analysis: Analysis) -> None:
        seen.append(Seen(analysis.report))
        subjects = {number: step.subject for number, step in enumerate(analysis.record.steps(), 1)}
        events, _ = read(analysis.record)
        for observation in ruleset().engine().observe(reported(events)):
            command = subjects.get(observation.event.step, "").split(" ")[0].removeprefix("sample-")
            location = observation.event.location
            place = (Path(location.file).name, location.line) if location else _NOWHERE
            seen[0].by_command.setdefault(command, {}).setdefault(observation.behavior, set()).add(place)
            seen[0].witnesses.setdefault((command, observation.behavior), set()).add(observation.event.layer)

    run(wheel, sandbox, tracer, cache_directory, use)
    return seen[0]


def run(target: Path, sandbox: str, tracer: str, cache_directory: Path, use: Any = lambda analysis: None) -> Report:
    """Analyses one package with the limits of this suite."""
    cache = Cache(cache_directory)
    manner = Manner(callables=False)  # each program is a main function, which would run once more
    options = Options(sandbox=sandbox, tracer=tracer, limits=_LIMITS, manner=manner)
    return analyze(str(target), options, cache, SimpleIndex(cache), lambda stage: None, use)


def build(folder: Path, sample: Sample) -> Path:
    """A package of its own: `module`, and `data`, `files`, `modules`, `scripts` (name to body) or `setup`, as in make_wheel."""
    content: dict[str, Any] = sample.content
    name = f"sample_{sample.name}"
    modules = {f"{name}.py": content.get("module", ""), **content.get("modules", {})}
    if "setup" in content:
        return make_sdist(folder, name, "1.0", modules, setup_py=content["setup"])
    return make_wheel(
        folder,
        name,
        modules=modules,
        entry_points=content.get("entry_points"),
        data=content.get("data", {}),
        extra_files=content.get("files", {}),
    )


def _module(body: str) -> str:
    """A module with the program as its main function; entry points are also run with --help, where it does nothing."""
    main = ["def main():", "    if _sys.argv[1:]:", "        return", *(f"    {line}" for line in body.splitlines())]
    return "\n".join(["import sys as _sys", "", *main]) + "\n"
