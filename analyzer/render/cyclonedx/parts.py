"""What a CycloneDX document is made of: components, licences, vulnerabilities, and what was found in words and as properties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from analyzer.render.naming import canonical_name, purl
from analyzer.render.selection import severity_rank, varied_evidence
from analyzer.render.text import safe_text
from analyzer.render.wording import place

if TYPE_CHECKING:
    from analyzer.model.report import IssueReport, Report, Vulnerability

_TEXT: Final = 2000
_EVIDENCES: Final = 10
_REASONS: Final = 20
_BEHAVIORS: Final = 500
_EXPRESSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+:() -]{0,500}")
_LINK: Final = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&()*+,;=%-]{1,2000}")
_SOURCES: Final = ("License-Expression", "License", "classifier", "file")
"""From the most to the least exact statement of a licence."""
_ISSUERS: Final = {"CVE": "NVD", "GHSA": "GitHub Advisories", "PYSEC": "Python Packaging Advisory Database"}


def reference(name: str, version: str) -> str:
    """By what a component is referred to: its package URL, where it can have one."""
    return purl(name, version) or f"distribution:{safe_text(f'{name} {version}', 300).strip()}"


def component(ref: str, name: str, version: str, digest: str, known: list[dict[str, Any]]) -> dict[str, Any]:
    """A distribution."""
    made: dict[str, Any] = {"type": "library", "bom-ref": ref, "name": safe_text(name, 300) or "unknown"}
    if version:
        made["version"] = safe_text(version, 300)
    if digest:
        made["hashes"] = [{"alg": "SHA-256", "content": digest}]
    if known:
        made["licenses"] = known
    if identifier := purl(name, version):
        made["purl"] = identifier
    return made


def licenses(report: Report, name: str) -> list[dict[str, Any]]:
    """What a distribution says of its licence, by its most exact statement: an SPDX expression, or names."""
    if report.content is None:
        return []
    wanted = canonical_name(name)
    facts = [one for one in report.content.licenses if canonical_name(one.distribution) == wanted and wanted]
    for source in _SOURCES:
        stated = [one for one in facts if one.source == source]
        expressions = list(dict.fromkeys(one.expression for one in stated if _EXPRESSION.fullmatch(one.expression)))
        if len(expressions) == 1:
            return [{"expression": expressions[0], "acknowledgement": "declared"}]
        names = expressions or list(dict.fromkeys(safe_text(one.text, 200) for one in stated if one.text))
        if names:
            return [{"license": {"name": one, "acknowledgement": "declared"}} for one in names[:20]]
    return []


def properties(report: Report) -> list[dict[str, str]]:
    """What was observed, for programs: completeness, sandbox, verdict, issues and behaviors."""
    sandbox = report.sandbox
    ran = f"{sandbox.backend}, tracer {sandbox.tracer}, Python {sandbox.python}, network {sandbox.network}"
    told = [("completeness", report.completeness.status), ("sandbox", ran)]
    told += [("completeness:reason", reason) for reason in report.completeness.reasons[:_REASONS]]
    if report.verdict is not None:
        told.append(("verdict", report.verdict.decision))
    told += [(f"issue:{one.id}", one.severity) for one in report.issues[:_BEHAVIORS]]
    ordered = sorted(report.behaviors, key=lambda one: (severity_rank(one.severity), one.id))
    for one in ordered[:_BEHAVIORS]:
        parts = (one.severity, f"{one.count} times", ", ".join(one.phases), ", ".join(one.attribution), one.outcome)
        told.append((f"behavior:{one.id}", "; ".join(parts)))
    if len(ordered) > _BEHAVIORS:
        told.append(("behaviors:left-out", str(len(ordered) - _BEHAVIORS)))
    return [{"name": f"fumehood:{safe_text(name, 200)}", "value": safe_text(value, 500)} for name, value in told]


def annotation_text(report: Report) -> Iterator[str]:
    """What was found, for people: the verdict with its reasons, then the issues, the most severe first."""
    if report.verdict is not None:
        lines = [f"{one.decision}: {one.title} ({one.rule})" for one in report.verdict.reasons[:_REASONS]]
        yield safe_text(
            "; ".join([f"Verdict {report.verdict.decision} by the policy {report.verdict.policy}", *lines]), _TEXT
        )
    if report.completeness.status != "complete":
        reasons = "; ".join(report.completeness.reasons[:_REASONS])
        yield safe_text(f"The analysis is {report.completeness.status}: {reasons}", _TEXT)
    for issue in sorted(report.issues, key=lambda one: severity_rank(one.severity))[:_BEHAVIORS]:
        yield safe_text(_issue(issue), _TEXT)


def vulnerability(known: Vulnerability, ref: str, version: str) -> dict[str, Any]:
    """A published weakness of a component."""
    identifier = safe_text(known.id, 200) or "unknown"
    made: dict[str, Any] = {
        "bom-ref": f"vulnerability:{identifier}",
        "id": identifier,
        "source": {"name": "OSV" if known.source == "osv" else "package index"},
        "affects": [{"ref": ref}],
    }
    if version:
        made["affects"][0]["versions"] = [{"version": safe_text(version, 300), "status": "affected"}]
    if known.aliases:
        aliases = [safe_text(one, 200) for one in known.aliases[:20]]
        made["references"] = [{"id": one, "source": {"name": _issuer(one)}} for one in aliases]
    if known.summary:
        made["description"] = safe_text(known.summary, _TEXT)
    if known.fixed_in:
        fixed = ", ".join(safe_text(one, 60) for one in known.fixed_in[:20])
        made["recommendation"] = f"Take a version without it: {fixed}."
    if _LINK.fullmatch(known.link):
        made["advisories"] = [{"url": known.link}]
    return made


def _issuer(identifier: str) -> str:
    prefix = identifier.partition("-")[0]
    return _ISSUERS.get(prefix) or prefix or "unknown"


def _issue(issue: IssueReport) -> str:
    seen = [
        f"{safe_text(one.detail, 300)} ({place(one.location) or one.phase})"
        for one in varied_evidence(issue.evidence, _EVIDENCES)
    ]
    read = [
        safe_text(f"{one.detail} ({one.file})" if one.file else one.detail, 300) for one in issue.facts[:_EVIDENCES]
    ]
    shown = f" Shown by: {'; '.join([*seen, *read])}." if seen or read else ""
    steps = f" Next steps: {' '.join(issue.next_steps[:_EVIDENCES])}" if issue.next_steps else ""
    return f"{issue.severity}: {issue.title}. {issue.problem}{steps}{shown} [{issue.id}]"
