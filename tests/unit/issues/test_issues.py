from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.datafile import DataFile
from analyzer.errors import UsageError
from analyzer.issues import find, load
from analyzer.issues.catalog import Category
from analyzer.model.report import SEVERITIES
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
    assert find([behavior("steal.ssh-key.read", "Reads keys", "high", [evidence("~/.ssh/id", 1.0)])], load()) == []


def test_issues_stand_most_severe_first() -> None:
    catalog = [
        load()["secret.left-sandbox"].model_copy(update={"id": f"secret.{severity}", "severity": severity})
        for severity in SEVERITIES
    ]
    found = find([behavior("steal.secret.exfiltrate", "Sends it", "critical", [evidence("sent", 1.0)])], catalog)
    assert [issue.severity for issue in found] == list(reversed(SEVERITIES))
