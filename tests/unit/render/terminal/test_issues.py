"""Issues in the terminal, in the page, and in `fumehood explain`."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

from rich.console import Console

from analyzer.issues import find, load
from analyzer.model.prevalence import Prevalence, Seen
from analyzer.model.report import Evidence, PrecedingEvent, Report, TraceSource
from analyzer.render.html.page import render_html
from analyzer.render.json import render_json
from analyzer.render.terminal.issues import EVIDENCES
from analyzer.render.terminal.summary import summarize
from tests.unit.cli.test_taxonomy import fumehood
from tests.unit.issues.reports import Made, made
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


def test_without_issues_the_page_alone_says_so() -> None:
    assert "Issues" not in terminal(rich_report())
    assert "No issue was found" in render_html(rich_report())


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
    (issue,) = (one for one in json.loads(render_json(report()))["issues"] if one["id"] == "secret.left-sandbox")
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
        "facts",
    }
    assert issue["prevalence"] is None
    assert issue["evidence"][0]["before"][0]["location"]["line"] == 12


READ = {
    "content": {
        "urls": [
            {
                "url": f"http://read.example:80{number}/",
                "kinds": ["nonstandard-port"],
                "file": "acme/a.py",
                "line": number,
            }
            for number in range(10, 18)
        ]
    },
    "behaviors": ["network.url.nonstandard-port in import", "network.socket.listen in import"],
    "completeness": {"status": "incomplete", "reasons": ["import was cut"], "events": 1, "dropped": 0},
}


def read_report() -> Report:
    """Addresses in the files, one that was contacted, and a run that was cut."""
    parts = made(READ)
    contacted = [
        one.model_copy(
            update={"evidence": [evidence("GET http://met.example:8081/", 2.0, event="network.http", layer="packet")]}
        )
        if one.id == "network.url.nonstandard-port"
        else one
        for one in parts.behaviors
    ]
    found = Made(contacted, parts.content, None, parts.completeness).issues()
    return rich_report().model_copy(update={"behaviors": contacted, "issues": found})


def section(told: str, title: str) -> str:
    """What is said of one issue."""
    return told.partition(title)[2].partition("causes risk:")[2].partition("1. ")[0]


def test_what_stands_in_files_and_what_was_contacted_are_told_apart() -> None:
    told = terminal(read_report())
    stands = section(told, "Addresses with non-standard ports stand in the files")
    assert "In the files:" in stands
    assert "- http://read.example:8010/ (acme/a.py:10)" in stands
    assert "http://read.example:8014/" in stands
    assert "http://read.example:8015/" not in stands
    assert "… and 3 more" in stands
    assert "met.example" not in stands
    contacted = section(told, "Web requests went to non-standard ports")
    assert contacted.index("Contacted:") < contacted.index("- GET http://met.example:8081/")
    assert "read.example" not in contacted
    assert "In the files" not in contacted.partition("Contacted:")[2]
    listened = section(told, "It opens a server without being asked")
    assert "Observed:" in listened
    cut = section(told, "The analysis is incomplete")
    assert cut.index("From the run itself:") < cut.index("- import was cut")


def test_explain_tells_them_apart_too(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(render_json(read_report()))
    stands = fumehood("explain", str(path), "network.url-port.content", "--evidence", "2")
    assert "In the files  8 facts" in stands
    assert "http://read.example:8011/ (acme/a.py:11)" in stands
    assert "… and 6 more" in stands
    assert "Contacted" not in stands
    contacted = fumehood("explain", str(path), "network.url-port.contacted")
    assert "Contacted  1 piece" in contacted
    assert "trace     import/strace.23:2001" in contacted
    without = fumehood("explain", "network.contact.unasked")
    assert "seen in install or startup or import" in without
    assert "a published vulnerability" in fumehood("explain", "vulnerability.known")


def test_facts_are_shown_and_not_run() -> None:
    parts = READ | {
        "content": {
            "urls": [
                {"url": payload, "kinds": ["nonstandard-port"], "file": payload, "line": 1} for payload in PAYLOADS
            ]
        }
    }
    hostile = read_report().model_copy(update={"issues": made(parts).issues()})
    assert "\x1b" not in terminal(hostile)
    assert "<script" not in render_html(hostile).partition('id="section-issues"')[2].partition("</section>")[0]


def test_how_usual_an_issue_is_stands_beside_it() -> None:
    seen = Seen(seen=1, of=43)
    usual = Prevalence(label="rare", top_100=seen, top_1k=seen, top_10k=seen, community=seen)
    issues = [one.model_copy(update={"prevalence": usual}) for one in read_report().issues]
    assert " · rare (1 of 43)" in terminal(rich_report().model_copy(update={"issues": issues}))


def test_all_issues_are_listed_and_searched() -> None:
    listed = fumehood("taxonomy", "--issues")
    assert all(issue.id in listed for issue in load())
    assert "secret.left-sandbox" in fumehood("taxonomy", "--issues", "planted", "secret")
    assert "theft.tokens" not in fumehood("taxonomy", "--issues", "license")
    assert [one["id"] for one in json.loads(fumehood("taxonomy", "--issues", "--json", "license"))] == [
        "license.copyleft",
        "license.restricted",
    ]
    assert "no issue is called" in fumehood("taxonomy", "--issues", "no-such-word", code=2)


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
