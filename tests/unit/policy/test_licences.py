"""Licences under a policy: what has to be met counts, and what may be chosen does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.report import LeftOut
from analyzer.policy.licences import UNKNOWN, severest
from tests.unit.policy.making import judged, licences, policy, rule, seen

OWN = (
    rule("allow", licence=["MIT", "Apache-2.0", "BSD-*"]) + rule("warn", licence="LGPL-*") + rule("reject", licence="*")
)


@pytest.mark.parametrize(
    ("expression", "decision", "licence"),
    [
        ("MIT", "APPROVE", ""),
        ("mit", "APPROVE", ""),
        ("BSD-3-Clause", "APPROVE", ""),
        ("Apache-2.0+", "APPROVE", ""),
        ("GPL-3.0-only", "REJECT", "GPL-3.0-only"),
        ("MIT OR GPL-3.0-only", "APPROVE", ""),
        ("MIT AND GPL-3.0-only", "REJECT", "GPL-3.0-only"),
        ("GPL-3.0-only OR LGPL-2.1-only", "REVIEW", "LGPL-2.1-only"),
        ("MIT AND (GPL-2.0-only OR LGPL-3.0-or-later)", "REVIEW", "LGPL-3.0-or-later"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "REJECT", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("LGPL-2.1-only WITH Classpath-exception-2.0", "REVIEW", "LGPL-2.1-only WITH Classpath-exception-2.0"),
        ("LicenseRef-acme", "REJECT", "LicenseRef-acme"),
        ("", "REJECT", "unknown"),
        ("(", "REJECT", "unknown"),
        ("MIT OR " * 500 + "MIT", "REJECT", "unknown"),
    ],
)
def test_an_expression(expression: str, decision: str, licence: str) -> None:
    verdict = judged(policy(OWN), content=licences(("six", expression)))
    assert verdict.decision == decision
    assert [one.id for one in verdict.reasons] == ([licence] if licence else [])


def test_an_exception_may_be_allowed_by_itself() -> None:
    own = rule("allow", licence="GPL-2.0-only WITH Classpath-exception-2.0") + rule("reject", licence="GPL-*")
    for expression, decision in (("GPL-2.0-only WITH Classpath-exception-2.0", "APPROVE"), ("GPL-2.0-only", "REJECT")):
        assert judged(policy(own), content=licences(("six", expression))).decision == decision


def test_what_is_needed_counts_too_and_each_distribution_is_told_once() -> None:
    verdict = judged(policy(OWN), content=licences(("six", "MIT"), ("part", "GPL-3.0-only"), ("part", "GPL-3.0-only")))
    assert [(one.kind, one.id, one.title) for one in verdict.reasons] == [
        ("licence", "GPL-3.0-only", "Licence of part 1.0: GPL-3.0-only")
    ]


def test_one_statement_that_names_a_licence_is_enough() -> None:
    own = policy(rule("reject", licence="unknown"))
    assert judged(own, content=licences(("six", "MIT"), ("six", ""))).decision == "APPROVE"
    assert judged(own, content=licences(("six", ""), ("six", ""))).decision == "REJECT"
    nothing = judged(own, content=licences(("part", "MIT")))
    assert (nothing.decision, nothing.reasons[0].evidence) == ("REJECT", "file: nothing names one")


def test_where_licences_were_not_read_a_rule_about_them_is_not_met() -> None:
    assert judged(policy(rule("reject", licence="GPL-*"))).decision == "REVIEW"
    assert judged(policy(rule("allow", licence="GPL-*"))).decision == "APPROVE"
    assert judged(policy(rule("reject", severity="low"))).decision == "APPROVE"


def test_licences_that_were_left_out_are_not_known_either() -> None:
    left = [LeftOut(part="content.licenses", count=1)]
    for do, decision in (("reject", "REVIEW"), ("allow", "APPROVE")):
        own = policy(rule(do, licence="GPL-*"))
        assert judged(own, content=licences(("six", "MIT")), left_out=left).decision == decision


def test_rules_about_behaviors_say_nothing_of_licences() -> None:
    own = rule("reject", severity="high") + rule("warn", licence="GPL-*")
    assert judged(policy(own), content=licences(("six", "GPL-3.0-only"))).decision == "REVIEW"
    everything = rule("allow") + rule("warn", licence="GPL-*")
    assert (
        judged(policy(everything), behaviors=[seen()], content=licences(("six", "GPL-3.0-only"))).decision == "APPROVE"
    )


@given(st.text(alphabet="MIT()ANDORWITH+ -./\0é", max_size=60))
def test_any_text_is_judged(text: str) -> None:
    number, names = severest(text, lambda names: int(names == (UNKNOWN,)))
    assert number == int(names == (UNKNOWN,))
    assert names
