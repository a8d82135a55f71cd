"""The report as SARIF."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.model.report import (
    Evidence,
    Fact,
    IssueReport,
    Package,
    PrecedingEvent,
    Report,
    Suppressed,
    TraceSource,
    Verdict,
)
from analyzer.render.sarif import parts as sarif_parts
from analyzer.render.sarif.parts import Results, message, relative_uri
from analyzer.render.sarif.report import render_sarif
from tests.unit.render.eventful import rich_report
from tests.unit.render.hostile import hostile_report
from tests.unit.render.sample import behavior, evidence, location, package_file, quiet_report
from tests.unit.render.sarif_checks import ESCAPED, checked
from tests.unit.render.strategies import TEXTS, reports
from tests.unit.render.vetted import vetted_report


def reading(*places: tuple[str, int], severity: str = "high") -> Report:
    found: list[Evidence] = [
        evidence(f"/home/user/.ssh/key{at}", at, location=location(file, line) if file else None)
        for at, (file, line) in enumerate(places)
    ]
    return quiet_report(behaviors=[behavior("steal.ssh-key.read", "Reads SSH keys", severity, found)])


def spots(report: Report) -> list[tuple[str, int]]:
    results = checked(render_sarif(report))["results"]
    found = [one["locations"][0]["physicalLocation"] for one in results]
    return [(one["artifactLocation"]["uri"], one["region"]["startLine"]) for one in found]


def test_a_finding_is_at_the_packages_own_line() -> None:
    run = checked(render_sarif(reading(("acme/_steal.py", 31), ("acme/_steal.py", 31), ("acme/_steal.py", 40))))
    first, second = run["results"]
    assert first["message"]["text"] == "Reads SSH keys (six 1.17.0): /home/user/.ssh/key0"
    assert first["level"] == "error"
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "acme/_steal.py", "uriBaseId": "PACKAGES"},
        "region": {"startLine": 31, "startColumn": 1, "endLine": 31, "endColumn": 1},
    }
    assert second["locations"][0]["physicalLocation"]["region"]["startLine"] == 40
    assert "PACKAGES" in run["originalUriBaseIds"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert (rule["id"], rule["name"]) == ("steal.ssh-key.read", "StealSshKeyRead")
    assert rule["properties"]["security-severity"] == "8.0"


@pytest.mark.parametrize("file", ["", "../../etc/passwd", "a//b", "a/./b", "x" * 5000])
def test_what_is_in_no_file_of_the_package_is_at_the_file_that_was_analysed(file: str) -> None:
    assert spots(reading((file, 3))) == [("six-1.17.0-py2.py3-none-any.whl", 1)]


def test_a_line_elsewhere_is_told_in_words() -> None:
    code = location("x.py", 7).model_copy(update={"file": "/srv/build/setup.py"})
    found = behavior("steal.ssh-key.read", "Reads SSH keys", "high", [evidence("key", 1, location=code)])
    (result,) = checked(render_sarif(quiet_report(behaviors=[found])))["results"]
    assert result["message"]["text"].endswith("key at /srv/build/setup.py:7")


def test_what_only_says_that_a_program_runs_is_left_out() -> None:
    assert checked(render_sarif(reading(("a.py", 1), severity="info")))["results"] == []


def test_what_was_completed_stands_for_a_line_before_what_failed() -> None:
    at = location("a.py", 1)
    found = [evidence("tried", 1, location=at, outcome="attempted"), evidence("done", 2, location=at)]
    (result,) = checked(render_sarif(quiet_report(behaviors=[behavior("a.b.c", "Does", "low", found)])))["results"]
    assert result["message"]["text"] == "Does (six 1.17.0): done"
    assert result["level"] == "note"


def test_an_issue_has_what_was_read_too_and_comes_first() -> None:
    facts = [Fact(source="content", detail="AKIA…", file="acme/config.py", line=12), Fact(source="index", detail="new")]
    issue = IssueReport(
        id="secret.token", title="Tokens", category="secret", severity="high", causes_risk="x", problem="A token.",
        next_steps=["Look.", "Ask."], evidence=[], facts=facts,
    )  # fmt: skip
    report = reading(("a.py", 1)).model_copy(update={"issues": [issue]})
    run = checked(render_sarif(report))
    assert [one["ruleId"] for one in run["results"]] == ["secret.token", "secret.token", "steal.ssh-key.read"]
    assert spots(report) == [("acme/config.py", 12), ("six-1.17.0-py2.py3-none-any.whl", 1), ("a.py", 1)]
    assert run["tool"]["driver"]["rules"][0]["help"]["text"] == "Look. Ask."


def test_what_led_there_is_a_flow_of_code() -> None:
    before = PrecedingEvent(
        time=1,
        pid=1,
        event="file.open",
        detail="reads [it]",
        location=location("a.py", 2),
        source=TraceSource(file="x", line=1),
    )
    found = evidence("sends it", 2, location=location("b.py", 9), before=[before])
    (result,) = checked(render_sarif(quiet_report(behaviors=[behavior("a.b.c", "Sends", "high", [found])])))["results"]
    steps = [one["location"] for one in result["codeFlows"][0]["threadFlows"][0]["locations"]]
    assert [(one["physicalLocation"]["artifactLocation"]["uri"], one["message"]["text"]) for one in steps] == [
        ("a.py", r"reads \[it\]"), ("b.py", "sends it"),
    ]  # fmt: skip


def test_a_run_that_did_not_see_everything_says_so() -> None:
    (invocation,) = checked(render_sarif(rich_report()))["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["startTimeUtc"] == "2025-10-09T08:53:25Z"
    assert "phase execute was stopped after 60 s" in [
        one["message"]["text"] for one in invocation["toolExecutionNotifications"]
    ]
    assert checked(render_sarif(quiet_report()))["invocations"][0]["executionSuccessful"] is True


def test_what_the_policy_suppresses_is_suppressed() -> None:
    allowed = Suppressed(kind="behavior", id="steal.ssh-key.read", reason="it is an SSH client", expires="2030-01-01")
    verdict = Verdict(decision="APPROVE", policy="ours", suppressed=[allowed])
    report = reading(("a.py", 1)).model_copy(update={"verdict": verdict})
    (result,) = checked(render_sarif(report))["results"]
    assert result["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "it is an SSH client"}
    ]


def test_a_result_is_known_again_in_another_version() -> None:
    def marks(report: Report) -> list[str]:
        return [one["partialFingerprints"]["fumehood/v1"] for one in checked(render_sarif(report))["results"]]

    old, moved = reading(("acme/a.py", 3), ("acme/b.py", 4)), reading(("acme/a.py", 30), ("acme/b.py", 40))
    package = Package(name="six", version="2.0", files=[package_file("six-2.0.tar.gz", 1)])
    new = moved.model_copy(update={"package": package})
    assert marks(old) == marks(new)
    assert len(set(marks(old))) == 2
    assert marks(reading(("acme/c.py", 3))) != marks(reading(("acme/a.py", 3)))


def test_it_takes_no_more_than_a_code_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif_parts, "MAX_RESULTS", 3)
    run = checked(render_sarif(reading(*((f"a{at}.py", 1) for at in range(5)))))
    assert len(run["results"]) == 3
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].startswith("2 more results")
    monkeypatch.setattr(sarif_parts, "MAX_BYTES", 1000)
    results = Results()
    for at in range(10):
        results.add({"text": str(at) * 300}, [str(at)])
    assert (len(results.taken), results.left_out) == (3, 7)


@pytest.mark.parametrize("make", [rich_report, vetted_report, hostile_report, quiet_report])
def test_logs_are_valid(make: object) -> None:
    report = make()  # type: ignore[operator]
    assert render_sarif(report) == render_sarif(report)
    assert checked(render_sarif(report))["tool"]["driver"]["semanticVersion"] == "0.1.0"


@settings(deadline=None, max_examples=40)
@given(reports())
def test_any_report_becomes_a_valid_log(report: Report) -> None:
    checked(render_sarif(report))


@given(TEXTS)
def test_a_message_has_no_link_and_no_argument(text: str) -> None:
    shown = message(text)["text"]
    assert not set("[]{}") & set(ESCAPED.sub("", shown))
    assert shown.isprintable()
    assert shown


@given(st.text(alphabet="a./\x00é", max_size=12))
def test_a_path_never_leads_out(path: str) -> None:
    found = relative_uri(path)
    assert not found.startswith("/")
    assert ".." not in found.split("/")
    assert json.loads(json.dumps(found)).isascii()
