"""No way out: `tests/data/escapes`, in every place. What is tried fails, nothing of the host has changed, and the report tells it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.integration.analysing import PLACES
from tests.integration.escaping import EXPECTED, FOLDER, Attempts, attempts, burglar, host

MODULES = sorted(EXPECTED)


class Tried(NamedTuple):
    """One run, and what had changed outside when it was over."""

    attempts: Attempts
    changed: list[str]


@pytest.fixture(
    scope="module", params=[pytest.param(one.values, marks=one.marks, id="-".join(one.values)) for one in PLACES]
)
def tried(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, cache_directory: Path) -> Tried:
    sandbox, tracer = request.param
    with host(tmp_path_factory.mktemp("outside") / "host") as outside:
        wheel = burglar(tmp_path_factory.mktemp("wheel"), outside.facts(cache_directory))
        found = attempts(sandbox, tracer, wheel, cache_directory)
        return Tried(found, outside.changed())


def test_every_module_has_its_expectations() -> None:
    assert set(MODULES) == {path.stem for path in FOLDER.glob("*.py")} - {"tools"}


def test_the_run_came_to_its_end(tried: Tried) -> None:
    report = tried.attempts.report
    assert report.completeness.status == "complete", report.completeness.reasons
    assert set(tried.attempts.facts) == {*MODULES, "descriptors"}, tried.attempts.output


def test_nothing_outside_has_changed(tried: Tried) -> None:
    assert tried.changed == []


@pytest.mark.parametrize("module", MODULES)
def test_what_is_tried_fails(tried: Tried, module: str) -> None:
    facts, expected = tried.attempts.facts[module], EXPECTED[module]
    feigned = expected.get("feigned", []) if tried.attempts.tracer == "strace" else []
    assert len(facts) > 2
    worked = {
        name
        for name, came in facts.items()
        if came == "worked" and not any(re.search(pattern, name) for pattern in feigned)
    }
    assert worked <= set(expected.get("works", {}))


@pytest.mark.parametrize("module", MODULES)
def test_what_is_tried_is_told(tried: Tried, module: str) -> None:
    expected = EXPECTED[module]
    unseen = expected.get("untold", {}).get(tried.attempts.tracer, {"details": []})["details"]
    evidence = {
        one.id: [each.detail for each in one.evidence if each.phase == "import"]
        for one in tried.attempts.report.behaviors
    }
    missing = [
        f"{behavior}: {pattern}"
        for behavior, patterns in expected["told"].items()
        for pattern in patterns
        if pattern not in unseen and not any(re.search(pattern, detail) for detail in evidence.get(behavior, []))
    ]
    assert missing == [], {
        behavior: evidence.get(behavior) for behavior in expected["told"] if any(behavior in one for one in missing)
    }


def test_a_crash_leaves_no_core_and_starts_no_handler(tried: Tried) -> None:
    """Which the kernel would with a limit of 0, where core_pattern names a program (core(5)); with 1 it does not."""
    crash = tried.attempts.facts["crash"]
    assert crash["signal"] == 6
    assert crash["left"] == []
    assert crash["limits"] == [[1, 1], [1, 1]]


def test_no_descriptor_leads_out(tried: Tried) -> None:
    held = set(tried.attempts.facts["descriptors"].values())
    ours = {"/dev/null", *(f"/run/session/{name}" for name in ("events", "input", "output", "driver"))}
    assert {what for what in held - ours if not what.startswith(("pipe:", "/proc/"))} == set()


def test_shared_memory_is_its_own(tried: Tried) -> None:
    names = set(tried.attempts.facts["shared"]["names"].split())
    assert names <= {"raised"}


def test_links_left_behind_were_not_followed(tried: Tried) -> None:
    """Whoever read the tree and the installed metadata afterwards met links to secrets, to devices and to itself."""
    assert "root:" not in tried.attempts.report.model_dump_json()
    modified = {one.path for one in tried.attempts.report.files.created}
    assert {"/home/alex/root", "/home/alex/loop", "/tmp/zero", "/home/alex/pipe"} <= modified
    assert not any(path.startswith(("/home/alex/root/", "/home/alex/loop/")) for path in modified)
