"""What honest libraries do when they are installed, imported and run is nothing to worry about; what they are asked for in calls is their work."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from analyzer.policy import default_policy, evaluate
from tests.integration.analysing import everywhere, report_of

pytestmark = pytest.mark.index

WHEELS = [
    "six==1.17.0",
    "attrs==25.4.0",
    "click==8.1.8",
    "idna==3.10",
    "packaging==25.0",
    "pluggy==1.6.0",
    "certifi==2025.8.3",
    "typing-extensions==4.15.0",
    "markupsafe==3.0.3",
    "pyyaml==6.0.3",
]


@everywhere
@pytest.mark.parametrize("wheel", WHEELS)
def test_nothing_is_of_medium_severity(wheel: str, sandbox: str, tracer: str, cache_directory: Path) -> None:
    report = report_of(wheel, sandbox, tracer, cache_directory)
    assert report.package.files[0].filename.endswith(".whl")
    assert report.completeness.status == "complete", report.completeness.reasons
    unasked = [one for one in report.behaviors if not one.called_only]
    assert {one.id: one.severity for one in unasked if one.severity not in {"info", "low"}} == {}
    assert "anomaly.run.fail" not in {one.id for one in report.behaviors}
    known = [one for one in report.issues if one.id != "vulnerability.known"]  # which a version may have tomorrow
    verdict = evaluate(report.model_copy(update={"issues": known}), default_policy(), date(2026, 1, 1))
    assert (verdict.decision, verdict.reasons) == ("APPROVE", [])
