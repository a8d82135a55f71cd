"""The verdict of a policy on a report: a pure function of the two and of the day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, Literal

from analyzer.model.base import SEVERITIES
from analyzer.model.report import LicenseFact, Report
from analyzer.model.verdict import DECISIONS, Decision, Reason, Suppressed, Verdict
from analyzer.policy.findings import Finding, findings
from analyzer.policy.licences import Names, severest
from analyzer.policy.loader import Policy, Rule
from analyzer.policy.matching import Subject, concerns, rule_fits, rule_fits_licence, suppresses
from analyzer.policy.schema import SuppressionTable

_DECISIONS: Final[dict[str, Decision]] = {"allow": "APPROVE", "warn": "REVIEW", "reject": "REJECT"}
AT_LEAST: Final[dict[str, Literal["REVIEW", "REJECT"]]] = {"review": "REVIEW", "reject": "REJECT"}
"""The decisions that a policy names."""

_MOST_REASONS: Final = 200
_KINDS: Final = ("run", "issue", "behavior", "licence")
_MAX_TEXT: Final = 200


def evaluate(report: Report, policy: Policy, today: date) -> Verdict:
    """What a policy says of a report.

    The first rule that fits decides on a behavior, an issue or a licence; what none fits is allowed. A suppression takes a finding away
    through its last day. What is not complete gives at least what the policy says of that.
    """
    subject = Subject.of(report.package.name, report.package.version)
    valid = [one for one in policy.suppressions if today <= one.expires]
    reasons, suppressed = [*_of_run(report, policy)], []
    for finding in findings(report):
        rule = next((rule for rule in policy.rules if rule_fits(rule.table, finding, subject)), None)
        taken = next((one for one in valid if suppresses(one, finding, subject)), None)
        if taken is not None:
            suppressed.append(_suppressed(finding, taken))
        elif rule is not None and (reason := _reason(rule, finding)) is not None:
            reasons.append(reason)
    reasons += _of_licences(report, policy, subject)
    decisions: list[Decision] = ["APPROVE", *(one.decision for one in reasons)]
    return Verdict(
        decision=max(decisions, key=DECISIONS.index),
        reasons=_bounded(sorted(reasons, key=_rank)),
        suppressed=suppressed,
        expired=[_told(one) for one in policy.suppressions if today > one.expires and concerns(one, subject)],
        policy=policy.name,
    )


def violates(decision: Decision, policy: Policy) -> bool:
    """Whether a decision is one that the policy calls a violation (`fail-on`)."""
    return DECISIONS.index(decision) >= DECISIONS.index(AT_LEAST[policy.fail_on])


def _reason(rule: Rule, finding: Finding) -> Reason | None:
    decision = _DECISIONS[rule.table.do]
    if decision == "APPROVE":
        return None
    return Reason(
        decision=decision,
        kind=finding.kind,
        id=finding.id,
        title=finding.title,
        severity=finding.severity,
        rule=rule.words,
        evidence=finding.line,
    )


def _suppressed(finding: Finding, by: SuppressionTable) -> Suppressed:
    return Suppressed(kind=finding.kind, id=finding.id, reason=by.reason, expires=by.expires.isoformat())


def _told(one: SuppressionTable) -> str:
    target = f" at {', '.join(one.target)}" if one.target is not None else ""
    return (
        f"{one.behavior or one.issue} of {one.package}{target}, expired after {one.expires.isoformat()}: {one.reason}"
    )


def _of_run(report: Report, policy: Policy) -> Iterator[Reason]:
    """Why less is known than there may be, which is never better than what is known."""
    decision = AT_LEAST[policy.incomplete]
    rule = f"incomplete = {policy.incomplete!r} ({policy.name})".replace("'", '"')
    status = report.completeness.status
    if status != "complete":
        why = "; ".join(report.completeness.reasons[:3])[:_MAX_TEXT]
        yield Reason(decision=decision, kind="run", title=f"The analysis is {status}", rule=rule, evidence=why)
    why = "the record is of a version that did not read them" if report.content is None else ""
    if any(one.part == "content.licenses" for one in report.left_out):
        why = "there are more than the report has room for"
    if why and any(_asks_for_licences(rule) for rule in policy.rules):
        yield Reason(decision=decision, kind="run", title="Licences are not known", rule=rule, evidence=why)


def _asks_for_licences(rule: Rule) -> bool:
    return rule.table.licence is not None and rule.table.do != "allow"


def _of_licences(report: Report, policy: Policy, subject: Subject) -> Iterator[Reason]:
    """What rules say of licences, where any does: one reason for each licence of a distribution."""
    if report.content is None or not any(rule.table.licence is not None for rule in policy.rules):
        return
    told = set[tuple[str, str]]()
    for fact in _telling(report.content.licenses, report):
        rules: dict[Names, Rule | None] = {}

        def severity(names: Names, rules: dict[Names, Rule | None] = rules) -> int:
            rule = next((rule for rule in policy.rules if rule_fits_licence(rule.table, names, subject)), None)
            rules[names] = rule
            return DECISIONS.index(_DECISIONS[rule.table.do]) if rule is not None else 0

        number, names = severest(fact.expression, severity)
        rule = rules[names]
        if not number or rule is None or (fact.distribution, names[0]) in told:
            continue
        told.add((fact.distribution, names[0]))
        yield _of_licence(fact, names[0], rule)


def _of_licence(fact: LicenseFact, licence: str, rule: Rule) -> Reason:
    whose = f"{fact.distribution[:_MAX_TEXT]} {fact.version[:_MAX_TEXT]}".strip()
    return Reason(
        decision="REJECT" if rule.table.do == "reject" else "REVIEW",
        kind="licence",
        id=licence,
        title=f"Licence of {whose}: {licence}",
        rule=rule.words,
        evidence=f"{fact.source}: {fact.text[:_MAX_TEXT]}" + (f" ({fact.file[:_MAX_TEXT]})" if fact.file else ""),
    )


def _telling(facts: Iterable[LicenseFact], report: Report) -> list[LicenseFact]:
    """The facts that count: that one of several does not name a licence says nothing; that none does is told once."""
    known = {fact.distribution for fact in facts if fact.expression}
    kept = [fact for fact in facts if fact.expression or fact.distribution not in known]
    if any(fact.role == "target" for fact in kept):
        return kept
    nothing = LicenseFact(
        distribution=report.package.name,
        version=report.package.version,
        role="target",
        source="file",
        text="nothing names one",
        expression="",
        kinds=[],
    )
    return [nothing, *kept]


def _rank(reason: Reason) -> tuple[int, int, int, str]:
    severity = SEVERITIES.index(reason.severity) if reason.severity is not None else -1
    return -DECISIONS.index(reason.decision), -severity, _KINDS.index(reason.kind), reason.id


def _bounded(reasons: list[Reason]) -> list[Reason]:
    """The first of many, with how many there are besides."""
    if len(reasons) <= _MOST_REASONS:
        return reasons
    rest = reasons[_MOST_REASONS - 1 :]
    more = Reason(decision=rest[0].decision, kind="run", title=f"{len(rest):,} more reasons", rule="not listed")
    return [*reasons[: _MOST_REASONS - 1], more]
