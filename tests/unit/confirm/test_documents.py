"""What real scanners wrote of the scanned packages (`tests/data/findings`): all of it is read, and the mapping knows every rule."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analyzer.confirm import load_mapping, read_findings

FOLDER = Path(__file__).parents[2] / "data" / "findings"
DOCUMENTS = sorted(path for path in FOLDER.iterdir() if path.suffix in {".json", ".sarif"})


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_finding_is_read_and_known(path: Path) -> None:
    read = read_findings(path)
    assert read.findings
    assert read.notes == ()
    assert {one.rule for one in read.findings if load_mapping().decide(one) is None} == set()
    assert all(one.line and one.file.endswith((".py", ".txt")) for one in read.findings if one.file)


BOTH = [path.stem for path in DOCUMENTS if path.suffix == ".sarif" and path.with_suffix(".json") in DOCUMENTS]


@pytest.mark.parametrize("name", BOTH)
def test_both_formats_of_a_scanner_say_the_same(name: str) -> None:
    first, second = (read_findings(FOLDER / f"{name}.{suffix}").findings for suffix in ("json", "sarif"))
    facts = [
        sorted((one.rule, one.file.removeprefix("./"), one.line, *one.cwes) for one in found)
        for found in (first, second)
    ]
    assert facts[0] == facts[1]


def test_nothing_of_a_scanners_log_is_lost() -> None:
    for path in (path for path in DOCUMENTS if path.suffix == ".sarif"):
        runs = json.loads(path.read_bytes())["runs"]
        assert len(read_findings(path).findings) == sum(len(run["results"]) for run in runs)
