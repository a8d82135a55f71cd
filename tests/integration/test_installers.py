"""pip shows the same of a package as uv: nothing of its own work, and all that the package does while it is built and installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.sandbox.interface import Manner
from analyzer.taxonomy import load
from tests.integration.analysing import SANDBOXES, behaviors, report_of
from tests.integration.test_behaviors import CASES, build
from tests.integration.test_packages import sdist

pytestmark = pytest.mark.index

WITH_INSTALL = [name for name, case in CASES.items() if {"setup", "files", "data"} & set(case)] + ["empty"]
PIP = Manner(installer="pip")


@pytest.mark.parametrize("sandbox", SANDBOXES)
@pytest.mark.parametrize("name", WITH_INSTALL)
def test_a_package_shows_with_pip_what_it_shows_with_uv(
    name: str, sandbox: str, tmp_path: Path, cache_directory: Path
) -> None:
    case = CASES[name]
    report = report_of(build(tmp_path, name, case), sandbox, "kernel", cache_directory, PIP)
    beyond = set(load().limits("strace")) - set(case["shows"])
    assert {one.id: one.phases for one in report.behaviors if one.id not in beyond} == case["shows"]
    assert report.completeness.status == "complete", report.completeness.reasons
    failed = name == "setup-fails"
    assert {phase.name: phase.status for phase in report.phases}["install"] == ("failed" if failed else "ok")


@pytest.mark.parametrize("sandbox", SANDBOXES)
@pytest.mark.parametrize("requirement", ["six==1.17.0", "docopt==0.6.2", "markupsafe==3.0.3", "pyyaml==6.0.2"])
def test_both_installers_show_the_same_of_real_packages(
    requirement: str, sandbox: str, tmp_path: Path, cache_directory: Path
) -> None:
    target = requirement if requirement.startswith("six") else str(sdist(requirement, cache_directory, tmp_path))
    by_pip, by_uv = (
        report_of(target, sandbox, "kernel", cache_directory, manner) for manner in (PIP, Manner(installer="uv"))
    )
    assert behaviors(by_pip) == behaviors(by_uv)
    assert by_pip.completeness.status == by_uv.completeness.status == "complete"
    ways = [[(phase.name, phase.status, phase.detail) for phase in report.phases] for report in (by_pip, by_uv)]
    assert ways[0] == ways[1]
