from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.datafile import DataFile
from analyzer.errors import UsageError
from analyzer.issues import find, load
from analyzer.issues.catalog import Category
from analyzer.model.report import SEVERITIES, Completeness, Evidence
from tests.unit.render.sample import behavior, evidence

FILE = """\
category: secret
description: What became of secrets.
issues:
  - id: secret.left-sandbox
    title: A planted secret left the sandbox
    severity: critical
    causes_risk: secrets disclosed
    problem: It was sent.
    next_steps: [Do not install it.]
    behaviors: [steal.secret.exfiltrate]
    since: 0.1.0
"""


def test_this_versions_issues_can_be_read() -> None:
    found = list(load())
    assert "secret.left-sandbox" in {issue.id for issue in found}
    assert all(issue.problem.endswith(".") and all(step.endswith(".") for step in issue.next_steps) for issue in found)
    assert load()["secret.left-sandbox"].category == "secret"


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        ("severity: grave", "line 6"),
        ("behaviors: [steal.everything.forever]", "steal.everything.forever, which the taxonomy has not"),
        ("id: other.left-sandbox", "does not belong to category secret"),
        ("next_steps: []", "at least 1 item"),
        ("colour: red", "colour"),
        ("behaviors: []", "neither `behaviors` nor `findings`"),
        ("behaviors: []\n    findings: [secret]\n    phases: [import]", "`phases` or `attribution`"),
        ("behaviors: []\n    findings: [weather]", "findings"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, mistake: str, message: str) -> None:
    word = mistake.split(":")[0]
    lines = [
        f"{line[: len(line) - len(line.lstrip('- '))]}{mistake}" if line.strip("- ").startswith(f"{word}:") else line
        for line in FILE.splitlines()
    ]
    text = "\n".join(lines) if mistake != "colour: red" else f"{FILE}    colour: red\n"
    path = tmp_path / "secret.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        DataFile(path, "issue file").read(Category)


def test_an_issue_is_there_when_one_of_its_behaviors_is() -> None:
    late, early = evidence("sent b", 9.0), evidence("sent a", 5.0)
    shown = behavior("steal.secret.exfiltrate", "Sends it", "critical", [late, early])
    (issue,) = find([behavior("file.rename", "Renames", "info", [early]), shown], load())
    assert (issue.id, issue.severity, issue.causes_risk) == ("secret.left-sandbox", "critical", "secrets disclosed")
    assert [one.detail for one in issue.evidence] == ["sent a", "sent b"]
    assert issue.prevalence is None


def test_without_its_behaviors_there_is_no_issue() -> None:
    read = behavior("steal.documents.read", "Reads documents", "medium", [evidence("~/Documents/a.txt", 1.0)])
    assert find([read], load()) == []


def test_only_evidence_of_its_phases_and_authors_counts() -> None:
    some = [
        evidence("by a call", 3.0, phase="execute"),
        evidence("by the package", 2.0),
        evidence("by another", 1.0, attribution="dependency"),
    ]
    issue = load()["secret.left-sandbox"].model_copy(update={"phases": ("import",), "attribution": ("package",)})
    seen = behavior("steal.secret.exfiltrate", "Sends it", "critical", some, attribution=["package", "dependency"])
    (found,) = find([seen], [issue])
    assert [one.detail for one in found.evidence] == ["by the package"]
    assert find([seen], [issue.model_copy(update={"attribution": ("installer",)})]) == []
    assert find([seen], [issue.model_copy(update={"phases": ("startup",)})]) == []


def test_an_import_that_is_repeated_for_calls_is_no_call() -> None:
    imported = evidence("reads", 1.0)
    again = evidence("reads again", 2.0, phase="execute", during="import of acme.reading")
    called = evidence("reads when called", 3.0, phase="execute", during="call of acme.reading:read")

    def details(*some: Evidence) -> dict[str, list[str]]:
        seen = behavior("steal.wallet.read", "Reads wallets", "critical", list(some))
        return {issue.id: [one.detail for one in issue.evidence] for issue in find([seen], load())}

    unasked, asked = "theft.private-stores", "theft.private-stores.called"
    assert details(imported, again) == {unasked: ["reads"]}
    assert details(imported, again, called) == {unasked: ["reads"], asked: ["reads when called"]}
    assert details(again) == {asked: ["reads again"]}


def test_evidence_and_facts_are_bounded() -> None:
    many = [evidence(f"sent {number}", float(number)) for number in range(150)]
    catalog = [load()["secret.left-sandbox"].model_copy(update={"findings": ("run.incomplete",)})]
    cut = Completeness(status="incomplete", reasons=[f"reason {number}" for number in range(150)], events=1, dropped=0)
    (found,) = find([behavior("steal.secret.exfiltrate", "Sends it", "critical", many)], catalog, completeness=cut)
    assert [one.detail for one in found.evidence] == [f"sent {number}" for number in range(100)]
    assert [one.detail for one in found.facts] == [f"reason {number}" for number in range(100)]


def test_issues_stand_most_severe_first() -> None:
    catalog = [
        load()["secret.left-sandbox"].model_copy(update={"id": f"secret.{severity}", "severity": severity})
        for severity in SEVERITIES
    ]
    found = find([behavior("steal.secret.exfiltrate", "Sends it", "critical", [evidence("sent", 1.0)])], catalog)
    assert [issue.severity for issue in found] == list(reversed(SEVERITIES))
