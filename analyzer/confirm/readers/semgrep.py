"""Semgrep's JSON (`semgrep --json`): `results`, each with a rule, lines of a file, and the rule's metadata."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from analyzer.confirm.readers.text import MAX_NOTES, Line, Nullable, Part, Words, cwes, message, name, tags
from analyzer.model.confirmation import Finding

_Many = Annotated[
    list[Words], BeforeValidator(lambda value: value if isinstance(value, list) else [value] if value else [])
]


class _Position(Part):
    line: Line = 0


class _Metadata(Part):
    cwe: _Many = Field(default_factory=list)
    technology: _Many = Field(default_factory=list)
    category: Words = ""
    subcategory: _Many = Field(default_factory=list)


class _Extra(Part):
    message: Words = ""
    severity: Words = ""
    metadata: _Metadata = _Metadata()


class _Match(Part):
    rule: Words = Field(alias="check_id")
    path: Words
    start: _Position = _Position()
    end: _Position = _Position()
    extra: _Extra = _Extra()


class _Error(Part):
    message: Words = ""


class _Document(Part):
    results: list[_Match]
    errors: Annotated[list[_Error], Nullable] = Field(default_factory=list)


def is_format(content: Any) -> bool:
    """Whether a JSON document is Semgrep's."""
    if not isinstance(content, dict) or not isinstance(content.get("results"), list):
        return False
    first = content["results"][:1]
    return "paths" in content or any(isinstance(one, dict) and "check_id" in one for one in first)


def read(content: Any) -> tuple[list[Finding], list[str]]:
    """The findings, and what Semgrep could not scan. Raises pydantic's ValidationError for what is not of the format."""
    document = _Document.model_validate(content)
    notes = [f"Semgrep: {message(one.message)}" for one in document.errors[:MAX_NOTES] if one.message]
    return [_finding(one, number) for number, one in enumerate(document.results)], notes


def _finding(one: _Match, number: int) -> Finding:
    metadata = one.extra.metadata
    return Finding(
        tool="Semgrep",
        rule=name(one.rule),
        message=message(one.extra.message),
        severity=name(one.extra.severity).lower(),
        file=name(one.path),
        line=one.start.line,
        end_line=max(one.end.line, one.start.line),
        tags=tags([*metadata.cwe, *metadata.technology, metadata.category, *metadata.subcategory]),
        cwes=cwes(metadata.cwe),
        pointer=f"/results/{number}",
    )
