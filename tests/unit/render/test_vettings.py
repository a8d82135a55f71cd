"""The formats of many packages: SARIF at the lines of lists, Markdown, CycloneDX."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from analyzer.model.report import Report
from analyzer.model.vetting import Numbers, VettedPackage
from analyzer.render.sarif import parts as sarif_parts
from analyzer.render.sarif import vetting as sarif_vetting
from analyzer.render.vetting import VETTING_RENDERERS
from tests.unit.render import markdown_checks, sarif_checks
from tests.unit.render.cyclonedx_checks import checked as checked_bom
from tests.unit.render.hostile import PAYLOADS, hostile_report
from tests.unit.render.strategies import TEXTS, reports
from tests.unit.render.vettings import heading, hostile_packages, packages, thief


def rendered(name: str, given: list[VettedPackage] | None = None, **changes: object) -> str:
    return VETTING_RENDERERS[name].render(heading(**changes), iter(packages() if given is None else given))


def sarif(given: list[VettedPackage] | None = None) -> dict[str, Any]:
    return sarif_checks.checked(rendered("sarif", given))


def test_there_are_three() -> None:
    assert {name: one.format for name, one in VETTING_RENDERERS.items()} == {
        name: name for name in ("sarif", "markdown", "cyclonedx")
    }


def test_results_stand_at_the_lines_that_ask_for_the_package() -> None:
    run = sarif()
    told = {one["ruleId"]: one for one in run["results"]}
    assert {name: one["level"] for name, one in told.items()} == {
        "steal.ssh-key.read": "error", "execution.shell.run": "error", "vet.policy": "warning", "vet.not-analysed": "warning",
        "project.rare": "note", "network.tcp.connect": "note",
    }  # fmt: skip
    places = [one["physicalLocation"] for one in told["steal.ssh-key.read"]["locations"]]
    assert [(one["artifactLocation"], one["region"]["startLine"]) for one in places] == [
        ({"uri": "deps/r.txt"}, 3), ({"uri": "d.txt"}, 1),
    ]  # fmt: skip
    assert told["steal.ssh-key.read"]["message"]["text"] == (
        "six 1.17.0: Reads SSH keys: ~/.ssh/id (and 1 more). The policy: reject steal.*."
    )
    (code, whole) = told["steal.ssh-key.read"]["relatedLocations"]
    assert code["physicalLocation"]["artifactLocation"] == {"uri": "acme/a.py", "uriBaseId": "PACKAGES"}
    assert whole["message"]["text"] == "~/.ssh/x"
    assert told["network.tcp.connect"]["suppressions"][0]["justification"] == "it is a client"
    assert told["vet.not-analysed"]["locations"][0]["physicalLocation"]["region"]["startLine"] == 4
    assert "GPL-3.0-only of six" in told["vet.policy"]["message"]["text"]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert run["properties"] == {"verdict": "REJECT", "violated": True}


def test_a_package_that_no_list_asks_for_is_at_its_own_file() -> None:
    one = VettedPackage(target="six", standing="complete", decision="REJECT", report=thief())
    uris = [
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for each in sarif([one, VettedPackage(target="./no such", standing="not analysed", error="x")])["results"]
    ]
    assert set(uris) == {"six-1.17.0-py2.py3-none-any.whl", "package"}


def test_a_log_of_too_many_packages_has_the_most_severe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif_parts, "MAX_RESULTS", 4)
    monkeypatch.setattr(sarif_vetting, "MAX_RESULTS", 4)
    report = thief()
    names = [report.package.model_copy(update={"name": f"p{at}"}) for at in range(9)]
    many = [packages()[0].model_copy(update={"report": report.model_copy(update={"package": name})}) for name in names]
    run = sarif(many)
    assert [one["level"] for one in run["results"]] == ["error"] * 4
    told = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    assert told.endswith("more results are left out: code hosts take no more")


def test_a_comment_has_a_table_of_all_and_what_stands_against_them() -> None:
    document = rendered("markdown")
    assert document.startswith("### **REJECT**: 3 packages, 1 to reject, 1 approved, 1 not analysed\n")
    tokens = markdown_checks.checked(document)
    assert markdown_checks.rows(tokens) == [
        ["verdict", "package", "where", "analysis", "why"],
        ["REJECT", "six 1.17.0", "r.txt, line 3", "complete", "Reads SSH keys and 1 more"],
        ["", "gone==1", "r.txt, line 4", "not analysed", "the index has no such project"],
        ["", "win", "", "not wanted", "it is wanted only elsewhere"],
        ["APPROVE", "six 1.17.0", "", "complete", ""],
    ]
    assert "- REVIEW: `GPL-3.0-only` of six (warn licence `GPL-*`)" in document
    assert "#### low: Seldom used" in document
    assert "- passed over: `r.txt,` line 9: `--pre` is passed over" in document


def test_a_comment_about_nothing() -> None:
    nothing = rendered("markdown", [], decision=None, numbers=Numbers(packages=0))
    assert nothing.startswith("### **nothing analysed**: 0 packages\n")


def test_one_bill_of_materials_has_each_component_once() -> None:
    document = checked_bom(rendered("cyclonedx"))
    assert document["metadata"]["component"]["name"] == "vetted packages"
    (six,) = document["components"]
    assert six["bom-ref"] == "pkg:pypi/six@1.17.0"
    assert six["evidence"]["occurrences"] == [{"location": "deps/r.txt", "line": 3}, {"location": "d.txt", "line": 1}]
    assert {"ref": "vetted", "dependsOn": ["pkg:pypi/six@1.17.0"]} in document["dependencies"]
    texts = [one["text"] for one in document["annotations"]]
    assert "gone==1 is not analysed: the index has no such project" in texts


@pytest.mark.parametrize("text", PAYLOADS)
def test_hostile_names_and_places(text: str) -> None:
    _check(hostile_report(), text.encode("utf-8", "backslashreplace").decode())


@settings(deadline=None, max_examples=8)
@given(reports(), TEXTS)
def test_any_reports(report: Report, text: str) -> None:
    _check(report, text)


def _check(report: Report, text: str) -> None:
    given = hostile_packages(report, text)
    sarif(given)
    document = rendered("markdown", given, policy=text, notes=[text])
    assert len(markdown_checks.rows(markdown_checks.checked(document))) == 3
    checked_bom(rendered("cyclonedx", given, policy=text))
    assert json.loads(rendered("sarif", given))["version"] == "2.1.0"
