"""Which process of an installation runs a build backend."""

from __future__ import annotations

import pytest

from analyzer.model.event import FileOpen
from analyzer.trace.authors.building import backend, is_ordinary, is_tool, source_project
from analyzer.trace.calls.processes import Process
from tests.unit.trace.making import probe_call

UV = "/home/u/.cache/uv/builds-v0/.tmpA/bin/python"
HOOKS = "/opt/pip/pip/_vendor/pyproject_hooks/_in_process/_in_process.py"


@pytest.mark.parametrize(
    ("path", "argv", "told"),
    [
        (
            UV,
            ("python", "-c", "import sys\nfrom setuptools import build_meta as backend\n"),
            "build backend setuptools.build_meta",
        ),
        (UV, ("python", "-c", "import own as backend\n"), "build backend own"),
        ("/home/u/project/.venv/bin/python", ("python", HOOKS, "build_wheel", "/tmp/x"), "build backend"),
        ("/home/u/project/.venv/bin/python", ("python", "/opt/pip/pip/__pip-runner__.py", "install"), ""),
        ("/home/u/.cache/uv/builds-v0/.tmpA/bin/true", ("true",), ""),
    ],
)
def test_backends(path: str, argv: tuple[str, ...], told: str) -> None:
    assert backend(Process(pid=1, parent=None, started=1.0, ours=False, path=path, argv=argv)) == told


VENV = "/home/u/project/.venv/bin/python"
BUILDS = "/home/u/.cache/pip/builds"
OVERLAY = f"{BUILDS}/pip-build-env-ab12cd34/overlay/lib/python3.11/site-packages"
CUSTOMIZE = f"{BUILDS}/pip-build-env-ab12cd34/site/sitecustomize.py"
BACKEND = f"{OVERLAY}/setuptools/build_meta.py"


@pytest.mark.parametrize(
    ("file", "stack", "tool"),
    [
        ("/opt/pip/pip/_internal/cli/main.py", (), True),
        (HOOKS, (), True),
        ("<string>", ((HOOKS, 10),), True),
        (BACKEND, (), True),
        (CUSTOMIZE, (), True),
        ("<string>", ((CUSTOMIZE, 30),), True),
        ("<string>", ((BACKEND, 317),), False),
        (f"{BUILDS}/pip-req-build-xyz12345/setup.py", (), False),
        (f"{BUILDS}/pip-req-build-xyz12345/building/own.py", ((HOOKS, 10),), False),
        ("/home/u/project/.venv/lib/python3.11/site-packages/helper.py", (), False),
        ("/home/u/opt/pip/pip/x.py", (), False),
    ],
)
def test_with_pip_its_code_and_its_builds_environments_are_tools(
    file: str, stack: tuple[tuple[str, int], ...], tool: bool
) -> None:
    process = Process(pid=1, parent=None, started=1.0, ours=False, path=VENV, argv=("python", HOOKS, "build_wheel"))
    assert is_tool(probe_call(0.1, "open", file=file, stack=stack), process) is tool


@pytest.mark.parametrize(
    ("folder", "project"),
    [
        (f"{BUILDS}/pip-install-ab12cd34/Some.Thing_0123456789abcdef0123456789abcdef", "some-thing"),
        ("/home/u/.cache/uv/sdists-v9/index/0a1b/some-thing/1.0/xyz/src", "some-thing"),
        (f"{BUILDS}/pip-req-build-xyz12345", ""),
        ("/home/u/project", ""),
    ],
)
def test_a_build_of_something_from_the_index_is_told_by_its_folder(folder: str, project: str) -> None:
    process = Process(pid=1, parent=None, started=1.0, ours=False, path=VENV)
    process.home = folder
    assert source_project(process) == project


@pytest.mark.parametrize(("program", "ordinary"), [("git", True), ("cat", False)])
def test_gits_own_settings_are_gits_to_read(program: str, ordinary: bool) -> None:
    process = Process(pid=1, parent=None, started=1.0, ours=False, path=f"/usr/bin/{program}")
    process.home = "/home/u/project"
    detail = FileOpen("/home/u/.gitconfig", "read", ("O_RDONLY",), "")
    assert is_ordinary(detail, process, "/home/u") is ordinary
