"""Issues in the terminal, in the page, and in `fumehood explain`."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

from rich.console import Console

from analyzer.issues import find, load
from analyzer.model.report import Evidence, PrecedingEvent, Report, TraceSource
from analyzer.render.html import render_html
from analyzer.render.json import render_json
from analyzer.render.terminal import summarize
from analyzer.render.terminal_issues import EVIDENCES
from tests.unit.cli.test_taxonomy import fumehood
from tests.unit.render.eventful import rich_report
from tests.unit.render.hostile import PAYLOADS
from tests.unit.render.sample import START, behavior, evidence, location

SENT = (
    "GitHub token from /home/alex/.config/gh/hosts.yml sent to https://collect.example/ in the body as base64 of gzip"
)


def sent(detail: str = SENT, at: float = 5.0) -> Evidence:
    read = PrecedingEvent(
        time=START + 4, pid=23, event="file.open", detail="path=/home/alex/.config/gh/hosts.yml",
        location=location("acme_telemetry/reading.py", 12), source=TraceSource(file="steps/02-import.kernel", line=9),
    )  # fmt: skip
    return evidence(
        detail, at, event="network.secret", layer="packet", before=[read], location=location("acme_telemetry/sending.py", 40)
    )  # fmt: skip


def report(*evidences: Evidence) -> Report:
    base = rich_report()
    shown = behavior(
        "steal.secret.exfiltrate", "Sends a planted secret over the network", "critical", list(evidences) or [sent()]
    )
    behaviors = [shown, *base.behaviors]
    return base.model_copy(update={"behaviors": behaviors, "issues": find(behaviors, load())})


def terminal(made: Report, width: int = 300) -> str:
    out = StringIO()
    Console(file=out, width=width, no_color=True).print(summarize(made))
    return out.getvalue()


def test_issues_stand_before_all_else_but_completeness() -> None:
    told = terminal(report())
    assert told.index("INCOMPLETE") < told.index("A planted secret left the sandbox") < told.index("ran in")
    assert f"{SENT} (read at acme_telemetry/reading.py:12, then at acme_telemetry/sending.py:40" in told.replace(
        "/site-packages/", ""
    )
    for number, step in enumerate(load()["secret.left-sandbox"].next_steps, 1):
        assert f"{number}. {step}" in told


def test_without_issues_nothing_is_said_of_them() -> None:
    assert "Issues" not in terminal(rich_report())
    assert "section-issues" not in render_html(rich_report())


def test_many_pieces_of_evidence_are_cut_and_counted() -> None:
    made = report(*(sent(f"number {number} sent", 5.0 + number) for number in range(EVIDENCES + 3)))
    assert f"number {EVIDENCES - 1} sent" in terminal(made)
    assert f"number {EVIDENCES} sent" not in terminal(made).partition("ran in")[0]
    assert "… and 3 more" in terminal(made)


def test_the_page_shows_issues_first() -> None:
    page = render_html(report())
    assert page.index('id="section-issues"') < page.index('id="section-facts"')
    assert SENT in page
    assert "acme_telemetry/reading.py:12" in page


def test_hostile_text_is_shown_and_not_run() -> None:
    made = report(*(sent(payload, 5.0 + number) for number, payload in enumerate(PAYLOADS)))
    issues_section = render_html(made).partition('id="section-issues"')[2].partition('id="section-facts"')[0]
    assert "<script" not in issues_section
    assert "<img" not in issues_section
    assert "\x1b" not in terminal(made)


def test_json_has_the_keys_that_others_read(tmp_path: Path) -> None:
    (issue,) = json.loads(render_json(report()))["issues"]
    assert set(issue) == {
        "id",
        "title",
        "category",
        "severity",
        "causes_risk",
        "problem",
        "next_steps",
        "prevalence",
        "evidence",
    }
    assert issue["prevalence"] is None
    assert issue["evidence"][0]["before"][0]["location"]["line"] == 12


def test_explain_of_an_issue_a_report_and_both(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(render_json(report()))
    of_issue = fumehood("explain", "secret.left-sandbox")
    assert "A planted secret left the sandbox" in of_issue
    assert "steal.secret.exfiltrate" in of_issue
    assert "rule file.rename/1" in fumehood("explain", "file.rename")
    of_report = fumehood("explain", str(path))
    assert "A planted secret left the sandbox" in of_report
    assert "sending.py:40" in of_report
    of_both = fumehood("explain", str(path), "secret.left-sandbox")
    assert "A planted secret left the sandbox" in of_both
    assert "steps/02-import.kernel:9" in of_both


def test_explain_a_report_without_issues(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(render_json(rich_report()))
    assert "has no issue; name one of its behaviors: " in fumehood("explain", str(path), code=3)
