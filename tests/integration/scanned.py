"""Packages for `fumehood confirm`: the programs of the taxonomy's samples as functions, and some of them in other forms, which tell whether code was run.

The wheel has a module for each program of `tests/data/samples`, whose function `main` is the program. The modules of `tests/data/findings/forms.yaml` add
what the samples do not tell apart: the same act in a method, in a thread, in a program that is started, below `__main__`, when the module is
imported, and where it is never run: behind a condition that does not hold, in a function inside another that nothing calls, and in a
method that no object has. The source distribution does it in its `setup.py`.

Static scanners read the trees (`tests/bench/findings.py`), and what they said is kept in `tests/data/findings`.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import yaml

from tests.integration.samples import FILES, samples
from tests.packages import make_sdist, make_wheel

FINDINGS = Path(__file__).parents[1] / "data" / "findings"
PACKAGE = "scanned"
SOURCE = "scanned-source"


def modules() -> dict[str, str]:
    """The wheel's files, by their path."""
    programs = (sample for name in FILES for sample in samples(name) if sample.is_program)
    forms: dict[str, str] = yaml.safe_load((FINDINGS / "forms.yaml").read_text(encoding="utf-8"))
    return {
        f"{PACKAGE}/__init__.py": "",
        **{f"{PACKAGE}/{sample.name}.py": _function(sample.content) for sample in programs},
        **{f"{PACKAGE}/{path}": text for path, text in forms.items()},
    }


def wheel(folder: Path) -> Path:
    """The wheel with all modules."""
    return make_wheel(folder, PACKAGE, modules=modules())


def sdist(folder: Path) -> Path:
    """A source distribution that does in its `setup.py` what scanners warn of, and has more there that is never run."""
    return make_sdist(folder, SOURCE, files={"scanned_source.py": "VALUE = 1\n"}, setup_py=setup_script())


def setup_script() -> str:
    """The source distribution's `setup.py`."""
    return (FINDINGS / "setup.txt").read_text(encoding="utf-8")


def tree(folder: Path) -> Path:
    """The wheel's files in a folder, as a scanner reads them."""
    with zipfile.ZipFile(io.BytesIO(wheel(folder).read_bytes())) as archive:
        archive.extractall(folder / "tree")
    return folder / "tree"


def _function(body: str) -> str:
    return "\n".join(["def main():", *(f"    {line}" for line in body.splitlines())]) + "\n"
