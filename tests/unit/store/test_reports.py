"""Saved reports, read back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analyzer.errors import RecordError
from analyzer.render.json import render_json
from analyzer.store import reports
from analyzer.store.reports import load_report, load_saved
from tests.unit.render.eventful import rich_report
from tests.unit.render.hostile import hostile_report
from tests.unit.render.vettings import heading


@pytest.mark.parametrize("report", [rich_report(), hostile_report()], ids=["rich", "hostile"])
def test_a_report_comes_back_as_it_was(tmp_path: Path, report: object) -> None:
    path = tmp_path / "report.json"
    path.write_text(render_json(report), encoding="utf-8")  # type: ignore[arg-type]
    assert load_report(path) == report


@pytest.mark.parametrize(
    ("content", "telling"),
    [
        (b"", "is not a report of fumehood"),
        (b"\xff\xfe", "is not a report of fumehood"),
        (b"[1]", "is not a report of fumehood"),
        (b"[" * 100_000, "is not a report of fumehood"),
        (b'{"schema_version": "2"}', "has schema version 2, and this fumehood reads 1: upgrade it"),
        (b'{"schema_version": 2}', "is not a report of fumehood"),
    ],
)
def test_what_is_no_report(tmp_path: Path, content: bytes, telling: str) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(content)
    with pytest.raises(RecordError) as caught:
        load_report(path)
    assert telling in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_of_a_newer_version_is_named(tmp_path: Path) -> None:
    content = json.loads(render_json(rich_report()))
    content["package"]["shape"] = "round"
    path = tmp_path / "report.json"
    path.write_text(json.dumps(content))
    with pytest.raises(RecordError, match="has 'package.shape', which this fumehood cannot read: upgrade it"):
        load_report(path)


def test_a_missing_and_a_huge_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RecordError, match="cannot be read: No such file"):
        load_report(tmp_path / "none.json")
    path = tmp_path / "report.json"
    path.write_text(render_json(rich_report()))
    monkeypatch.setattr(reports, "_MAX_BYTES", 100)
    with pytest.raises(RecordError, match="larger than 100 bytes"):
        load_report(path)


def test_a_document_of_many_packages_is_no_report_of_one(tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    path.write_text(heading().model_dump_json())
    with pytest.raises(RecordError, match=r"all\.json has the reports of several packages, where one is wanted"):
        load_report(path)
    assert load_saved(path) == heading()
    path.write_text(heading().model_dump_json().replace('"decision"', '"decided"'))
    with pytest.raises(RecordError, match="which this fumehood cannot read: upgrade it"):
        load_saved(path)
