"""Which finding a rule fits: a rule that allows has to cover all of it, one that warns or rejects any of it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from analyzer.model.prevalence import Prevalence, Seen
from analyzer.model.report import Fact, LeftOut
from tests.unit.policy.making import issue, judged, policy, rule, seen

HERE = {"phase": "install", "attribution": "package", "layer": "syscall", "outcome": "completed"}
THERE = {"phase": "execute", "attribution": "dependency", "layer": "packet", "outcome": "attempted"}
FEW = Seen(seen=1, of=100)
RARE = Prevalence(label="rare", top_100=FEW, top_1k=FEW, top_10k=FEW, community=FEW)


@pytest.mark.parametrize(
    ("keys", "fits"),
    [
        ({}, True),
        ({"behavior": "network.tcp.connect"}, True),
        ({"behavior": ["steal.*", "network.*"]}, True),
        ({"behavior": "steal.*"}, False),
        ({"issue": "*"}, False),
        ({"category": "network"}, True),
        ({"category": ["n*k"]}, True),
        ({"category": "steal"}, False),
        ({"severity": "low"}, True),
        ({"severity": "info"}, True),
        ({"severity": "medium"}, False),
        ({"severity": ["low", "critical"]}, True),
        ({"severity": ["info", "medium"]}, False),
        ({"prevalence": "rare"}, True),
        ({"prevalence": ["common", "no data"]}, False),
        ({"called": False}, True),
        ({"called": True}, False),
        ({"package": "six"}, True),
        ({"package": "SIX"}, True),
        ({"package": "six<2"}, True),
        ({"package": "six == 1.*"}, True),
        ({"package": "six>=2"}, False),
        ({"package": "s*"}, True),
        ({"package": "seven"}, False),
        ({"behavior": "network.*", "severity": "medium"}, False),
    ],
)
def test_a_rule_fits_by_all_of_its_keys(keys: Mapping[str, object], fits: bool) -> None:
    found = seen(prevalence=RARE)
    assert judged(policy(rule("reject", **keys)), behaviors=[found]).decision == ("REJECT" if fits else "APPROVE")


@pytest.mark.parametrize("key", ["phase", "attribution", "witness", "outcome"])
def test_all_or_any_of_a_finding(key: str) -> None:
    one, other = (kind["layer" if key == "witness" else key] for kind in (HERE, THERE))
    found = seen(at=[HERE, THERE])

    def decision(do: str, *values: str) -> str:
        return judged(policy(rule(do, **{key: list(values)}) + rule("warn")), behaviors=[found]).decision

    assert decision("reject", one) == decision("reject", other) == "REJECT"
    assert decision("allow", one) == decision("allow", other) == "REVIEW"
    assert decision("allow", one, other) == "APPROVE"


def test_a_rule_that_rejects_needs_one_piece_of_evidence_that_fits_all_its_keys() -> None:
    found = seen(at=[HERE, THERE])
    strange = policy(rule("reject", phase="install", attribution="dependency"))
    assert judged(strange, behaviors=[found]).decision == "APPROVE"
    assert (
        judged(policy(rule("reject", phase="install", attribution="package")), behaviors=[found]).decision == "REJECT"
    )


@pytest.mark.parametrize("cut", [{"count": 3}, {}])
def test_where_evidence_is_missing_a_rule_that_rejects_fits_what_may_be(cut: Mapping[str, object]) -> None:
    found = seen(at=[HERE, THERE], **cut)
    left = [] if cut else [LeftOut(part="behaviors.evidence", count=1)]
    strange = policy(rule("reject", phase="install", attribution="dependency"))
    assert judged(strange, behaviors=[found], left_out=left).decision == "REJECT"


def test_an_issue_is_judged_by_its_evidence() -> None:
    found = issue(evidence=[seen(at=[HERE | {"during": "install"}])])
    assert judged(policy(rule("reject", issue="secret.*", phase="install")), issues=[found]).decision == "REJECT"
    assert judged(policy(rule("reject", issue="secret.*", phase="execute")), issues=[found]).decision == "APPROVE"
    assert judged(policy(rule("reject", behavior="*")), issues=[found]).decision == "APPROVE"
    assert judged(policy(rule("reject", called=False)), issues=[found]).decision == "REJECT"


CALLED = THERE | {"during": "call of six:run"}
UNASKED = THERE | {"during": "script six"}


@pytest.mark.parametrize(
    ("at", "changes", "facts", "called"),
    [
        ([CALLED], {}, [], True),
        ([CALLED, UNASKED], {}, [], False),
        ([CALLED], {}, [Fact(source="content", detail="a token")], False),
        ([CALLED], {"count": 2}, [], False),
        ([CALLED], {"count": 2, "called_only": True}, [], True),
        ([], {}, [Fact(source="content", detail="a token")], False),
    ],
)
def test_an_issue_is_only_called_where_nothing_else_can_be(
    at: list[dict[str, object]], changes: Mapping[str, object], facts: list[Fact], called: bool
) -> None:
    found = seen(at=at, **changes)
    told = [issue(evidence=[found], facts=facts)]
    for value in (True, False):
        verdict = judged(policy(rule("reject", issue="*", called=value)), behaviors=[found], issues=told)
        assert (verdict.decision == "REJECT") is (called is value)


def test_what_was_read_has_no_phase() -> None:
    found = issue(facts=[Fact(source="content", detail="a token", file="six.py", line=3)])
    everything = ["install", "startup", "import", "execute"]
    assert judged(policy(rule("reject", phase=everything)), issues=[found]).decision == "APPROVE"
    assert judged(policy(rule("allow", phase=everything) + rule("reject")), issues=[found]).decision == "REJECT"


def test_a_version_that_is_none_is_no_reason_to_let_something_pass() -> None:
    package = {"name": "six", "version": "one", "files": []}
    for do, wanted in (("reject", "REJECT"), ("allow", "REVIEW")):
        own = policy(rule(do, package="six<3") + rule("warn"))
        assert judged(own, behaviors=[seen()], package=package).decision == wanted
