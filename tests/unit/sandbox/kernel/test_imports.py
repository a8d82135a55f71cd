"""The tracer's own modules run where nothing but the standard library is installed: in the container with more rights."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import analyzer

FOLDER = Path(analyzer.__file__).parent
MODULES = sorted(path.stem for path in (FOLDER / "sandbox" / "kernel").glob("*.py"))
ON_THE_HOST = {"calls"}
"""What prepares the table."""


def test_all_modules_are_looked_at() -> None:
    assert {"__init__", "loader", "recording", "remote"} | ON_THE_HOST <= set(MODULES)


@pytest.mark.parametrize("module", sorted(set(MODULES) - ON_THE_HOST - {"__main__"}))
def test_a_module_needs_the_standard_library_alone(module: str, tmp_path: Path) -> None:
    (tmp_path / "analyzer").symlink_to(FOLDER)
    name = f"analyzer.sandbox.kernel.{module}".removesuffix(".__init__")
    script = f"import sys; sys.path.append({str(tmp_path)!r}); import {name}; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert {one.partition(".")[0] for one in loaded} <= {*sys.stdlib_module_names, "__main__", "analyzer"}
    known = ("analyzer.errors", "analyzer.sandbox.kernel", "analyzer.sandbox.kernel.")
    ours = [one for one in loaded if one.startswith("analyzer.") and one != "analyzer.sandbox"]
    assert [one for one in ours if not one.startswith(known)] == []
