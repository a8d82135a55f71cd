"""The report as SARIF 2.1.0, for code hosts and viewers that take the findings of static analysers.

A finding is one issue or behavior at one place: a line of the package's own files, relative to the folder in which packages are
installed (`PACKAGES`), or else the file that was analysed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from analyzer.model.report import BehaviorReport, Evidence, IssueReport
from analyzer.render.naming import purl
from analyzer.render.sarif.parts import (
    LEVELS,
    Results,
    document,
    invocation,
    message,
    physical,
    relative_uri,
    rule,
    rule_id,
    tool,
)
from analyzer.render.selection import severity_rank, varied_evidence
from analyzer.render.text import safe_text
from analyzer.render.wording import place

if TYPE_CHECKING:
    from collections.abc import Callable

    from analyzer.model.report import CodeLocation, Fact, PrecedingEvent, Report, Suppressed

Finding = IssueReport | BehaviorReport

BASE: Final = "PACKAGES"
"""The name of the folder that places are relative to (SARIF 3.4.4, `uriBaseId`)."""
BASES: Final = {
    BASE: {
        "description": {"text": "the folder in which packages are installed (site-packages), or the package's archive"}
    }
}

_PLACES: Final = 20
"""Results for one rule: a place each. What is more stands in the report."""
_LOOKED: Final = 200
_STEPS: Final = 20
_STEP: Final = 200
_PACKAGES: Final = "/site-packages/"


def render_sarif(report: Report) -> str:
    """The report as one SARIF log with one run. Behaviors of severity info, which say that a program runs, are left out."""
    found = findings(report)
    rules = Rules()
    results = Results()
    suppressed = suppressions(report)
    for finding in found:
        for one in places(finding):
            result = {
                "ruleId": rule_id(finding.id),
                "ruleIndex": rules.index(finding),
                "level": LEVELS[finding.severity],
                "message": message(_sentence(report, finding, one)),
                "locations": [location(report, one)],
            }
            results.add(result | _flow(report, one) | suppressed.get(finding.id, {}), identity(report, finding, one))
    package = report.package
    return document(
        {
            "tool": tool(report.generator, rules.rules),
            "invocations": [
                invocation(
                    report.created,
                    complete=report.completeness.status == "complete",
                    notes=[*results.notes(), *report.completeness.reasons],
                )
            ],
            "automationDetails": {"id": f"fumehood/{_quoted(package.name)}/{_quoted(package.version)}"},
            "originalUriBaseIds": BASES,
            "results": results.taken,
            "columnKind": "unicodeCodePoints",
            "properties": {"completeness": report.completeness.status},
        }
    )


class Rules:
    """The rules of a log, each once, in the order in which they are asked for."""

    def __init__(self) -> None:
        self.rules: list[dict[str, Any]] = []
        self._known: dict[str, int] = {}

    def index(self, finding: Finding) -> int:
        """The number of a finding's rule."""
        return self.number(finding.id, lambda: _rule(finding))

    def number(self, identifier: str, make: Callable[[], dict[str, Any]]) -> int:
        """The number of a rule, which is made where there is none yet."""
        name = rule_id(identifier)
        if name not in self._known:
            self._known[name] = len(self.rules)
            self.rules.append(make())
        return self._known[name]


def findings(report: Report) -> list[Finding]:
    """What is told: issues before behaviors, the most severe first."""
    behaviors = [one for one in report.behaviors if one.severity != "info"]
    return sorted(
        [*report.issues, *behaviors], key=lambda one: (severity_rank(one.severity), isinstance(one, BehaviorReport))
    )


def places(finding: Finding) -> list[Evidence | Fact | None]:
    """What shows a finding, one for each line or, where no line is known, each different one; None for a finding without any."""
    facts = finding.facts if isinstance(finding, IssueReport) else []
    found: dict[tuple[str, int, str], Evidence | Fact | None] = {}
    shown = sorted(varied_evidence(finding.evidence, _LOOKED), key=lambda one: one.outcome == "attempted")
    each: list[Evidence | Fact] = [*shown, *facts[:_LOOKED]]
    for one in each:
        file, line = _file(one)
        found.setdefault((file, line, "" if file else one.detail), one)
    return list(found.values())[:_PLACES] or [None]


def suppressions(report: Report) -> dict[str, dict[str, Any]]:
    """What the policy's suppressions say of findings, by their ids."""
    told: list[Suppressed] = report.verdict.suppressed if report.verdict is not None else []
    return {
        one.id: {
            "suppressions": [{"kind": "external", "status": "accepted", "justification": safe_text(one.reason, 300)}]
        }
        for one in told
    }


def identity(report: Report, finding: Finding, one: Evidence | Fact | None) -> tuple[str, ...]:
    """What makes a result the same in another run or version, so that a viewer knows it again."""
    target = (getattr(one, "target", "") or one.detail) if one is not None else ""
    return report.package.name, finding.id, _file(one)[0], target


def location(report: Report, one: Evidence | Fact | PrecedingEvent | None) -> dict[str, Any]:
    """Where something is shown: a line of the package's files, or else the file that was analysed."""
    file, line = _file(one)
    code = getattr(one, "location", None)
    if uri := relative_uri(file):
        named = {"name": safe_text(code.module, 200), "kind": "module"} if code is not None and code.module else {}
        return physical(uri, line, BASE) | ({"logicalLocations": [named]} if named else {})
    return own_file(report)


def own_file(report: Report) -> dict[str, Any]:
    """The file that was analysed, or the package's name where none is known."""
    package = report.package
    names = [one.filename for one in package.files if one.role == "target"]
    uri = next(filter(None, map(relative_uri, [*names, package.name])), "package")
    logical = {"name": safe_text(package.name, 200) or "package", "kind": "package"}
    whole = purl(package.name, package.version)
    return physical(uri) | {"logicalLocations": [logical | ({"fullyQualifiedName": whole} if whole else {})]}


def _rule(finding: Finding) -> dict[str, Any]:
    if isinstance(finding, IssueReport):
        advice, tags = " ".join(finding.next_steps), ["issue", finding.category]
        return rule(finding.id, finding.title, finding.problem, advice, finding.severity, tags)
    tags = ["behavior", finding.category, *finding.attack, *finding.mbc]
    return rule(finding.id, finding.title, finding.description, finding.innocent, finding.severity, tags)


def _sentence(report: Report, finding: Finding, one: Evidence | Fact | None) -> str:
    """What was found, in which package, and what shows it; the line too, where that is none of the package's files."""
    package = f"{safe_text(report.package.name, 100)} {safe_text(report.package.version, 60)}".strip()
    text = f"{safe_text(finding.title, 200)} ({package})"
    if one is None:
        return text
    code: CodeLocation | None = getattr(one, "location", None)
    elsewhere = f" at {place(code)}" if code is not None and not relative_uri(_file(one)[0]) else ""
    attempted = " (attempted)" if getattr(one, "outcome", "") == "attempted" else ""
    return f"{text}: {safe_text(one.detail, 600)}{attempted}{elsewhere}"


def _file(one: Evidence | Fact | PrecedingEvent | None) -> tuple[str, int]:
    """A file below the folder of packages and the line in it; an empty name where there is none."""
    code: CodeLocation | None = getattr(one, "location", None)
    if code is not None:
        return (code.file.rpartition(_PACKAGES)[2], code.line) if _PACKAGES in code.file else ("", 0)
    return getattr(one, "file", ""), getattr(one, "line", 0)


def _flow(report: Report, one: Evidence | Fact | None) -> dict[str, Any]:
    """From the first event that led there to the last, where there are several."""
    if not isinstance(one, Evidence) or not one.before:
        return {}
    steps: list[Evidence | PrecedingEvent] = [*one.before[:_STEPS], one]
    locations = [{"location": location(report, step) | {"message": message(step.detail, _STEP)}} for step in steps]
    return {"codeFlows": [{"threadFlows": [{"locations": locations}]}]}


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "backslashreplace")[:200], safe="")
