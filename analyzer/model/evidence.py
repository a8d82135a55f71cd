"""What shows a behavior or an issue: the events, the raw lines behind them, and what was read in files."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from analyzer.model.base import CodeLocation, Model, Severity, Text
from analyzer.model.event import Attribution, Layer, Outcome, Phase
from analyzer.model.prevalence import Prevalence


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
    target: Text = Field(
        "", description="What was acted upon, without what differs from run to run: what versions and policies compare"
    )
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
    prevalence: Prevalence | None = None
    attack: list[str] = Field(default_factory=list)
    mbc: list[str] = Field(default_factory=list)
    aliases: list[str] = Field(default_factory=list)
    evidence: list[Evidence]


class Fact(Model):
    """What shows an issue and is no event: a line of a file, an entry of the index, a number of the run itself.

    `file` and `line` (from 1, 0 for none) are of the package's own files where `source` is "content".
    """

    source: Literal["content", "metadata", "index", "osv", "corpus", "run"]
    detail: Text
    file: Text = ""
    line: int = 0


class IssueReport(Model):
    """What a user has to know and do: the problem, what it risks, and what to do next.

    `evidence` is what was observed, `facts` what was read and not observed: an address in a file is no address that was contacted.
    """

    id: str
    title: str
    category: str
    severity: Severity
    causes_risk: str
    problem: str
    next_steps: list[str]
    prevalence: Prevalence | None = None
    evidence: list[Evidence]
    facts: list[Fact] = Field(default_factory=list)
