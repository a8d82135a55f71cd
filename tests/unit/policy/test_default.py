"""Fumehood's own policy: what it says of each behavior and issue, unasked and called."""

from __future__ import annotations

import pytest

from analyzer import issues
from analyzer.cli.lint import findings, main
from analyzer.issues import Issue
from analyzer.model.event import PHASES
from analyzer.model.report import Fact
from analyzer.policy import default_policy
from analyzer.policy.loader import default_table
from analyzer.policy.schema import PolicyTable
from analyzer.taxonomy import Behavior, load
from tests.unit.policy.making import issue, judged, seen

MADE_FOR = {
    "execution.system.shutdown", "steal.browser.read", "steal.messenger.read", "steal.password-file.read",
    "steal.process-memory.read", "steal.wallet.read",
}  # fmt: skip
"""Critical behaviors that some honest packages are made for."""


NEVER_UNASKED = {"steal.shell-history.read", "steal.ssh-key.read"}
"""Of high severity, and still what no package may do when it is imported."""


@pytest.mark.parametrize("behavior", load(), ids=lambda one: one.id)
def test_a_behavior(behavior: Behavior) -> None:
    """Unasked, a critical one is rejected and a high one looked at, or rejected as well; called, no more than critical ones are rejected."""
    unasked, called = (
        judged(
            default_policy(),
            behaviors=[
                seen(behavior.id, behavior.severity, [{"phase": phase, "during": during}], called_only=is_called)
            ],
        ).decision
        for phase, during, is_called in (("import", "import of six", False), ("execute", "call of six:f", True))
    )
    if behavior.severity == "critical":
        assert (unasked, called) == ("REJECT", "REVIEW" if behavior.id in MADE_FOR else "REJECT")
    elif behavior.severity == "high":
        assert unasked == ("REJECT" if behavior.id in NEVER_UNASKED else "REVIEW")
        assert called in {"APPROVE", "REVIEW"}
    else:
        assert (unasked, called) == ("APPROVE", "APPROVE")


@pytest.mark.parametrize("one", issues.load(), ids=lambda one: one.id)
def test_an_issue_of_high_or_critical_severity_is_never_passed_over(one: Issue) -> None:
    for phase in one.phases or PHASES:
        rests = [seen(name, at=[{"phase": phase}]) for name in one.behaviors]
        facts = [] if rests else [Fact(source="content", detail="x")]
        found = issue(one.id, one.severity, rests, facts)
        decision = judged(default_policy(), issues=[found]).decision
        if one.severity == "critical":
            assert decision == "REJECT"
        elif one.severity == "high":
            assert decision in {"REVIEW", "REJECT"}


@pytest.mark.parametrize(
    ("identifier", "phase", "decision"),
    [
        ("execution.download", "execute", "REJECT"),
        ("persistence.autostart", "import", "REJECT"),
        ("persistence.interpreter", "import", "REJECT"),
        ("network.drop.unasked", "import", "REJECT"),
        ("theft.credentials", "install", "REJECT"),
        ("theft.credentials", "import", "REVIEW"),
        ("execution.at-start.acts", "startup", "REVIEW"),
        ("execution.at-install.unusual", "install", "REVIEW"),
        ("execution.at-install", "install", "APPROVE"),
        ("execution.at-start", "install", "APPROVE"),
        ("network.contact.unasked", "import", "REVIEW"),
        ("tampering.other-package", "import", "REVIEW"),
    ],
)
def test_issues_that_were_observed(identifier: str, phase: str, decision: str) -> None:
    known = issues.load()[identifier]
    found = issue(identifier, known.severity, [seen(known.behaviors[0], at=[{"phase": phase}])])
    assert judged(default_policy(), issues=[found]).decision == decision


@pytest.mark.parametrize(
    ("identifier", "decision"),
    [
        ("vulnerability.known", "REVIEW"),
        ("hunting.rare-component", "REVIEW"),
        ("secret.service-token", "REVIEW"),
        ("license.restricted", "REVIEW"),
        ("license.copyleft", "APPROVE"),
        ("network.url-tld.content", "APPROVE"),
    ],
)
def test_issues_that_were_read(identifier: str, decision: str) -> None:
    found = issue(identifier, issues.load()[identifier].severity, facts=[Fact(source="content", detail="x")])
    assert judged(default_policy(), issues=[found]).decision == decision


def test_a_hook_that_is_only_installed_is_judged_by_what_it_does() -> None:
    for phase, decision in (("install", "APPROVE"), ("import", "REVIEW")):
        found = seen("autostart.interpreter.hook", "high", [{"phase": phase}])
        assert judged(default_policy(), behaviors=[found]).decision == decision


def test_what_a_package_is_called_for_stays_its_own_affair() -> None:
    """As a client of a cloud reads that cloud's credentials, and nobody's when it is imported."""
    for called, decision in ((True, "APPROVE"), (False, "REVIEW")):
        found = seen("steal.cloud-credentials.read", "high", [{"phase": "execute"}], called_only=called)
        assert judged(default_policy(), behaviors=[found]).decision == decision


def test_the_linter_has_nothing_to_say_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    assert capsys.readouterr().err == ""
    assert default_table().rules


@pytest.mark.parametrize(
    ("rule", "telling"),
    [
        ({"do": "warn", "behavior": ["steal.nothing"], "because": "why"}, "there is no behavior 'steal.nothing'"),
        ({"do": "warn", "behavior": ["steal.*"]}, "has no `because`"),
        ({"do": "warn", "package": ["six"], "because": "why"}, "is about a package"),
        (
            {"do": "warn", "behavior": ["code.*"], "severity": "high", "because": "why"},
            "nothing that it names has such a",
        ),
        ({"do": "warn", "category": ["network"], "because": "why"}, "a rule before it fits the same"),
    ],
)
def test_the_linter_finds_what_is_dead_or_unknown(rule: dict[str, object], telling: str) -> None:
    first = {"do": "reject", "category": ["network"], "because": "why"}
    assert any(telling in one for one in findings(PolicyTable.model_validate({"rules": [first, rule]})))


def test_the_linter_wants_no_suppression() -> None:
    one = {"package": "six", "behavior": "file.read", "reason": "why", "expires": "2027-06-30"}
    assert list(findings(PolicyTable.model_validate({"suppress": [one]}))) == [
        "default policy: a suppression is a user's own decision"
    ]
