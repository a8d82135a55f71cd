"""The installers' command lines, and the project that is unpacked for an editable installation."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any, cast

import pytest
from hood import home, installing
from hood.execution import Step
from hood.session import Session
from hood.step import StepRunner

from tests.unit.hood.plans import plan


class Notes:
    """Takes steps."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def run(self, step: Step) -> None:
        self.steps.append(step)


def step(folder: Path, **changes: Any) -> Step:
    notes = Notes()
    installing.run(Session(plan(folder, **changes), cast("StepRunner", notes), folder / ".venv"))
    (found,) = notes.steps
    return found


@pytest.mark.parametrize("installer", ["uv", "pip"])
@pytest.mark.parametrize("compiled", [True, False])
def test_each_installer_gets_the_target_and_no_index(installer: str, compiled: bool, tmp_path: Path) -> None:
    found = step(tmp_path, installer=installer, compiled=compiled)
    assert "--no-index" in found.argv
    assert found.argv[-1] == "/srv/packages/thing.whl"
    assert found.running_package_code is not compiled


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_an_editable_project_is_installed_from_its_folder(installer: str, tmp_path: Path) -> None:
    argv = step(tmp_path, installer=installer, project="/home/alex/project/src/thing").argv
    assert argv[-2:] == ["--editable", "/home/alex/project/src/thing"]


def test_pip_alone_is_given_another_temporary_folder(tmp_path: Path) -> None:
    argv = step(tmp_path, installer="pip", home=str(tmp_path)).argv
    runner = tmp_path / "runner.py"
    runner.write_text(
        "import subprocess, sys, tempfile\n"
        "child = subprocess.run([sys.executable, '-c', 'import tempfile; print(tempfile.gettempdir())'], capture_output=True, text=True)\n"
        "print(__name__, tempfile.gettempdir(), child.stdout.strip(), *sys.argv[1:3])\n"
    )
    words = [sys.executable, *argv[1:]]
    words[words.index(installing.PIP)] = str(runner)
    said = subprocess.run(words, capture_output=True, text=True, check=True, env={"TMPDIR": "/tmp"}).stdout.split()
    assert said == ["__main__", str(tmp_path / installing.BUILDS), "/tmp", "install", "--no-index"]


def test_a_project_is_unpacked_without_its_top_folder(tmp_path: Path) -> None:
    source = tmp_path / "thing-1.0"
    (source / "pkg").mkdir(parents=True)
    (source / "pkg/run.sh").write_text("#!/bin/sh\n")
    (source / "pkg/run.sh").chmod(0o755)
    (source / "link").symlink_to("pkg/run.sh")
    with tarfile.open(tmp_path / "thing.tar.gz", "w:gz") as archive:
        archive.add(source, "thing-1.0")
    home._unpack(str(tmp_path / "thing.tar.gz"), tmp_path / "project/src/thing")
    unpacked = tmp_path / "project/src/thing"
    assert (unpacked / "pkg/run.sh").stat().st_mode & 0o111
    assert (unpacked / "link").readlink() == Path("pkg/run.sh")
