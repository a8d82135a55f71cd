"""The report: what one run of one package showed, as the versioned JSON document that other tools read.

The key names of version 1 are fixed; keys may be added. All text that came out of the sandbox is kept as it was seen,
except that surrogate escapes become backslash escapes, so that the document is valid UTF-8. Renderers escape it for
their medium.
"""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from analyzer.model.activity import FileChange, Files, ProcessNode
from analyzer.model.base import SEVERITIES, CodeLocation, Model, Severity, Text
from analyzer.model.completeness import Completeness, LayerAccount, LimitUse, MissingCommand, SilencedProbe
from analyzer.model.coverage import CallableCoverage, Coverage, FailedModule, ModuleCoverage, ScriptCoverage, Skipped
from analyzer.model.event import Attribution, Layer, Outcome, Phase
from analyzer.model.network import (
    Beacon,
    Connection,
    DnsData,
    DnsQuery,
    HttpExchange,
    Network,
    NetworkLeftOut,
    ProtocolExchange,
    TlsFacts,
)

__all__ = [
    "SCHEMA_VERSION",
    "SEVERITIES",
    "BaselineUse",
    "Beacon",
    "BehaviorReport",
    "CallableCoverage",
    "CodeLocation",
    "Completeness",
    "Connection",
    "Coverage",
    "DnsData",
    "DnsQuery",
    "Evidence",
    "FailedModule",
    "FastClock",
    "FileChange",
    "Files",
    "HttpExchange",
    "IssueReport",
    "LaterRun",
    "LayerAccount",
    "LeftOut",
    "Limit",
    "LimitUse",
    "MissingCommand",
    "ModuleCoverage",
    "Network",
    "NetworkLeftOut",
    "Package",
    "PackageFile",
    "PhaseResult",
    "PrecedingEvent",
    "ProcessNode",
    "ProtocolExchange",
    "Report",
    "SandboxFacts",
    "ScriptCoverage",
    "Severity",
    "SilencedProbe",
    "Skipped",
    "Text",
    "TlsFacts",
    "TraceSource",
    "Usage",
]

SCHEMA_VERSION: Final = "1"


class PackageFile(Model):
    """One file that was analysed: the target's own first, then what it needed."""

    filename: Text
    sha256: str
    size: int
    role: Literal["target", "dependency", "build"] = "target"


class Package(Model):
    """What was analysed."""

    ecosystem: Literal["pypi"] = "pypi"
    name: Text
    version: Text
    files: list[PackageFile]


class Usage(Model):
    """What the host saw the sandbox use: peak resident memory in bytes, CPU seconds, most processes at one time."""

    peak_memory_bytes: int
    cpu_seconds: float
    max_processes: int


class Limit(Model):
    """What could not be seen: why, and of which behavior, where it is about one."""

    text: Text
    behavior: str = ""


class BaselineUse(Model):
    """What an empty package's run showed of acts, and how many of this run's were taken for the same and not for the package's.

    `missing` is why there is no such run to hold this one against, empty where there is one.
    """

    events: int
    subtracted: int
    missing: Text = ""


class LaterRun(Model):
    """One repetition of the import and execute phases: the date that the package saw at its begin, and how long it took."""

    date: str = Field(description="UTC, RFC 3339")
    days_ahead: float
    duration_seconds: float


class FastClock(Model):
    """A clock that ran ahead: by how much delays were shortened, in how many times, and at which later dates the package was run again.

    What was shortened is hearsay where a program of the package's took part in it: it shares that clock.
    """

    skipped_seconds: float
    skips: int
    later: list[LaterRun]


class SandboxFacts(Model):
    """Where it ran: backend docker or embedded, OCI runtime or bubblewrap, tracer, Python version, kind of network.

    `tracer_note` is why the tracer is not the preferred one, empty where it is; `limits` says what could not be seen by it here.
    `baseline` is of an empty package's run in the same place; the records of earlier versions have none. `clock` is told where the
    package's clock ran ahead (`--fast-clock`).
    """

    backend: str
    runtime: str
    tracer: str
    python: str
    network: str
    usage: Usage | None = None
    tracer_note: str = ""
    limits: list[Limit] = Field(default_factory=list)
    baseline: BaselineUse | None = None
    clock: FastClock | None = None


class PhaseResult(Model):
    """How one phase ended. A package that fails to build or import is a result, not an error of fumehood's."""

    name: Phase
    status: Literal["ok", "failed", "timeout", "skipped"]
    duration_seconds: float
    detail: Text = ""


class TraceSource(Model):
    """The raw line behind a piece of evidence: file inside the run's record, line number from 1, and its text, bounded."""

    file: str
    line: int
    text: Text = ""


class PrecedingEvent(Model):
    """An event that led to a piece of evidence: the earlier stages of a sequence, the first of many."""

    time: float
    pid: int
    event: str
    detail: Text
    location: CodeLocation | None = None
    source: TraceSource


class Evidence(Model):
    """One event that shows a behavior. `detail` is one readable line; `event` is the event's kind.

    `rule` names the rule that said so: the behavior and its number among that behavior's rules (`fumehood explain`).
    `before` are the events without which this one would show nothing. `during` is what ran then, in words: "import of sample.api",
    "call of sample.api:Client.get", "script sample --help", "install". `distribution` is the one whose code it was, as far as known.
    """

    phase: Phase
    time: float
    pid: int
    process: Text
    event: str
    detail: Text
    location: CodeLocation | None
    source: TraceSource
    layer: Layer
    outcome: Outcome
    attribution: Attribution = "package"
    distribution: Text = ""
    during: Text = ""
    rule: str = ""
    before: list[PrecedingEvent] = Field(default_factory=list)


class BehaviorReport(Model):
    """A named behavior that was observed, how often, when, by whom and by which independent witnesses.

    `description` says what it means, `innocent` what an honest package may do it for. `called_only` is true where it was seen only
    while callables of the package were called with made-up arguments: no user of the package may ever call them so. `later_only` is true
    where it was seen only when the package was run once more, with its clock moved ahead to a later date.
    """

    id: str
    title: str
    category: str
    severity: Severity
    description: str = ""
    innocent: str = ""
    count: int
    phases: list[Phase]
    attribution: list[Attribution]
    witnesses: list[Layer]
    outcome: Outcome
    called_only: bool = False
    later_only: bool = False
    prevalence: None = None
    attack: list[str] = Field(default_factory=list)
    mbc: list[str] = Field(default_factory=list)
    aliases: list[str] = Field(default_factory=list)
    evidence: list[Evidence]


class IssueReport(Model):
    """What a user has to know and do: the problem that one or several behaviors are, what it risks, and what to do next."""

    id: str
    title: str
    category: str
    severity: Severity
    causes_risk: str
    problem: str
    next_steps: list[str]
    prevalence: None = None
    evidence: list[Evidence]


class LeftOut(Model):
    """What a report would be too large with: how many entries of one of its lists are not in it.

    `part` names the list by its keys, such as "files.created" or "behaviors.evidence"; "texts" counts texts and lists within entries that
    were cut where they stand, and say so.
    """

    part: str
    count: int


class Report(Model):
    """One run of one package. `left_out` is empty but for a package that does, or says, more than anybody reads."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    generator: str
    created: str = Field(description="UTC, RFC 3339")
    package: Package
    sandbox: SandboxFacts
    completeness: Completeness
    coverage: Coverage = Field(default_factory=Coverage)
    phases: list[PhaseResult]
    behaviors: list[BehaviorReport]
    issues: list[IssueReport] = Field(default_factory=list)
    network: Network
    processes: list[ProcessNode]
    processes_left_out: int = 0
    files: Files
    left_out: list[LeftOut] = Field(default_factory=list)
