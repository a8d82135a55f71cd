"""What two reports do not have in common, as the versioned JSON document that `fumehood diff -o json=PATH` writes.

What is new in the second one comes first, whole; what changed and what is gone in short. Key names of version 1 are fixed; keys may be
added.
"""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from analyzer.model.base import Model, Severity, Text
from analyzer.model.event import Phase
from analyzer.model.report import BehaviorReport, Evidence, Fact, IssueReport

DIFFERENCE_SCHEMA_VERSION: Final = "1"


class Side(Model):
    """One of the two reports: what was analysed, by which fumehood, where, and how far. `target` is what the user named."""

    target: Text
    name: Text
    version: Text
    created: str
    generator: Text
    status: Literal["complete", "incomplete", "failed"]
    reasons: list[Text] = Field(default_factory=list)
    backend: str
    tracer: str
    python: str


class Attribute(Model):
    """A single value that is another one now, in words: severity, outcome, by whom, whether only in calls or at later dates."""

    name: Literal["severity", "outcome", "attribution", "called_only", "later_only"]
    a: Text
    b: Text


class Act(Model):
    """What is no more acted upon."""

    phase: Phase
    target: Text


class Changed(Model):
    """A behavior or issue that both have, and what is different about it. Lists of acts are bounded, their counts are of all.

    `evidence` is one piece of each target that is new in a phase, `gone` what is no more acted upon. Where the evidence of a report was
    cut, what is missing in it may only seem so: `may_be_old` says that of `evidence`, `may_be_there` of `gone`.
    """

    id: str
    title: Text
    category: str
    severity: Severity
    new_phases: list[Phase] = Field(default_factory=list)
    gone_phases: list[Phase] = Field(default_factory=list)
    attributes: list[Attribute] = Field(default_factory=list)
    new_count: int = 0
    evidence: list[Evidence] = Field(default_factory=list)
    may_be_old: bool = False
    gone_count: int = 0
    gone: list[Act] = Field(default_factory=list)
    may_be_there: bool = False
    new_facts_count: int = 0
    new_facts: list[Fact] = Field(default_factory=list)
    gone_facts_count: int = 0


class Removed(Model):
    """A behavior or issue of the first report that the second one has not."""

    id: str
    title: Text
    category: str
    severity: Severity


class Difference(Model):
    """Report `b` held against report `a`. `notes` are sentences on what the comparison cannot rest upon."""

    schema_version: Literal["1"] = DIFFERENCE_SCHEMA_VERSION
    generator: str
    a: Side
    b: Side
    notes: list[Text] = Field(default_factory=list)
    new_behaviors: list[BehaviorReport] = Field(default_factory=list)
    new_issues: list[IssueReport] = Field(default_factory=list)
    changed_behaviors: list[Changed] = Field(default_factory=list)
    changed_issues: list[Changed] = Field(default_factory=list)
    removed_behaviors: list[Removed] = Field(default_factory=list)
    removed_issues: list[Removed] = Field(default_factory=list)

    @property
    def has_new(self) -> bool:
        """Whether the second report has a behavior or an issue that the first one has not."""
        return bool(self.new_behaviors or self.new_issues)

    @property
    def is_complete(self) -> bool:
        """Whether both runs were complete, without which nothing is known to be missing."""
        return self.a.status == self.b.status == "complete"
