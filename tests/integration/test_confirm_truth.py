"""What `fumehood confirm` says of real scanners' findings in packages of which it is known what they do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analyzer.confirm import read_findings
from tests.integration.confirmed import MADE, SOURCE, WHEEL, Outcome, outcome, table
from tests.integration.scanned import FINDINGS, PACKAGE, modules, setup_script
from tests.integration.truth import Truth

_RIGHT = 0.9
"""How many of the findings that name an observable behavior have to come out right."""

_DOCUMENTS = sorted({*WHEEL.values(), *SOURCE.values()})


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory, cache_directory: Path) -> list[Outcome]:
    """One directed run of the wheel and one of the source distribution."""
    return [outcome(tmp_path_factory.mktemp("scanned"), cache_directory, documents) for documents in (WHEEL, SOURCE)]


@pytest.mark.timeout(900)
@pytest.mark.embedded
def test_findings_come_out_right(outcomes: list[Outcome]) -> None:
    for one in outcomes:
        assert one.report.completeness.status == "complete", one.report.completeness.reasons
    judged = [one for run in outcomes for one in run.observable]
    wrong = [str(one) for one in judged if not one.is_right]
    assert len(judged) - len(wrong) >= _RIGHT * len(judged), "\n".join([*table(judged), *wrong])


@pytest.mark.timeout(900)
@pytest.mark.embedded
def test_what_is_about_no_act_is_not_observable(outcomes: list[Outcome]) -> None:
    about_none = [one for run in outcomes for one in run.judged if one.right == "not observable"]
    assert about_none
    assert [str(one) for one in about_none if not one.is_right] == []


@pytest.mark.timeout(900)
@pytest.mark.embedded
def test_what_is_never_run_is_not_confirmed(outcomes: list[Outcome]) -> None:
    truth = Truth.load()
    never = [one for run in outcomes for one in run.judged if truth.line(one.answer.finding).endswith("# never")]
    assert len(never) >= 40
    assert [str(one) for one in never if one.answer.answer == "confirmed" or one.answer.reached == "line"] == []


@pytest.mark.timeout(900)
@pytest.mark.embedded
def test_the_form_of_codeql_is_read(outcomes: list[Outcome]) -> None:
    made = [one for run in outcomes for one in run.judged if one.scanner == MADE]
    assert len(made) == 6
    assert [str(one) for one in made if not one.is_right] == []


@pytest.mark.parametrize("name", _DOCUMENTS)
def test_the_truth_is_known_of_every_finding(name: str) -> None:
    truth, findings = Truth.load(), list(read_findings(FINDINGS / name).findings)
    assert findings
    assert {truth.of(one, findings) for one in findings} <= {"confirmed", "not triggered", "not observable"}


@pytest.mark.parametrize("name", ["bandit.json", "bandit-source.json"])
def test_the_documents_are_of_the_packages_as_they_are(name: str) -> None:
    """Bandit tells the lines that it read: where they are others, `tests/bench/findings.py` has to be run again."""
    texts = {**modules(), "setup.py": setup_script()}
    for result in json.loads((FINDINGS / name).read_text(encoding="utf-8"))["results"]:
        lines = texts[result["filename"].removeprefix("./")].splitlines()
        for line in result["code"].splitlines():
            number, _, text = line.partition(" ")
            assert lines[int(number) - 1] == text, f"{PACKAGE}: {result['filename']} line {number}"
