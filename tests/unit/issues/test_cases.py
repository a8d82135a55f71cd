"""Every issue of this version is shown by what it is about, and by nothing that is only like it (`tests/data/issues.yaml`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from analyzer.issues import Issues, load
from analyzer.issues.catalog import Category
from analyzer.issues.lint import findings
from analyzer.model.event import PHASES
from analyzer.taxonomy import load as load_taxonomy
from tests.unit.issues.reports import Made, made, seen

CASES: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "issues.yaml").read_text(encoding="utf-8")
)


def ids(parts: dict[str, Any]) -> set[str]:
    return {issue.id for issue in made(parts).issues()}


def test_every_issue_has_its_case() -> None:
    assert {issue.id for issue in load()} == set(CASES)


@pytest.mark.parametrize("identifier", CASES)
def test_an_issue_is_shown_and_its_near_miss_is_not(identifier: str) -> None:
    case = CASES[identifier]
    shown = {issue.id: issue for issue in made(case["shows"]).issues()}
    assert identifier in shown
    issue = shown[identifier]
    assert bool(issue.evidence) == ("behaviors" in case["shows"])
    assert bool(issue.facts) == ("behaviors" not in case["shows"])
    assert made(case["nearly"]).issues() != made(case["shows"]).issues()
    assert identifier not in ids(case["nearly"])


@pytest.mark.parametrize("issue", [one for one in load() if one.behaviors], ids=lambda one: one.id)
def test_each_behavior_shows_it_in_its_phases_and_in_no_other(issue: Any) -> None:
    for behavior in issue.behaviors:
        for phase in load_taxonomy()[behavior].phases:
            there = issue.id in {one.id for one in made({"behaviors": [f"{behavior} in {phase}"]}).issues()}
            assert there == (not issue.phases or phase in issue.phases), (behavior, phase)


def test_nothing_shows_nothing() -> None:
    assert ids({}) == set()
    assert (
        ids({"content": {}, "project": {}, "completeness": {"status": "complete", "events": 1, "dropped": 0}}) == set()
    )


def test_what_every_program_does_is_no_issue() -> None:
    usual = [one.id for one in load_taxonomy() if one.severity == "info"]
    assert ids({"behaviors": [f"{one} in {phase}" for one in usual for phase in PHASES]}) == set()


def test_the_linter_finds_nothing() -> None:
    assert findings(load(), load_taxonomy()) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"title": "It is bad."}, "title ends"),
        ({"problem": "It is bad"}, "problem does not end"),
        ({"next_steps": ("Run",)}, "'Run' does not end"),
        ({"behaviors": ("steal.browser.read", "steal.browser.read")}, "there twice in `behaviors`"),
        ({"phases": PHASES}, "all phases are as good as none"),
        ({"phases": ("execute",), "behaviors": ("execution.install-time.run",)}, "cannot be seen in execute"),
        ({"behaviors": ("steal.mail.read",)}, "steal.wallet.read: is critical, and no issue rests on it"),
        ({"title": "The analysis is incomplete"}, "another issue has its title"),
    ],
)
def test_the_linter_finds(changes: dict[str, Any], problem: str) -> None:
    kept = [one for one in load() if one.id != "theft.private-stores.called"]
    known = tuple(one.model_copy(update=changes) if one.id == "theft.private-stores" else one for one in kept)
    made_up = Issues([Category.model_construct(category="made", description="Made.", issues=known)])
    assert any(problem in line for line in findings(made_up, load_taxonomy()))


def test_a_phase_whose_evidence_was_dropped_still_counts() -> None:
    often = seen("autostart.interpreter.hook in install").model_copy(update={"phases": ["install", "import"]})
    (issue,) = (one for one in Made([often]).issues() if one.id == "persistence.interpreter")
    assert issue.evidence == []
    (fact,) = issue.facts
    assert (fact.source, fact.detail) == (
        "run",
        "autostart.interpreter.hook was seen in import too; the evidence that is kept is of other phases",
    )
