"""Bandit's JSON (`bandit -f json`): `results`, of which each has a test, a place and a CWE, and `errors` for what was not read."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field

from analyzer.confirm.readers.text import MAX_NOTES, Line, Nullable, Part, Words, cwes, message, name, tags
from analyzer.model.confirmation import Finding

_LONGEST: Final = 100
"""Lines of a range that is a statement, and not a whole class."""


class _Cwe(Part):
    id: Words = ""


class _Issue(Part):
    filename: Words
    line_number: Line = 0
    line_range: Annotated[list[Line], Nullable] = Field(default_factory=list)
    test_id: Words
    test_name: Words = ""
    issue_text: Words = ""
    issue_severity: Words = ""
    issue_cwe: _Cwe | None = None


class _Error(Part):
    filename: Words = ""
    reason: Words = ""


class _Document(Part):
    results: list[_Issue]
    errors: Annotated[list[_Error], Nullable] = Field(default_factory=list)


def is_format(content: Any) -> bool:
    """Whether a JSON document is Bandit's."""
    if not isinstance(content, dict) or not isinstance(content.get("results"), list):
        return False
    results = content["results"]
    return "metrics" in content or any(isinstance(one, dict) and "test_id" in one for one in results[:1])


def read(content: Any) -> tuple[list[Finding], list[str]]:
    """The findings, and what Bandit did not read. Raises pydantic's ValidationError for what is not of the format."""
    document = _Document.model_validate(content)
    notes = [f"Bandit did not read {name(one.filename)}: {message(one.reason)}" for one in document.errors[:MAX_NOTES]]
    return [_finding(one, number) for number, one in enumerate(document.results)], notes


def _finding(one: _Issue, number: int) -> Finding:
    """The lines are those of the statement, which may begin before the line that Bandit names."""
    lines = [line for line in one.line_range if line]
    first, last = (min(lines), max(lines)) if lines else (0, 0)
    if not first <= one.line_number <= last or last - first > _LONGEST:
        first = last = one.line_number
    return Finding(
        tool="Bandit",
        rule=name(one.test_id),
        message=message(one.issue_text),
        severity=name(one.issue_severity).lower(),
        file=name(one.filename),
        line=first,
        end_line=last,
        tags=tags([one.test_name]),
        cwes=cwes([f"CWE-{one.issue_cwe.id}"]) if one.issue_cwe is not None else [],
        pointer=f"/results/{number}",
    )
