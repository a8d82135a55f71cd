from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.report import Completeness, Report
from analyzer.render.json import render_json
from tests.unit.render.eventful import rich_report
from tests.unit.render.hostile import hostile_report
from tests.unit.render.sample import quiet_report


@pytest.mark.parametrize("make", [quiet_report, rich_report, hostile_report])
def test_a_report_comes_back_as_it_was(make: object) -> None:
    assert callable(make)
    report = make()
    assert Report.model_validate_json(render_json(report)) == report


@pytest.mark.parametrize("make", [quiet_report, rich_report, hostile_report])
def test_a_document_is_harmless_to_look_at(make: object) -> None:
    assert callable(make)
    text = render_json(make())
    assert text.endswith("}\n")
    assert all(line.isprintable() for line in text.removesuffix("\n").split("\n"))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back(text: str) -> None:
    report = quiet_report(completeness=Completeness(status="failed", reasons=[text], events=0, dropped=0))
    document = render_json(report)
    assert document.encode().decode() == document
    assert json.loads(document)["completeness"]["reasons"] == [text]
    assert Report.model_validate_json(document) == report


def test_visible_text_stays_readable() -> None:
    reasons = ["straße 日本", "\u202e\u2028\x85\x00\U000e0041"]
    report = quiet_report(completeness=Completeness(status="incomplete", reasons=reasons, events=0, dropped=0))
    assert '"straße 日本"' in render_json(report)
    assert r'"\u202e\u2028\u0085\u0000\udb40\udc41"' in render_json(report)


def test_the_names_of_the_contract_are_there() -> None:
    document = json.loads(render_json(rich_report()))
    assert list(document) == [
        "schema_version", "generator", "created", "verdict", "package", "project", "corpus", "sandbox", "completeness",
        "coverage", "exploration", "directions", "phases", "behaviors", "issues", "anomalies", "content", "network", "processes", "processes_left_out", "files", "left_out",
    ]  # fmt: skip
    assert set(document["behaviors"][0]["evidence"][0]) >= {
        "phase", "time", "pid", "process", "event", "detail", "location",
    }  # fmt: skip
