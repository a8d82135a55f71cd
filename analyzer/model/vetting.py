"""What `fumehood vet` says of many packages: one document with the reports of all, as `-o json=PATH` writes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from analyzer.model.base import Model, Text
from analyzer.model.report import Report
from analyzer.model.verdict import Decision, Verdict

SCHEMA_VERSION: Final = "1"

Standing = Literal["complete", "incomplete", "failed", "not analysed", "not wanted"]
"""How a package was analysed: as its report says, or not at all; "not wanted" is one whose condition is false in the sandbox."""


class Numbers(Model):
    """How many packages there are of each kind. `reused` are among the analysed ones, `suppressed` counts findings."""

    packages: int = 0
    analysed: int = 0
    approve: int = 0
    review: int = 0
    reject: int = 0
    incomplete: int = 0
    not_analysed: int = 0
    not_wanted: int = 0
    reused: int = 0
    suppressed: int = 0


class Anchor(Model):
    """A line, from 1, of a list of the user's: the file relative to where fumehood was started, or its name alone for one elsewhere."""

    file: Text
    line: int


class VettedPackage(Model):
    """One package: its report with the verdict, or in `error` the line that says why there is none.

    `target` is what was asked for, `places` where, in words, and `anchors` where in files. `file` names the report's own file, where one
    was written; a report that would make the document too large stands only there.
    """

    target: Text
    places: list[Text] = Field(default_factory=list)
    anchors: list[Anchor] = Field(default_factory=list)
    standing: Standing
    decision: Decision | None = None
    reused: bool = False
    error: Text = ""
    file: Text = ""
    report: Report | None = None


class Vetting(Model):
    """The verdict for all, which is the severest, and all packages, the severest first. `violated` is whether the policy fails it."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    generator: str
    created: str = Field(description="UTC, RFC 3339")
    decision: Decision | None
    violated: bool
    policy: Text
    numbers: Numbers
    notes: list[Text] = Field(default_factory=list, description="What was passed over in the lists")
    packages: list[VettedPackage]


@dataclass(frozen=True, slots=True)
class Vetted:
    """What is told of one package. `verdict` is cut to what is shown; `name` is what it calls itself, or what was asked for."""

    number: int
    target: str
    places: tuple[str, ...]
    name: str
    standing: Standing
    verdict: Verdict | None = None
    suppressed: int = 0
    reused: bool = False
    error: str = ""
    anchors: tuple[Anchor, ...] = ()

    @property
    def decision(self) -> Decision | None:
        """The policy's; None for what was not analysed."""
        return self.verdict.decision if self.verdict is not None else None
