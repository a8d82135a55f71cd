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
from analyzer.model.content import Content, ContentSecret, ContentUrl, LicenseFact
from analyzer.model.coverage import CallableCoverage, Coverage, FailedModule, ModuleCoverage, ScriptCoverage, Skipped
from analyzer.model.direction import Direction
from analyzer.model.event import Phase
from analyzer.model.evidence import BehaviorReport, Evidence, Fact, IssueReport, PrecedingEvent, TraceSource
from analyzer.model.exploration import Exploration
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
from analyzer.model.prevalence import Anomaly, CorpusUse, Prevalence
from analyzer.model.project import Project, Vulnerability
from analyzer.model.verdict import Reason, Suppressed, Verdict

__all__ = [
    "SCHEMA_VERSION",
    "SEVERITIES",
    "Anomaly",
    "BaselineUse",
    "Beacon",
    "BehaviorReport",
    "CallableCoverage",
    "CodeLocation",
    "Completeness",
    "Connection",
    "Content",
    "ContentSecret",
    "ContentUrl",
    "CorpusUse",
    "Coverage",
    "Direction",
    "DnsData",
    "DnsQuery",
    "Evidence",
    "Exploration",
    "Fact",
    "FailedModule",
    "FastClock",
    "FileChange",
    "Files",
    "HttpExchange",
    "IssueReport",
    "LaterRun",
    "LayerAccount",
    "LeftOut",
    "LicenseFact",
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
    "Prevalence",
    "ProcessNode",
    "Project",
    "ProtocolExchange",
    "Reason",
    "Report",
    "SandboxFacts",
    "ScriptCoverage",
    "Severity",
    "SilencedProbe",
    "Skipped",
    "Suppressed",
    "Text",
    "TlsFacts",
    "TraceSource",
    "Usage",
    "Verdict",
    "Vulnerability",
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


class LeftOut(Model):
    """What a report would be too large with: how many entries of one of its lists are not in it.

    `part` names the list by its keys, such as "files.created" or "behaviors.evidence"; "texts" counts texts and lists within entries that
    were cut where they stand, and say so.
    """

    part: str
    count: int


class Report(Model):
    """One run of one package. `left_out` is empty but for a package that does, or says, more than anybody reads.

    `content`, `project` and `corpus` are None where nothing was read, asked or compared, as in reports of records of earlier versions.
    `exploration` is told where the package was tried by hand, `directions` where the run was directed at places of its code.
    """

    schema_version: Literal["1"] = SCHEMA_VERSION
    generator: str
    created: str = Field(description="UTC, RFC 3339")
    verdict: Verdict | None = Field(None, description="Of `fumehood vet` alone")
    package: Package
    project: Project | None = None
    corpus: CorpusUse | None = None
    sandbox: SandboxFacts
    completeness: Completeness
    coverage: Coverage = Field(default_factory=Coverage)
    exploration: Exploration | None = None
    directions: list[Direction] = Field(default_factory=list)
    phases: list[PhaseResult]
    behaviors: list[BehaviorReport]
    issues: list[IssueReport] = Field(default_factory=list)
    anomalies: list[Anomaly] = Field(default_factory=list)
    content: Content | None = None
    network: Network
    processes: list[ProcessNode]
    processes_left_out: int = 0
    files: Files
    left_out: list[LeftOut] = Field(default_factory=list)
