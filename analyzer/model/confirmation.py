"""What a run says of the findings of static analysers: each one confirmed, not triggered, or not observable.

The key names of version 1 are fixed; keys may be added. Texts of a scanner's document are as hostile as the package that it looked at.
"""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from analyzer.model.base import Model, Text
from analyzer.model.completeness import Completeness
from analyzer.model.direction import Reached
from analyzer.model.report import Evidence

SCHEMA_VERSION: Final = "1"

AnswerName = Literal["confirmed", "not triggered", "not observable"]
"""The behavior was seen there; it could have been seen and was not; or no run can tell, or none of this package."""

ANSWERS: Final[tuple[AnswerName, ...]] = ("confirmed", "not triggered", "not observable")

Where = Literal["line", "function", "file", "elsewhere", ""]
"""How near to the finding's place an expected behavior was seen: "elsewhere" is another file of the package, or a place that is not
known while the finding's own was reached; "" is nowhere."""

Scope = Literal["line", "function", "file", "package"]
"""How far from a finding's line its behavior may be seen and still be what the finding speaks of."""


class Finding(Model):
    """One finding of a scanner, in the scanner's own words.

    `line` and `end_line` count from 1, 0 where there is none; `file` is the path as the scanner wrote it, without a scheme. `module` and
    `function` are dotted names where the scanner tells them. `cwes` are like "CWE-78". `behaviors` are expected behaviors that the document
    itself names, ids or globs. `pointer` is where it stands in the document: a JSON pointer, or "row 3" of a table.
    """

    tool: Text
    rule: Text
    message: Text = ""
    severity: Text = ""
    file: Text = ""
    line: int = 0
    end_line: int = 0
    module: Text = ""
    function: Text = ""
    tags: list[Text] = Field(default_factory=list)
    cwes: list[str] = Field(default_factory=list)
    behaviors: list[Text] = Field(default_factory=list)
    package: Text = Field("", description="The package that it is about, where the document tells of several")
    pointer: Text = ""


class Answer(Model):
    """What the run says of one finding.

    `expected` are the ids of the behaviors that would show it, `seen` those of them that were seen where `where` says. `reached` is how
    near the run came to the place, `during` what ran then. `why` is one sentence. `evidence` is of the seen behaviors, bounded;
    `evidence_count` says how much there is in the report. `mapping` names the entry of the mapping that decided, "" where none did.
    """

    finding: Finding
    answer: AnswerName
    why: Text
    expected: list[str] = Field(default_factory=list)
    seen: list[str] = Field(default_factory=list)
    where: Where = ""
    reached: Reached = "unknown"
    during: Text = ""
    file: Text = Field("", description="The file of the package that the finding's path was taken for, as installed")
    evidence: list[Evidence] = Field(default_factory=list)
    evidence_count: int = 0
    mapping: Text = ""


class ConfirmedInput(Model):
    """The document that the findings came from: its file name, its format, and the scanners that it names."""

    name: Text
    format: str
    tools: list[Text] = Field(default_factory=list)
    notes: list[Text] = Field(default_factory=list, description="What was not read of it, and why")


class ConfirmedPackage(Model):
    """The package that was run, and the report's generator and date."""

    name: Text
    version: Text
    generator: str = ""
    created: str = ""


class Counts(Model):
    """How many findings have which answer."""

    confirmed: int = 0
    not_triggered: int = 0
    not_observable: int = 0


class Confirmation(Model):
    """The answers to all findings of one document, from one run of one package, in the document's order."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    input: ConfirmedInput
    package: ConfirmedPackage
    completeness: Completeness
    counts: Counts
    answers: list[Answer]
