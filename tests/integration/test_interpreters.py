"""Every version of Python that fumehood supports: what a package does is the same in an environment of each, where one can be had.

A version that this machine lacks, or of which no image can be had here, is skipped by name.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzer.errors import SandboxError
from analyzer.sandbox.docker.images import ensure_images
from analyzer.sandbox.interface import Installer, Manner
from analyzer.sandbox.interpreter import find_on_host
from analyzer.taxonomy import load
from tests.integration.analysing import report_of
from tests.integration.test_behaviors import CASES, build

if TYPE_CHECKING:
    import docker

pytestmark = [pytest.mark.index, pytest.mark.timeout(1200)]

VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
CASES_OF_EACH: dict[str, Installer] = {
    "time": "uv",
    "shell-from-pth": "uv",
    "cloud-credentials-by-child": "uv",
    "setup-runs-a-program": "pip",
}
"""What only the interpreter shows, what starts with it, what a child does for it, and a build by an installer that runs in it."""


def check(name: str, version: str, sandbox: str, folder: Path, cache_directory: Path) -> None:
    case, manner = CASES[name], Manner(installer=CASES_OF_EACH[name])
    report = report_of(build(folder, name, case), sandbox, "kernel", cache_directory, manner, version)
    assert report.sandbox.python.startswith(f"{version}.")
    assert report.completeness.status == "complete", report.completeness.reasons
    beyond = set(load().limits("strace")) - set(case["shows"])
    assert {one.id: one.phases for one in report.behaviors if one.id not in beyond} == case["shows"]
    by_id = {behavior.id: behavior for behavior in report.behaviors}
    for behavior, line in case.get("line", {}).items():
        assert line in {evidence.location.line for evidence in by_id[behavior].evidence if evidence.location}


@pytest.mark.embedded
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", CASES_OF_EACH)
def test_an_interpreter_of_this_machine(name: str, version: str, tmp_path: Path, cache_directory: Path) -> None:
    try:
        find_on_host(version)
    except SandboxError as error:
        pytest.skip(str(error))
    check(name, version, "embedded", tmp_path, cache_directory)


@pytest.mark.docker
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", CASES_OF_EACH)
def test_an_image_with_that_interpreter(
    name: str, version: str, tmp_path: Path, cache_directory: Path, docker_client: docker.DockerClient
) -> None:
    try:
        ensure_images(docker_client, print, version)
    except SandboxError as error:
        pytest.skip(str(error))
    check(name, version, "docker", tmp_path, cache_directory)
