"""A verdict in the terminal: the decision first, then why, then what was not counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.verdict import Reason, Suppressed, Verdict
from analyzer.render.terminal.summary import summarize
from analyzer.render.terminal.verdict import show_verdict, verdict_line, verdict_seen
from tests.unit.render.sample import quiet_report
from tests.unit.render.strategies import TEXTS
from tests.unit.render.test_hostile import is_plain, printed

REJECTED = Verdict(
    decision="REJECT",
    reasons=[
        Reason(
            decision="REJECT", kind="issue", id="secret.left-sandbox", title="A planted secret left", severity="critical",
            rule="No honest package does this (fumehood's default policy, rule 3)", evidence="sent to 192.0.2.1 (import of six)",
        ),
        Reason(decision="REVIEW", kind="run", title="The analysis is incomplete", rule='incomplete = "review" (own.toml)'),
    ],
    suppressed=[Suppressed(kind="behavior", id="network.tcp.connect", reason="it is a client", expires="2027-06-30")],
    expired=["network.dns.query of six, expired after 2026-01-01: once"],
    policy="own.toml",
)  # fmt: skip
APPROVED = Verdict(decision="APPROVE", policy="fumehood's default policy")


def test_the_decision_stands_first_and_the_policy_last() -> None:
    lines = printed(*verdict_seen(REJECTED)).splitlines()
    assert lines[1] == "Verdict  REJECT  1 reason to reject, 1 reason to review and 1 suppressed"
    assert lines[2:] == [
        "  REJECT    A planted secret left",
        "            secret.left-sandbox · critical · No honest package does this (fumehood's default policy,",
        "            rule 3)",
        "            - sent to 192.0.2.1 (import of six)",
        "  REVIEW    The analysis is incomplete",
        '            incomplete = "review" (own.toml)',
        "  suppressed  network.tcp.connect (behavior, until 2027-06-30): it is a client",
        "  expired   network.dns.query of six, expired after 2026-01-01: once",
        "  policy    own.toml",
    ]


def test_nothing_against_a_package_is_said_too() -> None:
    lines = printed(*verdict_seen(APPROVED)).splitlines()
    assert lines[1:] == [
        "Verdict  APPROVE  nothing in the policy is against it",
        "  policy    fumehood's default policy",
    ]
    assert verdict_seen(None) == []


def test_a_summary_has_it_before_everything_but_completeness() -> None:
    told = printed(summarize(quiet_report(verdict=REJECTED)))
    assert told.index("six 1.17.0 COMPLETE") < told.index("Verdict  REJECT") < told.index("Behaviors")
    assert "Verdict" not in printed(summarize(quiet_report()))


def test_more_than_anybody_reads_is_counted() -> None:
    many = REJECTED.model_copy(
        update={
            "reasons": REJECTED.reasons * 20,
            "suppressed": REJECTED.suppressed * 25,
            "expired": REJECTED.expired * 21,
        }
    )
    told = printed(*verdict_seen(many))
    assert told.count("A planted secret left") == 10
    assert "… and 20 more reasons" in told
    assert told.count("  suppressed") == told.count("  expired") == 20
    assert "… and 5 more" in told
    assert "… and 1 more\n" in told
    assert "reasons to reject, 20 reasons to review and 25 suppressed" in told


def test_a_line_of_many() -> None:
    assert printed(verdict_line("six 1.17.0", REJECTED)) == (
        "  REJECT    six 1.17.0  A planted secret left; The analysis is incomplete; 1 suppressed\n"
    )
    assert printed(verdict_line("six 1.17.0", APPROVED)) == "  APPROVE   six 1.17.0\n"


@given(TEXTS, st.sampled_from(["low", None]))
def test_no_text_of_a_verdict_reaches_a_terminal_as_it_is(text: str, severity: str | None) -> None:
    hostile = Verdict.model_validate(
        {
            "decision": "REVIEW",
            "reasons": [
                {
                    "decision": "REVIEW", "kind": "licence", "id": text, "title": text, "severity": severity, "rule": text,
                    "evidence": text,
                }
            ],
            "suppressed": [{"kind": "behavior", "id": text, "reason": text, "expires": text}],
            "expired": [text],
            "policy": text,
        }
    )  # fmt: skip
    assert is_plain(printed(show_verdict(text, hostile), verdict_line(text, hostile)))
