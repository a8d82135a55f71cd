"""From findings to a verdict: who decides, what is suppressed and until when, and what never changes for the better."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.model.report import Completeness, Fact
from analyzer.model.verdict import DECISIONS
from analyzer.policy import Policy, default_policy, violates
from tests.unit.policy.making import TODAY, issue, judged, licences, policy, rule, seen, suppression
from tests.unit.render.sample import quiet_report

CONNECT = "network.tcp.connect"


def test_what_no_rule_fits_is_allowed() -> None:
    assert judged(policy(""), behaviors=[seen(severity="critical")]).decision == "APPROVE"


def test_the_first_rule_that_fits_decides() -> None:
    verdict = judged(policy(rule("warn", behavior=CONNECT) + rule("reject", category="network")), behaviors=[seen()])
    assert verdict.decision == "REVIEW"
    assert len(verdict.reasons) == 1
    assert verdict.reasons[0].rule.endswith("rule 1)")


def test_a_reason_says_what_which_rule_and_how_it_shows() -> None:
    told = seen(at=[{"outcome": "attempted"}, {"during": "call of six:f"}, {"during": "import of six"}])
    verdict = judged(policy(rule("reject", because="We are offline here")), behaviors=[told])
    reason = verdict.reasons[0]
    assert (reason.kind, reason.id, reason.severity, reason.title) == ("behavior", CONNECT, "low", told.title)
    assert reason.rule.startswith("We are offline here (")
    assert reason.evidence == "detail 2 (import of six)"


def test_reasons_are_told_with_the_severest_first() -> None:
    found = [seen("steal.ssh-key.read", "high"), seen("network.shell.reverse", "critical"), seen("file.read", "info")]
    own = policy(rule("reject", severity=["info"]) + rule("warn"))
    verdict = judged(own, behaviors=found, issues=[issue(severity="high", evidence=[found[0]])])
    assert [one.id for one in verdict.reasons] == [
        "file.read", "network.shell.reverse", "secret.left-sandbox", "steal.ssh-key.read",
    ]  # fmt: skip


def test_reasons_are_bounded_and_say_so() -> None:
    many = [(f"part-{number}", "GPL-3.0-only") for number in range(300)]
    verdict = judged(policy(rule("reject", licence="GPL-*")), content=licences(("six", "MIT"), *many))
    assert len(verdict.reasons) == 200
    assert verdict.reasons[-1].title == "101 more reasons"


@pytest.mark.parametrize("status", ["incomplete", "failed"])
@pytest.mark.parametrize("least", ["review", "reject"])
def test_what_is_not_complete_is_never_approved(status: str, least: str) -> None:
    own = policy(f"[policy]\nincomplete = '{least}'\n" + rule("allow"))
    part = Completeness(status=status, reasons=["a phase was cut"], events=1, dropped=0)
    verdict = judged(own, completeness=part)
    assert verdict.decision == least.upper()
    assert (verdict.reasons[0].kind, verdict.reasons[0].title) == ("run", f"The analysis is {status}")
    assert verdict.reasons[0].evidence == "a phase was cut"


def test_a_suppression_takes_away_what_it_names_and_is_told() -> None:
    own = policy(rule("reject") + suppression())
    verdict = judged(own, behaviors=[seen()])
    assert (verdict.decision, verdict.reasons) == ("APPROVE", [])
    assert [(one.kind, one.id, one.reason, one.expires) for one in verdict.suppressed] == [
        ("behavior", CONNECT, "looked at", "2027-06-30")
    ]
    assert judged(own, behaviors=[seen(), seen("file.read", "info")]).decision == "REJECT"
    assert judged(own, issues=[issue()]).decision == "REJECT"


def test_an_issue_is_suppressed_by_its_own_id() -> None:
    own = policy(rule("reject") + suppression("secret.left-sandbox", "issue"))
    assert judged(own, issues=[issue(evidence=[seen()])]).decision == "APPROVE"
    assert judged(own, issues=[issue(evidence=[seen()])], behaviors=[seen()]).decision == "REJECT"


def test_a_suppression_counts_through_its_last_day() -> None:
    last = date(2027, 6, 30)
    own = policy(rule("reject") + suppression())
    assert judged(own, last, behaviors=[seen()]).decision == "APPROVE"
    later = judged(own, last + timedelta(days=1), behaviors=[seen()])
    assert (later.decision, later.suppressed) == ("REJECT", [])
    assert later.expired == [f"{CONNECT} of six, expired after 2027-06-30: looked at"]


@pytest.mark.parametrize(
    ("package", "suppressed"),
    [("six", True), ("Six", True), ("six<2", True), ("six==1.17.0", True), ("six>1.17", False), ("seven", False)],
)
def test_a_suppression_is_for_a_package_and_its_versions(package: str, suppressed: bool) -> None:
    own = policy(rule("reject") + suppression(package=package, expires="2020-01-01") + suppression(package=package))
    verdict = judged(own, behaviors=[seen()])
    assert bool(verdict.suppressed) is suppressed
    assert bool(verdict.expired) is suppressed


API = {"target": "GET https://api.example/v1"}


@pytest.mark.parametrize(
    ("at", "changes", "suppressed"),
    [
        ([API], {}, True),
        ([API, API], {}, True),
        ([API, {"target": "GET https://evil.example/"}], {}, False),
        ([API, {"target": ""}], {}, False),
        ([API], {"count": 2}, False),
        ([API] * 100, {}, False),
        ([{"target": ""}], {}, False),
    ],
)
def test_with_a_target_all_evidence_has_to_be_there_and_to_fit(
    at: list[dict[str, object]], changes: dict[str, object], suppressed: bool
) -> None:
    own = policy(rule("reject") + suppression(target="GET https://api.example/*"))
    verdict = judged(own, behaviors=[seen(at=at, **changes)])
    assert bool(verdict.suppressed) is suppressed
    assert verdict.decision == ("APPROVE" if suppressed else "REJECT")


def test_several_targets_may_cover_what_several_witnesses_saw() -> None:
    both = [API, {"target": "api.example:443", "layer": "packet"}]
    own = rule("reject") + suppression(target=["GET https://api.example/*", "api.example:443"])
    assert judged(policy(own), behaviors=[seen(at=both)]).decision == "APPROVE"
    assert judged(policy(own), behaviors=[seen(at=[*both, {"target": "evil.example:443"}])]).decision == "REJECT"
    late = judged(policy(own), date(2028, 1, 1), behaviors=[seen(at=both)])
    assert "at GET https://api.example/*, api.example:443, expired" in late.expired[0]


def test_the_evidence_of_an_issue_is_as_whole_as_that_of_its_behaviors() -> None:
    own = policy(
        rule("reject", issue="*") + suppression("secret.left-sandbox", "issue", target="GET https://api.example/*")
    )
    for changes, decision in (({}, "APPROVE"), ({"count": 2}, "REJECT")):
        found = seen(at=[API], **changes)
        assert judged(own, behaviors=[found], issues=[issue(evidence=[found])]).decision == decision
    assert judged(own, issues=[issue(evidence=[seen(at=[API])])]).decision == "REJECT"


def test_a_target_may_be_the_file_or_the_words_of_what_was_read() -> None:
    token = Fact(source="content", detail="a token", file="tests/key.py", line=3)
    weakness = Fact(source="osv", detail="GHSA-1 (CVE-2): it breaks")
    for target, facts, decision in [
        ("tests/*", [token], "APPROVE"),
        ("tests/*", [token, token.model_copy(update={"file": "six.py"})], "REJECT"),
        ("GHSA-1 *", [weakness], "APPROVE"),
        ("GHSA-1 *", [weakness, weakness.model_copy(update={"detail": "GHSA-2"})], "REJECT"),
    ]:
        own = policy(rule("reject") + suppression("secret.left-sandbox", "issue", target=target))
        assert judged(own, issues=[issue(facts=facts)]).decision == decision


@pytest.mark.parametrize(("fail_on", "violated"), [("reject", {"REJECT"}), ("review", {"REVIEW", "REJECT"})])
def test_from_which_decision_on_a_policy_is_violated(fail_on: str, violated: set[str]) -> None:
    own = policy(f"[policy]\nfail-on = '{fail_on}'\n")
    assert {one for one in DECISIONS if violates(one, own)} == violated


def test_a_quiet_package_is_approved_by_default() -> None:
    verdict = judged(default_policy())
    assert (verdict.decision, verdict.reasons, verdict.policy) == ("APPROVE", [], "fumehood's default policy")


IDS = [
    ("network.tcp.connect", "low"),
    ("steal.ssh-key.read", "high"),
    ("network.shell.reverse", "critical"),
    ("file.read", "info"),
]
PHASES = ["install", "startup", "import", "execute"]
rules = st.builds(
    rule,
    st.sampled_from(["allow", "warn", "reject"]),
    behavior=st.sampled_from(["*", "network.*", "steal.*", "file.read"]),
    phase=st.lists(st.sampled_from(PHASES), min_size=1, max_size=3),
    severity=st.lists(st.sampled_from(["info", "low", "high", "critical"]), min_size=1, max_size=3),
)
rejecting = st.builds(
    rule,
    st.just("reject"),
    behavior=st.sampled_from(["*", "network.*", "steal.*"]),
    phase=st.lists(st.sampled_from(PHASES), min_size=1),
)
suppressions = st.builds(
    suppression, st.sampled_from([one for one, _ in IDS]), target=st.sampled_from(["*", "GET *"]),
    package=st.sampled_from(["six", "six<1"]), expires=st.sampled_from(["2026-06-29", "2026-06-30"]),
)  # fmt: skip
found = st.lists(
    st.builds(
        lambda one, phases, target: seen(*one, at=[{"phase": phase, "target": target} for phase in phases]),
        st.sampled_from(IDS),
        st.lists(st.sampled_from(PHASES), min_size=1, max_size=3),
        st.sampled_from(["", "GET https://api.example/", "x"]),
    ),
    max_size=4,
    unique_by=lambda one: one.id,
)


def _decision(texts: list[str], report_behaviors: list[object]) -> int:
    return DECISIONS.index(judged(policy("".join(texts)), TODAY, behaviors=report_behaviors).decision)


@settings(max_examples=60, deadline=None)
@given(st.lists(rules, max_size=4), rejecting, st.integers(0, 4), found)
def test_another_rule_that_rejects_makes_no_verdict_milder(
    own: list[str], more: str, at: int, parts: list[object]
) -> None:
    assert _decision([*own[:at], more, *own[at:]], parts) >= _decision(own, parts)


@settings(max_examples=60, deadline=None)
@given(st.lists(rules, max_size=4), suppressions, found)
def test_a_suppression_makes_no_verdict_severer(own: list[str], more: str, parts: list[object]) -> None:
    assert _decision([*own, more], parts) <= _decision(own, parts)


def test_the_report_itself_stays_as_it_is() -> None:
    own: Policy = policy(rule("reject") + suppression())
    report = quiet_report(behaviors=[seen()])
    before = report.model_dump_json()
    judged(own, behaviors=report.behaviors)
    assert report.model_dump_json() == before
