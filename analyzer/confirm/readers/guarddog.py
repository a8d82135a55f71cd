"""GuardDog's JSON: of `scan`, one result; of `verify`, a list of packages with one result each.

A result's `results` has a list of {location, code, message} for each rule on code ("setup.py:12"), a message for each rule on metadata,
and nothing, {} or null for rules that found nothing. Versions before 1.0 wrote {location: code}. `risks`, from version 3 on, tell what
a rule identifies and how severe it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from analyzer.confirm.readers.text import MAX_NOTES, Nullable, Part, Words, message, name, place, tags
from analyzer.model.confirmation import Finding


class Match(Part):
    """One place that a rule on code found."""

    location: Words = ""
    message: Words = ""


class _Risk(Part):
    severity: Words = ""
    threat_rule: Words = ""
    threat_identifies: Words = ""
    capability_rule: Words = ""
    capability_identifies: Words = ""


def _matches(value: Any) -> Any:
    """What a rule found, as a list of places or as a text."""
    if value is None:
        return []
    if isinstance(value, dict):
        return [{"location": location, "message": ""} for location in value]
    return value


class _Result(Part):
    results: dict[str, Annotated[list[Match] | str, BeforeValidator(_matches)]]
    errors: Annotated[dict[str, Words], BeforeValidator(lambda value: value or {})] = Field(default_factory=dict)
    risks: Annotated[list[_Risk], Nullable] = Field(default_factory=list)


class _Scan(_Result):
    package: Words = ""


class _Dependency(Part):
    dependency: Words = ""
    result: _Result


def is_format(content: Any) -> bool:
    """Whether a JSON document is GuardDog's."""
    one = content[0] if isinstance(content, list) and content else content
    if not isinstance(one, dict):
        return False
    return isinstance(one.get("results"), dict) or (isinstance(one.get("result"), dict) and "dependency" in one)


def read(content: Any) -> tuple[list[Finding], list[str]]:
    """The findings, and the rules that could not be run. Raises pydantic's ValidationError for what is not of the format."""
    findings: list[Finding] = []
    notes: list[str] = []
    if isinstance(content, list):
        for number, item in enumerate(content):
            if isinstance(item, dict) and "result" in item:
                one = _Dependency.model_validate(item)
                findings += _findings(one.result, one.dependency, f"/{number}/result/results")
                notes += _notes(one.result)
            else:
                scan = _Scan.model_validate(item)
                findings += _findings(scan, "", f"/{number}/results")
                notes += _notes(scan)
    else:
        scan = _Scan.model_validate(content)
        findings, notes = [*_findings(scan, "", "/results")], [*_notes(scan)]
    return findings, notes[:MAX_NOTES]


def _notes(result: _Result) -> Iterator[str]:
    for rule, reason in list(result.errors.items())[:MAX_NOTES]:
        yield f"GuardDog did not run {name(rule)}: {message(reason)}"


def _findings(result: _Result, package: str, pointer: str) -> Iterator[Finding]:
    about: dict[str, list[str]] = {}
    severities: dict[str, str] = {}
    for risk in result.risks:
        about.setdefault(risk.threat_rule, []).append(risk.threat_identifies)
        about.setdefault(risk.capability_rule, []).append(risk.capability_identifies)
        severities.setdefault(risk.threat_rule, risk.severity)
    for rule, found in result.results.items():
        matches = [Match(message=found)] if isinstance(found, str) and found else found
        for number, match in enumerate(matches if isinstance(matches, list) else []):
            file, line = place(match.location)
            yield Finding(
                tool="GuardDog",
                rule=name(rule),
                message=message(match.message),
                severity=name(severities.get(rule, "")),
                file=file,
                line=line,
                end_line=line,
                tags=tags(about.get(rule, [])),
                package=name(package),
                pointer=f"{pointer}/{rule[:100]}" + (f"/{number}" if isinstance(found, list) else ""),
            )
