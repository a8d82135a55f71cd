"""The report: what one run of one package showed, as the versioned JSON document that other tools read.

The key names of version 1 are fixed; keys may be added. All text that came out of the sandbox is kept as it was seen,
except that surrogate escapes become backslash escapes, so that the document is valid UTF-8. Renderers escape it for
their medium.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from analyzer.model.event import Attribution, Layer, Outcome, Phase

SCHEMA_VERSION: Final = "1"

Severity = Literal["info", "low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high", "critical")
"""From what every program does to what no honest package does."""


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


Text = Annotated[str, AfterValidator(_encodable)]
"""Text from the sandbox, made encodable; still hostile."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class PackageFile(_Model):
    """One file that was analysed: the target's own first, then what it needed."""

    filename: Text
    sha256: str
    size: int
    role: Literal["target", "dependency", "build"] = "target"


class Package(_Model):
    """What was analysed."""

    ecosystem: Literal["pypi"] = "pypi"
    name: Text
    version: Text
    files: list[PackageFile]


class Usage(_Model):
    """What the host saw the sandbox use: peak resident memory in bytes, CPU seconds, most processes at one time."""

    peak_memory_bytes: int
    cpu_seconds: float
    max_processes: int


class Limit(_Model):
    """What could not be seen: why, and of which behavior, where it is about one."""

    text: Text
    behavior: str = ""


class SandboxFacts(_Model):
    """Where it ran: backend docker or embedded, OCI runtime or bubblewrap, tracer, Python version, kind of network.

    `tracer_note` is why the tracer is not the preferred one, empty where it is; `limits` says what could not be seen by it here.
    """

    backend: str
    runtime: str
    tracer: str
    python: str
    network: str
    usage: Usage | None = None
    tracer_note: str = ""
    limits: list[Limit] = Field(default_factory=list)


class Completeness(_Model):
    """Whether everything was seen. Anything short of it makes the run incomplete, with the reasons."""

    status: Literal["complete", "incomplete", "failed"]
    reasons: list[Text] = []
    events: int
    dropped: int


class PhaseResult(_Model):
    """How one phase ended. A package that fails to build or import is a result, not an error of fumehood's."""

    name: Phase
    status: Literal["ok", "failed", "timeout", "skipped"]
    duration_seconds: float
    detail: Text = ""


class CodeLocation(_Model):
    """The Python code behind a piece of evidence."""

    distribution: Text
    module: Text
    file: Text
    line: int


class TraceSource(_Model):
    """The raw line behind a piece of evidence: file inside the run's record, line number from 1, and its text, bounded."""

    file: str
    line: int
    text: Text = ""


class PrecedingEvent(_Model):
    """An event that led to a piece of evidence: the earlier stages of a sequence, the first of many."""

    time: float
    pid: int
    event: str
    detail: Text
    source: TraceSource


class Evidence(_Model):
    """One event that shows a behavior. `detail` is one readable line; `event` is the event's kind.

    `rule` names the rule that said so: the behavior and its number among that behavior's rules (`fumehood explain`).
    `before` are the events without which this one would show nothing.
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
    rule: str = ""
    before: list[PrecedingEvent] = []


class BehaviorReport(_Model):
    """A named behavior that was observed, how often, when, by whom and by which independent witnesses.

    `description` says what it means, `innocent` what an honest package may do it for.
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
    prevalence: None = None
    attack: list[str] = []
    mbc: list[str] = []
    aliases: list[str] = []
    evidence: list[Evidence]


class DnsQuery(_Model):
    """A name that was asked for."""

    name: Text
    type: Text
    server: Text
    answers: list[Text]
    phase: Phase
    time: float


class Connection(_Model):
    """One TCP connection or UDP exchange with what was sent to and received from the peer, in payload bytes."""

    transport: str
    address: Text
    port: int
    names: list[Text] = []
    direction: Literal["outgoing", "incoming"]
    established: bool
    sent_bytes: int
    received_bytes: int
    tls_name: Text = ""
    phase: Phase
    time: float
    process: Text = ""


class HttpExchange(_Model):
    """One HTTP request and the simulated internet's answer."""

    method: Text
    url: Text
    status: int
    request_bytes: int
    response_bytes: int
    tls: bool
    phase: Phase
    time: float


class Network(_Model):
    """What went over the simulated wire."""

    dns: list[DnsQuery] = []
    connections: list[Connection] = []
    http: list[HttpExchange] = []


class ProcessNode(_Model):
    """A process and the ones that it started."""

    pid: int
    program: Text
    argv: list[Text]
    phase: Phase
    started: float
    exit: Text
    attribution: Attribution
    children: list[ProcessNode] = []


class RenamedFile(_Model):
    """A rename that was seen."""

    source: Text
    target: Text


class Files(_Model):
    """What the package left in the writable tree, without what the installer lays by itself."""

    created: list[Text] = []
    modified: list[Text] = []
    deleted: list[Text] = []
    renamed: list[RenamedFile] = []


class Report(_Model):
    """One run of one package."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    generator: str
    created: str = Field(description="UTC, RFC 3339")
    package: Package
    sandbox: SandboxFacts
    completeness: Completeness
    phases: list[PhaseResult]
    behaviors: list[BehaviorReport]
    issues: list[None] = []
    network: Network
    processes: list[ProcessNode]
    files: Files
