"""Policies and reports to judge."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from analyzer import issues
from analyzer.model.report import BehaviorReport, Content, Fact, IssueReport, LicenseFact, Verdict
from analyzer.policy import Known, Policy, evaluate, load_policy
from analyzer.taxonomy import load
from tests.unit.render.sample import behavior, evidence, quiet_report

TODAY = date(2026, 6, 30)


@cache
def known() -> Known:
    return Known.of((one.id for one in load()), (one.id for one in issues.load()))


def policy(text: str, *, defaults: bool = False) -> Policy:
    """A policy of its rules and suppressions alone."""
    head = "" if text.lstrip().startswith("[policy]") else "[policy]\n"
    if not defaults:
        text = text.replace("[policy]\n", "[policy]\ndefaults = false\n", 1) if not head else text
        head = head and "[policy]\ndefaults = false\n"
    with TemporaryDirectory() as folder:
        path = Path(folder) / "policy.toml"
        path.write_text(head + text, encoding="utf-8")
        return load_policy(path, None, known())


def rule(do: str, **keys: object) -> str:
    """A rule as it is written."""
    lines = [f"{key} = {_toml(value)}" for key, value in {"do": do, **keys}.items()]
    return "\n".join(["[[policy.rules]]", *lines, ""])


def suppression(identifier: str = "network.tcp.connect", kind: str = "behavior", **keys: object) -> str:
    """A suppression as it is written."""
    told: dict[str, object] = {
        "package": "six",
        kind: identifier,
        "reason": "looked at",
        "expires": "2027-06-30",
        **keys,
    }
    return "\n".join(["[[policy.suppress]]", *(f"{key} = {_toml(value)}" for key, value in told.items()), ""])


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def seen(
    identifier: str = "network.tcp.connect",
    severity: str = "low",
    at: Iterable[dict[str, object]] = ({},),
    **changes: object,
) -> BehaviorReport:
    """A behavior with a piece of evidence for each of `at`, which says what differs in it."""
    pieces = [evidence(f"detail {number}", number, rule=f"{identifier}/1", **each) for number, each in enumerate(at)]
    fields: dict[str, object] = {
        "attribution": list(dict.fromkeys(one.attribution for one in pieces)),
        "outcome": "completed" if any(one.outcome == "completed" for one in pieces) else "attempted",
    }
    return behavior(identifier, f"Title of {identifier}", severity, pieces, **fields | changes)


def issue(
    identifier: str = "secret.left-sandbox",
    severity: str = "critical",
    evidence: Iterable[BehaviorReport] = (),
    facts: Iterable[Fact] = (),
) -> IssueReport:
    """An issue that rests on these behaviors and facts."""
    return IssueReport(
        id=identifier,
        title=f"Title of {identifier}",
        category=identifier.split(".")[0],
        severity=severity,
        causes_risk="harm",
        problem="It is one.",
        next_steps=["Look."],
        evidence=[each for one in evidence for each in one.evidence],
        facts=list(facts),
    )


def licences(*told: tuple[str, str], target: str = "six") -> Content:
    """What reading the files gave of licences: distribution and expression of each."""
    facts = [
        LicenseFact(
            distribution=name,
            version="1.0",
            role="target" if name == target else "dependency",
            source="License-Expression",
            text=expression or "proprietary",
            expression=expression,
            kinds=[],
        )
        for name, expression in told
    ]
    return Content(files=1, bytes=1, licenses=facts)


def judged(own: Policy, today: date = TODAY, **parts: object) -> Verdict:
    """The verdict on a quiet report with these parts."""
    return evaluate(quiet_report(**parts), own, today)
