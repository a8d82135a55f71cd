"""Many packages as one SARIF log, whose results stand at the lines of the user's lists: there something can be done about them.

Told is what the policy objects to, what it suppresses, every issue, and other behaviors of medium severity or more; each once for a
package, with the places in the package's code as related locations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from analyzer.model.report import BehaviorReport
from analyzer.render.sarif.parts import (
    LEVELS,
    MAX_RESULTS,
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
from analyzer.render.sarif.report import BASES, Rules, findings, location, own_file, places, suppressions
from analyzer.render.selection import severity_rank
from analyzer.render.text import safe_text

if TYPE_CHECKING:
    from analyzer.model.report import Reason, Report
    from analyzer.model.vetting import VettedPackage, Vetting
    from analyzer.render.sarif.report import Finding

_ANCHORS: Final = 10
_RELATED: Final = 5
_NOTABLE: Final = 2
"""The rank of medium severity."""
_LEVELS: Final = {"REJECT": "error", "REVIEW": "warning"}
_ORDER: Final = {"error": 0, "warning": 1, "note": 2}
_NOT_ANALYSED: Final = "vet.not-analysed"
_POLICY: Final = "vet.policy"


@dataclass(frozen=True, slots=True)
class _Told:
    """A result, how it is ordered, and what it is known again by."""

    result: dict[str, Any]
    identity: tuple[str, ...]

    @property
    def order(self) -> tuple[int, bool]:
        return _ORDER[self.result["level"]], "suppressions" in self.result


def render_vetting(vetting: Vetting, packages: Iterable[VettedPackage]) -> str:
    """One log with one run."""
    rules = Rules()
    told: list[_Told] = []
    complete, left_out = True, 0
    for one in packages:  # each has its report, which is not kept
        complete = complete and one.standing in {"complete", "not wanted"}
        told += _package(one, rules)
        if len(told) > 4 * MAX_RESULTS:
            left_out += len(told) - 2 * MAX_RESULTS
            told = sorted(told, key=lambda each: each.order)[: 2 * MAX_RESULTS]
    results = Results(left_out)
    for each in sorted(told, key=lambda each: each.order):
        results.add(each.result, each.identity)
    return document(
        {
            "tool": tool(vetting.generator, rules.rules),
            "invocations": [invocation(vetting.created, complete=complete, notes=[*results.notes(), *vetting.notes])],
            "automationDetails": {"id": "fumehood/vet/"},
            "originalUriBaseIds": BASES,
            "results": results.taken,
            "columnKind": "unicodeCodePoints",
            "properties": {"verdict": vetting.decision or "", "violated": vetting.violated},
        }
    )


def _package(one: VettedPackage, rules: Rules) -> Iterator[_Told]:
    report = one.report
    if report is None:
        if one.standing == "not analysed":
            yield _not_analysed(one, rules)
        return
    against = _against(report)
    suppressed = suppressions(report)
    for finding in findings(report):
        reason = against.get(finding.id)
        minor = isinstance(finding, BehaviorReport) and severity_rank(finding.severity) > _NOTABLE
        if minor and reason is None and finding.id not in suppressed:
            continue
        yield _finding(one, report, finding, reason, rules, suppressed.get(finding.id, {}))
    for said in report.verdict.reasons if report.verdict is not None else ():
        if said.kind in {"run", "licence"}:
            yield _policy(one, report, said, rules)


def _finding(
    one: VettedPackage,
    report: Report,
    finding: Finding,
    reason: Reason | None,
    rules: Rules,
    suppressed: dict[str, Any],
) -> _Told:
    shown = places(finding)
    first = safe_text(shown[0].detail, 300) if shown[0] is not None else ""
    more = f" (and {len(shown) - 1} more)" if len(shown) > 1 else ""
    by = f" The policy: {safe_text(reason.rule, 200)}." if reason is not None else ""
    text = f"{_name(report)}: {safe_text(finding.title, 200)}{f': {first}{more}' if first else ''}.{by}"
    related = [
        location(report, each) | {"id": number, "message": message(each.detail, 200)}
        for number, each in enumerate(shown[:_RELATED], 1)
        if each is not None
    ]
    level = _LEVELS[reason.decision] if reason is not None else LEVELS[finding.severity]
    result: dict[str, Any] = {
        "ruleId": rule_id(finding.id),
        "ruleIndex": rules.index(finding),
        "level": level,
        "message": message(text),
        "locations": _anchors(one, report),
        "properties": {"package": _name(report), "verdict": one.decision or ""},
    }
    again = (report.package.name, finding.id, one.target)
    return _Told(result | ({"relatedLocations": related} if related else {}) | suppressed, again)


def _policy(one: VettedPackage, report: Report, reason: Reason, rules: Rules) -> _Told:
    """What the policy objects to in the run, or in a licence."""
    meaning = "The policy asks for something of the analysis or of the licences that this package has not."
    index = rules.number(
        _POLICY,
        lambda: rule(_POLICY, "The policy is not met", meaning, "Look at what the policy says.", "medium", ["policy"]),
    )
    text = f"{_name(report)}: {safe_text(reason.title, 300)}. The policy: {safe_text(reason.rule, 200)}."
    result = {
        "ruleId": _POLICY,
        "ruleIndex": index,
        "level": _LEVELS[reason.decision],
        "message": message(text),
        "locations": _anchors(one, report),
        "properties": {"package": _name(report), "verdict": one.decision or ""},
    }
    return _Told(result, (report.package.name, _POLICY, reason.kind, reason.title))


def _not_analysed(one: VettedPackage, rules: Rules) -> _Told:
    meaning = "Nothing is known of what this package does, since it could not be analysed."
    advice = "Name it so that it can be analysed, or decide about it otherwise."
    index = rules.number(
        _NOT_ANALYSED, lambda: rule(_NOT_ANALYSED, "Not analysed", meaning, advice, "medium", ["policy"])
    )
    result = {
        "ruleId": _NOT_ANALYSED,
        "ruleIndex": index,
        "level": "warning",
        "message": message(f"{safe_text(one.target, 200)} is not analysed: {safe_text(one.error, 500)}"),
        "locations": _anchors(one, None),
    }
    return _Told(result, (one.target, _NOT_ANALYSED))


def _anchors(one: VettedPackage, report: Report | None) -> list[dict[str, Any]]:
    """The lines that ask for a package; the file that was analysed for one that no list asks for."""
    lines = [(relative_uri(anchor.file), anchor.line) for anchor in one.anchors[:_ANCHORS]]
    found = [physical(uri, line) for uri, line in lines if uri]
    if found:
        return found
    return [own_file(report) if report is not None else physical(relative_uri(one.target) or "package")]


def _against(report: Report) -> dict[str, Reason]:
    """What the policy objects to, by the finding's id, the severest of each."""
    found: dict[str, Reason] = {}
    for one in report.verdict.reasons if report.verdict is not None else ():
        if one.id and (one.id not in found or one.decision == "REJECT"):
            found[one.id] = one
    return found


def _name(report: Report) -> str:
    return safe_text(f"{report.package.name} {report.package.version}".strip(), 160)
