"""What a policy says of a report."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from analyzer.model.base import Model, Severity, Text

Decision = Literal["APPROVE", "REVIEW", "REJECT"]
DECISIONS: tuple[Decision, ...] = ("APPROVE", "REVIEW", "REJECT")
"""From the mildest to the severest, which decides."""


class Reason(Model):
    """Why a verdict is not APPROVE: what of the report, and which rule of the policy.

    `id` is of a behavior or issue, empty for what is about the run as a whole. `evidence` is one line that shows it best.
    """

    decision: Literal["REVIEW", "REJECT"]
    kind: Literal["behavior", "issue", "licence", "run"]
    id: str = ""
    title: Text
    severity: Severity | None = None
    rule: Text = Field(description="The policy's rule, in its own words")
    evidence: Text = ""


class Suppressed(Model):
    """A finding that a suppression of the policy took away, with that one's reason and the day from which on it does so no more."""

    kind: Literal["behavior", "issue"]
    id: str
    reason: Text
    expires: str


class Verdict(Model):
    """The decision with its reasons, the severest first. `policy` names where the policy came from, `expired` those past their day."""

    decision: Decision
    reasons: list[Reason] = Field(default_factory=list)
    suppressed: list[Suppressed] = Field(default_factory=list)
    expired: list[Text] = Field(default_factory=list)
    policy: Text
