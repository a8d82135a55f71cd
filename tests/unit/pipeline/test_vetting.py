"""Judging many: what is kept of each, the order, the numbers and the document."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import pytest

from analyzer.model.report import Report
from analyzer.model.vetting import Vetted, Vetting
from analyzer.pipeline import vetting
from analyzer.pipeline.vetting import Judge, Outcome, refused
from analyzer.pipeline.worker import Said, Task, report_path
from analyzer.policy import default_policy
from tests.unit.policy.making import policy, rule
from tests.unit.render.sample import behavior, evidence, quiet_report

TODAY = date(2026, 1, 1)
OWN = policy(rule("reject", behavior=["steal.*"]), defaults=False)


def stealing(**changes: object) -> Report:
    return quiet_report(
        behaviors=[behavior("steal.ssh-key.read", "Reads SSH keys", "high", [evidence("x", 1.0)])], **changes
    )


def incomplete() -> Report:
    whole = quiet_report().completeness
    return quiet_report(
        completeness=whole.model_copy(update={"status": "incomplete", "reasons": ["cut \x1b[2J short"]})
    )


def judged(judge: Judge, number: int, report: Report | None, said: Said | None = None) -> Vetted:
    if report is not None:
        report_path(judge.folder, number).write_text(report.model_dump_json())
    return judge.judged(Task(number=number, target=f"target{number}"), ("list, line 1",), said or Said(kind="report"))


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    return Judge(tmp_path, OWN, TODAY)


def test_a_report_gets_its_verdict_on_the_disk(judge: Judge) -> None:
    one = judged(judge, 3, stealing(), Said(kind="report", reused=True))
    assert (one.decision, one.standing, one.reused) == ("REJECT", "complete", True)
    verdict = judge.read(3).verdict
    assert verdict is not None
    assert verdict.decision == "REJECT"


@pytest.mark.parametrize(
    ("said", "standing", "why"),
    [
        (Said(kind="refused", text="no such project"), "not analysed", "no such project"),
        (Said(kind="lost", text="signal SIGKILL"), "not analysed", "signal SIGKILL"),
        (Said(kind="elsewhere", text="wanted only where"), "not wanted", "wanted only where"),
        (Said(kind="bug", text="Traceback\n  line\nKeyError: 'x'\n"), "not analysed", "(KeyError: 'x')"),
        (Said(kind="report"), "not analysed", "cannot be read"),
    ],
)
def test_what_has_no_report(said: Said, standing: str, why: str, judge: Judge) -> None:
    one = judged(judge, 0, None, said)
    assert (one.standing, one.decision) == (standing, None)
    assert why in one.error


def test_a_report_that_is_broken_costs_that_one(judge: Judge) -> None:
    report_path(judge.folder, 0).write_text("{")
    assert judged(judge, 0, None).standing == "not analysed"


def outcome(judge: Judge) -> Outcome:
    vetted = [
        judged(judge, 0, quiet_report()),
        judged(judge, 1, None, Said(kind="elsewhere", text="sys_platform == 'win32'")),
        judged(judge, 2, incomplete()),
        judged(judge, 3, stealing(), Said(kind="report", reused=True)),
    ]
    return Outcome(OWN, [*vetted, *refused([("list, line 9", "a URL")], -1)], ["--index-url is passed over"])


def test_the_severest_stands_first(judge: Judge) -> None:
    found = outcome(judge)
    assert [(one.number, one.standing) for one in found.severest_first()] == [
        (3, "complete"),
        (2, "incomplete"),
        (-1, "not analysed"),
        (0, "complete"),
        (1, "not wanted"),
    ]
    assert (found.decision, found.is_violated, found.is_whole) == ("REJECT", True, False)


def test_numbers(judge: Judge) -> None:
    assert outcome(judge).numbers().model_dump(exclude_defaults=True) == {
        "packages": 5,
        "analysed": 3,
        "approve": 1,
        "review": 1,
        "reject": 1,
        "incomplete": 1,
        "not_analysed": 1,
        "not_wanted": 1,
        "reused": 1,
    }


def test_the_document_is_one_of_its_model_and_harmless(judge: Judge) -> None:
    stream = io.BytesIO()
    outcome(judge).write(stream, judge, {3: "sample.json"})
    assert b"\x1b" not in stream.getvalue()
    found = Vetting.model_validate_json(stream.getvalue())
    assert [one.report is not None for one in found.packages] == [True, True, False, True, False]
    assert found.packages[0].file == "sample.json"
    assert found.packages[1].report == judge.read(2)
    assert found.notes == ["--index-url is passed over"]


def test_a_document_that_grows_too_large_names_the_files_instead(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vetting, "MAX_DOCUMENT_BYTES", 4000)
    stream = io.BytesIO()
    outcome(judge).write(stream, judge, {3: "sample.json"})
    found = json.loads(stream.getvalue())
    assert found["packages"][0]["file"] == "sample.json"
    assert any(one["decision"] and one["report"] is None for one in found["packages"])


def test_nothing_at_all() -> None:
    found = Outcome(default_policy(), [])
    assert (found.decision, found.is_violated, found.is_whole) == (None, False, True)
