"""Each of thirty ways not to be seen is seen, in every sandbox and by every tracer, or the report says what was not."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT
from tests.integration.evading import CASES, PLACE_NAMES, PLACES, Case, Seen, run

Run = Callable[[str, str], Seen]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, cache_directory: Path) -> Run:
    """A run by place and the case's name, "" for all that share one; each is made once."""

    def one(place: str, name: str) -> Seen:
        cases = [CASES[name]] if name else [case for case in CASES.values() if not case.is_alone]
        return run(cases, place, tmp_path_factory.mktemp("evading"), cache_directory)

    return cache(one)


def _run_of(case: Case) -> str:
    return case.name if case.is_alone else ""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", CASES)
def test_an_evasion_is_seen(name: str, place: str, runs: Run) -> None:
    case = CASES[name]
    missing = runs(place, _run_of(case)).missing(case, case.evasion.expected(place))
    assert not missing, "\n".join(missing)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["", *(name for name, case in CASES.items() if case.is_alone)])
def test_nothing_else_was_missed(name: str, place: str, runs: Run) -> None:
    """Each reason for which a run is incomplete is one that an evasion in it is expected to leave."""
    cases = [case for case in CASES.values() if _run_of(case) == name]
    known = [one.reason for case in cases for one in case.evasion.expected(place) if one.reason]
    known += [pattern for case in cases for pattern in case.evasion.further]
    reasons = runs(place, name).report.completeness.reasons
    assert not [said for said in reasons if not any(re.search(pattern, said) for pattern in known)]


def test_there_are_thirty_and_each_is_documented() -> None:
    assert {case.evasion.number for case in CASES.values()} == set(range(1, 31))
    table = (CHECKOUT / "docs" / "security.md").read_text(encoding="utf-8")
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == list(range(1, 31))


def test_folders_are_numbered_as_they_say() -> None:
    assert {name: int(name[:2]) for name in CASES} == {name: case.evasion.number for name, case in CASES.items()}
    for case in CASES.values():
        assert set(case.evasion.exceptions) < set(PLACE_NAMES), "an exception everywhere is what is expected"
        assert set(case.evasion.compile) <= {path.name for path in case.folder.glob("*.c")}
