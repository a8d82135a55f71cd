from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from analyzer.model.report import SEVERITIES, Completeness, Package, PhaseResult, ProcessNode


def test_text_that_is_not_utf8_stays_readable_and_encodable() -> None:
    package = Package(name="a\udcff", version="1\ud800é", files=[])
    assert (package.name, package.version) == ("a\\udcff", "1\\ud800é")
    assert json.loads(package.model_dump_json())["name"] == "a\\udcff"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_are_json(value: float) -> None:
    with pytest.raises(ValidationError):
        PhaseResult(name="import", status="ok", duration_seconds=value)


def test_unknown_words_are_refused() -> None:
    with pytest.raises(ValidationError):
        Completeness(status="clean", events=0, dropped=0)  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        Completeness(status="complete", events=0, dropped=0, colour="red")  # type: ignore[call-arg]


def test_processes_form_a_tree() -> None:
    leaf = ProcessNode(pid=2, program="sh", argv=["sh"], phase="import", started=1.0, exit="", attribution="package")
    root = leaf.model_copy(update={"pid": 1, "children": [leaf]})
    assert ProcessNode.model_validate_json(root.model_dump_json()) == root


def test_severities_are_in_order() -> None:
    assert SEVERITIES == ("info", "low", "medium", "high", "critical")
