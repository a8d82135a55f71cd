"""Each small package shows exactly what it does, on both sandboxes: nothing more, nothing less, by the right code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from analyzer.sandbox.interface import Manner
from analyzer.taxonomy import load
from tests.integration.analysing import everywhere, report_of
from tests.integration.lines import wrong_places
from tests.packages import make_sdist, make_wheel

CASES: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parents[1] / "data" / "behaviors.yaml").read_text())


def build(folder: Path, name: str, case: dict[str, Any]) -> Path:
    module = "sample_" + name.replace("-", "_")
    if "setup" in case:
        return make_sdist(folder, module, "1.0", {f"{module}.py": case["module"]}, setup_py=case["setup"])
    return make_wheel(
        folder,
        module,
        modules={f"{module}.py": case["module"]},
        extra_files=case.get("files", {}),
        data=case.get("data", {}),
    )


def manner(folder: Path, case: dict[str, Any]) -> Manner:
    if "driver" not in case:
        return Manner()
    (folder / "mine.py").write_text(case["driver"])
    return Manner(driver=folder / "mine.py", callables=False)


@everywhere
@pytest.mark.parametrize("name", CASES)
def test_a_package_shows_what_it_does(
    name: str, sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path
) -> None:
    case = CASES[name]
    report = report_of(build(tmp_path, name, case), sandbox, tracer, cache_directory, manner(tmp_path, case))
    # What strace cannot see, the kernel tracer may add; the report names that limit.
    beyond = set(load().limits("strace")) - set(case["shows"]) if tracer == "kernel" else set()
    assert {one.id: one.phases for one in report.behaviors if one.id not in beyond} == case["shows"]
    assert report.completeness.status == "complete", report.completeness.reasons
    by_id = {behavior.id: behavior for behavior in report.behaviors}
    for behavior, told in case.get("evidence", {}).items():
        for text in [told] if isinstance(told, str) else told:
            assert any(text in evidence.detail for evidence in by_id[behavior].evidence), by_id[behavior].evidence
    for text in case.get("unseen", ()):
        assert not [one for behavior in report.behaviors for one in behavior.evidence if text in one.detail]
    for behavior, line in case.get("line", {}).items():
        lines = {evidence.location.line for evidence in by_id[behavior].evidence if evidence.location}
        assert line in lines, by_id[behavior].evidence
    assert not wrong_places(name, "sample_" + name.replace("-", "_"), report)
    for behavior in case.get("called_only", ()):
        assert by_id[behavior].called_only
    assert case.get("detail", "") in report.phases[-1].detail
