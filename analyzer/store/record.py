"""A record: the folder that a run wrote, read back with every file bounded.

`probes/hood/__init__.py` tells what it holds. Everything in it may have been written under the package's influence:
it is parsed as text, line by line, and never trusted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from analyzer.errors import RecordError
from analyzer.model.direction import Place
from analyzer.model.event import Phase
from analyzer.model.filefacts import FileFacts
from analyzer.store.baseline import Baseline
from analyzer.store.contents import MAX_DOCUMENT_BYTES
from analyzer.store.plan import Plan, RecordedLimits, RecordedSession, Seconds
from analyzer.store.project import ProjectFacts
from analyzer.trace.authors.installed import Installed, InstalledDistribution
from analyzer.trace.calls.calllog import CallLog, KernelLog, StraceLog, numbered

BASELINE = "baseline.json"
"""The name of the file that `Record.baseline` reads."""

CONTENT = "content.json"
"""The name of the file that `Record.content` reads."""

PROJECT = "project.json"
"""The name of the file that `Record.project` reads."""

_MAX_LINE = 2 * 1024 * 1024
_BLOCK = 256 * 1024
_LAST = 253_402_300_799.0
"""The last second of the year 9999, the last one that has a date in Python."""

_MAX_STEPS = 10_000
"""Far above what a run can do in its time; every step costs a reading of its traces."""


class StepExit(BaseModel):
    """How a command ended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Annotated[int, Field(ge=-(2**31), lt=2**31)] = 0
    signal: str = ""


StepKind = Literal["install", "start", "shell", "import", "script", "module", "callables", "driver", "session"]
"""What a command is: an installer, a new interpreter or shell, the import of modules, a script, `python -m`, calls, a user's driver,
what a user tried by hand."""

_KINDS: dict[str, StepKind] = {"install": "install", "startup": "start", "import": "import", "execute": "script"}
"""What a phase's commands were when records did not tell it."""


class StepClock(BaseModel):
    """The package's own clock, where it ran ahead.

    `date` is what the command saw at its begin, of which `ahead` seconds are because it was run once more at a later date; its delays
    were shortened by `skipped` seconds in `skips` times. The last two are hearsay: the clock is shared with the package.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: Seconds
    ahead: Seconds
    skipped: Seconds
    skips: Annotated[int, Field(ge=0, lt=2**31)]

    @property
    def seen(self) -> datetime:
        """The date in UTC, at most the last one that can be written."""
        return datetime.fromtimestamp(min(self.date, _LAST), UTC)


class StepRecord(BaseModel):
    """One line of `steps.jsonl`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: Annotated[int, Field(ge=0, le=999_999)]
    phase: Phase
    kind: StepKind
    subject: str
    argv: tuple[str, ...]
    begin: Seconds
    end: Seconds
    exit: StepExit
    status: Literal["ok", "failed", "timeout"]
    left_running: bool
    cut: Seconds = 0.0
    cpu_seconds: Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)] = 0.0
    memory_bytes: Annotated[int, Field(ge=0, lt=2**63)] = 0
    reasons: tuple[str, ...]
    stem: Annotated[str, Field(pattern=r"^\d{2,6}-[a-z]+$")]
    epoch: Seconds = 0.0
    """When the machine's monotonic clock was at zero; 0 where it is not told."""
    clock: StepClock | None = None

    @property
    def is_later(self) -> bool:
        """Whether the package was run once more, at a later date."""
        return self.clock is not None and self.clock.ahead > 0

    @model_validator(mode="before")
    @classmethod
    def _with_kind(cls, line: Any) -> Any:
        """Records of earlier versions have no kinds."""
        return {"kind": _KINDS.get(str(line.get("phase"))), **line} if isinstance(line, dict) else line


class DriverLine(BaseModel):
    """One message of the driver: hearsay.

    A subject (a module's dotted name, or "module:Qualified.name" of a callable) begins and ends, at `t`, with what it raised; or it is
    left out, and why. `found` is how many callables there are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    begin: str = ""
    end: str = ""
    t: Seconds = 0.0
    error: str = ""
    found: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    skip: str = ""
    why: str = ""
    done: bool = False


class _End(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1]
    reasons: tuple[str, ...]


_DISTRIBUTIONS = TypeAdapter(tuple[InstalledDistribution, ...])


@dataclass(frozen=True, slots=True)
class Record:
    """A record on disk. Its readers raise RecordError only for what our own supervisor wrote and nobody else could.

    `label` names it in messages, where the folder is not what the user named.
    """

    folder: Path
    label: str = ""

    def steps(self) -> list[StepRecord]:
        """The traced commands in order. A last line that was not written to its end, as of a run that was cut short, is left out."""
        lines = list(islice(self.lines("steps.jsonl"), _MAX_STEPS + 1))
        if lines and not lines[-1].endswith("\n") and not self.has("end.json"):
            lines.pop()
        steps = [self._model(StepRecord, line, "steps.jsonl") for line in lines]
        if len(steps) > _MAX_STEPS or len({step.stem for step in steps}) != len(steps):
            raise RecordError(f"{self._place('steps.jsonl')} lists steps that no run had: get the record again")
        return steps

    def installed(self) -> Installed:
        """What was installed, as far as the run got."""
        text = self._document("distributions.json")
        try:
            return Installed(_DISTRIBUTIONS.validate_json(text) if text else ())
        except ValidationError as error:
            raise RecordError(
                f"{self._place('distributions.json')} is not of this version's format: run the analysis again"
            ) from error

    def end_reasons(self) -> tuple[str, ...] | None:
        """What the supervisor said at the end; None when it never got there."""
        text = self._document("end.json")
        return self._model(_End, text, "end.json").reasons if text else None

    def baseline(self) -> Baseline | None:
        """What an empty package's run showed, as far as this one is held against it; None in a record of an earlier version."""
        text = self._document(BASELINE)
        return self._model(Baseline, text, BASELINE) if text else None

    def project(self) -> ProjectFacts | None:
        """What the index and lists of vulnerabilities said of the target; None in a record of an earlier version."""
        text = self._document(PROJECT)
        return self._model(ProjectFacts, text, PROJECT) if text else None

    def content(self) -> FileFacts | None:
        """What was read in the package's files; None in a record of an earlier version."""
        text = self._document(CONTENT)
        return self._model(FileFacts, text, CONTENT) if text else None

    def working_directory(self) -> str:
        """Where the package's commands start, from the plan."""
        plan = self._plan()
        return plan.environment.get("PWD", "/") if plan else "/"

    def search_path(self) -> str:
        """PATH of the package's commands, from the plan."""
        plan = self._plan()
        return plan.environment.get("PATH", "") if plan else ""

    def limits(self) -> RecordedLimits:
        """What the run might use, from the plan."""
        plan = self._plan()
        return plan.limits if plan else RecordedLimits()

    def directions(self) -> tuple[Place, ...]:
        """The places that the run was directed at, from the plan."""
        plan = self._plan()
        found = plan.directions if plan else ()
        return tuple(Place(one.file, one.line, one.end_line, one.module, one.function) for one in found)

    def process_limit(self) -> int:
        """How many processes a command could have at once, from the plan; 0 where that is not told."""
        return self.limits().processes

    def size(self, name: str) -> int:
        """The bytes of a file; 0 where there is no such file."""
        path = self.folder / name
        return path.stat().st_size if path.is_file() else 0

    def call_log(self, step: StepRecord) -> CallLog:
        """A command's log of system calls; an empty one where there is none."""
        name = f"steps/{step.stem}.kernel"
        if self.has(name):
            return KernelLog(name, partial(self.blocks, name))
        name = f"steps/{step.stem}.strace"
        return StraceLog(name, partial(self.lines, name))

    def driver_lines(self, step: StepRecord) -> Iterator[DriverLine]:
        """The driver's messages that are of its format."""
        for line in self.lines(f"steps/{step.stem}.driver"):
            try:
                yield DriverLine.model_validate_json(line)
            except ValidationError:
                continue

    def output_tail(self, step: StepRecord, characters: int = 2000) -> str:
        """The end of what a command printed."""
        path = self.folder / "steps" / f"{step.stem}.out"
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - characters))
            return file.read().decode("utf-8", "replace")

    def lines(self, name: str) -> Iterator[str]:
        """The lines of a file, each bounded; none where there is no such file."""
        path = self.folder / name
        if not path.is_file():
            return
        with path.open("rb") as file:
            while line := file.readline(_MAX_LINE):
                yield line.decode("utf-8", "surrogateescape")

    def blocks(self, name: str) -> Iterator[bytes]:
        """The bytes of a file, in blocks; none where there is no such file."""
        path = self.folder / name
        if not path.is_file():
            return
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block

    def numbered_lines(self, name: str, numbers: Collection[int]) -> Mapping[int, str]:
        """The lines of these numbers (from 1) of a file, those that it has; of the kernel tracer's log, the records as text."""
        if name.endswith(".kernel"):
            return KernelLog(name, partial(self.blocks, name)).texts(numbers)
        return numbered(self.lines(name), numbers)

    def has(self, name: str) -> bool:
        """Whether the record has a file of this name."""
        return (self.folder / name).is_file()

    def session(self) -> RecordedSession | None:
        """What was opened for a user who tried the package by hand, from the plan; None where nobody did."""
        plan = self._plan()
        return plan.session if plan else None

    def _plan(self) -> Plan | None:
        text = self._document("plan.json")
        plan: Plan | None = self._model(Plan, text, "plan.json") if text else None
        return plan

    def _document(self, name: str) -> str:
        path = self.folder / name
        if not path.is_file() or path.stat().st_size > MAX_DOCUMENT_BYTES:
            return ""
        return path.read_text(encoding="ascii", errors="replace")

    def _model(self, model: type[Any], text: str, name: str) -> Any:
        try:
            return model.model_validate_json(text)
        except ValidationError as error:
            raise RecordError(f"{self._place(name)} is not of this version's format: run the analysis again") from error

    def _place(self, name: str) -> str:
        return f"{self.label}: {name}" if self.label else str(self.folder / name)
