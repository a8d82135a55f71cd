"""The table of privileges in docs/security.md is what a live run has: no process has more, and none is missing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.integration.analysing import PLACES
from tests.integration.privileges import Privileges, look

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "security.md"


class Row(NamedTuple):
    """A row of the table."""

    place: str
    role: str
    user: str
    capabilities: frozenset[str]
    seccomp: str
    namespaces: frozenset[str]

    def is_of(self, sandbox: str, tracer: str) -> bool:
        return self.place in {sandbox, f"{sandbox}/{tracer}"} and (self.role != "strace" or tracer == "strace")


def table() -> list[Row]:
    section = DOCUMENT.read_text(encoding="utf-8").split("\n## Privileges\n")[1].split("\n##")[0]
    lines = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line] for line in lines[1:]]
    return [
        Row(place, role, user, frozenset(rights.split()) - {"none"}, seccomp, frozenset(namespaces.split()))
        for place, role, user, rights, seccomp, namespaces, _ in cells
    ]


@pytest.fixture(
    scope="module", params=[pytest.param(one.values, marks=one.marks, id="-".join(one.values)) for one in PLACES]
)
def live(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, cache_directory: Path
) -> tuple[str, str, list[Privileges]]:
    sandbox, tracer = request.param
    return sandbox, tracer, look(sandbox, tracer, tmp_path_factory.mktemp("wheel"), cache_directory)


def test_each_process_is_in_the_table_and_each_row_was_seen(live: tuple[str, str, list[Privileges]]) -> None:
    sandbox, tracer, found = live
    assert {one.role for one in found} == {row.role for row in table() if row.is_of(sandbox, tracer)}


def test_no_process_has_more_or_less_than_the_table_says(live: tuple[str, str, list[Privileges]]) -> None:
    sandbox, tracer, found = live
    rows = {row.role: row for row in table() if row.is_of(sandbox, tracer)}
    users = {"starter": {os.geteuid()}, "root": {0}, "nobody": {65534}}
    for one in found:
        row = rows[one.role]
        assert one.capabilities == row.capabilities, one
        assert not one.new_privileges, one
        assert one.seccomp is (row.seccomp != "no" and (row.seccomp != "strace's" or tracer == "strace")), one
        assert one.namespaces - row.namespaces <= ({"user"} if os.geteuid() else set()), one
        assert row.namespaces <= one.namespaces, one
        if row.user in users:
            assert one.user in users[row.user], one
        elif os.geteuid() == 0:
            assert one.user not in {0, 65534}, one


def test_nothing_that_a_package_could_execute_gives_it_a_right(live: tuple[str, str, list[Privileges]]) -> None:
    _, _, found = live
    packages = [one for one in found if one.role == "package"]
    assert packages
    for one in packages:
        assert one.bounding == frozenset()
