"""Which rule fits what, and which suppression. Where a fit is in doubt, it is the one that lets less pass.

A rule that allows has to cover a finding as a whole; one that warns or rejects fits where any of a finding does. A suppression takes
away only what it covers as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from analyzer.model.base import SEVERITIES, Severity
from analyzer.policy.findings import Finding, Kind
from analyzer.policy.licences import Names
from analyzer.policy.patterns import fits, fits_any
from analyzer.policy.schema import RuleTable, SuppressionTable, has_star

_TRAITS = ("phase", "attribution", "witness", "outcome")


@dataclass(frozen=True, slots=True)
class Subject:
    """The analysed package: its name as the index compares names, and its version as it says it."""

    name: str
    version: str

    @classmethod
    def of(cls, name: str, version: str) -> Subject:
        """From a name in any spelling."""
        return cls(canonicalize_name(name), version)


def rule_fits(rule: RuleTable, finding: Finding, subject: Subject) -> bool:
    """Whether a rule says something of a behavior or issue of a package."""
    return (
        names(rule, finding.kind, finding.id, finding.category, finding.severity)
        and _fits_package(rule, subject)
        and (rule.prevalence is None or finding.prevalence in rule.prevalence)
        and (rule.called is None or finding.called is rule.called)
        and _fits_traits(rule, finding)
    )


def names(rule: RuleTable, kind: Kind, identifier: str, category: str, severity: Severity) -> bool:
    """Whether a rule may say something of a behavior or issue at all, by what never changes of it."""
    ids, others = (rule.behavior, rule.issue) if kind == "behavior" else (rule.issue, rule.behavior)
    return (
        rule.licence is None
        and others is None
        and (ids is None or fits_any(identifier, ids))
        and (rule.category is None or fits_any(category, rule.category))
        and _fits_severity(rule, severity)
    )


def rule_fits_licence(rule: RuleTable, licence: Names, subject: Subject) -> bool:
    """Whether a rule says something of a licence of a package: rules about licences do, and those about everything."""
    others = rule.model_fields_set & {"behavior", "issue", "category", "severity", "prevalence", "called", *_TRAITS}
    if others or not _fits_package(rule, subject):
        return False
    if rule.licence is None:
        return True
    return any(fits(name.lower(), pattern.lower()) for name in licence for pattern in rule.licence)


def suppresses(one: SuppressionTable, finding: Finding, subject: Subject) -> bool:
    """Whether a suppression takes a finding away, its day aside: with a target, only where all evidence is there and fits."""
    named = one.behavior if finding.kind == "behavior" else one.issue
    if named != finding.id or not concerns(one, subject):
        return False
    if one.target is None:
        return True
    targets = finding.targets
    return finding.is_whole and bool(targets) and all(each and fits_any(each, one.target) for each in targets)


def concerns(one: SuppressionTable, subject: Subject) -> bool:
    """Whether a suppression is for this package in this version."""
    return _is_named(one.package, subject, in_doubt=False)


def _fits_package(rule: RuleTable, subject: Subject) -> bool:
    return rule.package is None or _is_any_of(rule.package, subject, in_doubt=rule.do != "allow")


def _is_any_of(names: Iterable[str], subject: Subject, *, in_doubt: bool) -> bool:
    return any(
        fits(subject.name, canonicalize_name(name)) if has_star(name) else _is_named(name, subject, in_doubt=in_doubt)
        for name in names
    )


def _is_named(requirement: str, subject: Subject, *, in_doubt: bool) -> bool:
    """Whether a package is meant; `in_doubt` is the answer where its version is none that can be compared."""
    wanted = Requirement(requirement)
    if canonicalize_name(wanted.name) != subject.name:
        return False
    if not wanted.specifier:
        return True
    try:
        return wanted.specifier.contains(Version(subject.version), prereleases=True)
    except ValueError:  # InvalidVersion, or a number of more digits than Python reads
        return in_doubt


def _fits_severity(rule: RuleTable, severity: Severity) -> bool:
    if rule.severity is None:
        return True
    if isinstance(rule.severity, str):
        return SEVERITIES.index(severity) >= SEVERITIES.index(rule.severity)
    return severity in rule.severity


def _fits_traits(rule: RuleTable, finding: Finding) -> bool:
    wanted = {name: frozenset(getattr(rule, name)) for name in _TRAITS if getattr(rule, name) is not None}
    if not wanted:
        return True
    if rule.do == "allow":
        return not finding.has_facts and all(
            bool(finding.spread[name]) and finding.spread[name] <= values for name, values in wanted.items()
        )
    if any(all(getattr(trait, name) in values for name, values in wanted.items()) for trait in finding.traits):
        return True
    return not finding.is_whole and all(finding.spread[name] & values for name, values in wanted.items())
