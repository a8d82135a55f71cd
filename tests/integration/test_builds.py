"""Source distributions of every kind of build are installed in both sandboxes by both installers, and each act is its author's."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.model.report import Report
from analyzer.sandbox.interface import Installer, Manner
from tests.integration.analysing import behaviors, report_of
from tests.packages import make_sdist

pytestmark = pytest.mark.index

PLACES = [
    pytest.param("embedded", "uv", marks=pytest.mark.embedded),
    pytest.param("embedded", "pip", marks=pytest.mark.embedded),
    pytest.param("docker", "uv", marks=pytest.mark.docker),
    pytest.param("docker", "pip", marks=pytest.mark.docker),
]
everywhere = pytest.mark.parametrize(("sandbox", "installer"), PLACES)
crosswise = pytest.mark.parametrize(("sandbox", "installer"), [PLACES[0], PLACES[3]])
"""Both sandboxes and both installers, where what is built differs too."""

PROJECT = """
[project]
name = "sample"
version = "1.0"
description = "for tests"
[project.urls]
Repository = "https://code.example/project"
"""
BACKENDS = {
    "setuptools": ("setuptools>=64", "setuptools.build_meta"),
    "hatchling": ("hatchling", "hatchling.build"),
    "flit": ("flit_core>=3.11", "flit_core.buildapi"),
    "poetry": ("poetry-core>=2", "poetry.core.masonry.api"),
    "pdm": ("pdm-backend", "pdm.backend"),
}
PACKAGE = {"sample/__init__.py": "", "sample/part.py": "VALUE = 1\n"}
"""An empty package, so that the build is all there is to see."""


def pyproject(requirement: str, backend: str, more: str = "") -> str:
    requires = f'"{requirement}"' if requirement else ""
    return f'[build-system]\nrequires = [{requires}]\nbuild-backend = "{backend}"\n{more}\n{PROJECT}'


def analysed(
    target: Path, sandbox: str, installer: Installer, cache_directory: Path, *, editable: bool = False
) -> Report:
    manner = Manner(installer=installer, editable=editable)
    report = report_of(target, sandbox, "kernel", cache_directory, manner=manner)
    assert report.completeness.status == "complete", report.completeness.reasons
    return report


def details(report: Report) -> dict[str, str]:
    return {phase.name: f"{phase.status} {phase.detail}".strip() for phase in report.phases}


@crosswise
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_backend_from_the_index_builds_and_does_nothing_of_the_packages(
    backend: str, sandbox: str, installer: Installer, tmp_path: Path, cache_directory: Path
) -> None:
    sdist = make_sdist(tmp_path, "sample", files=PACKAGE, pyproject=pyproject(*BACKENDS[backend]))
    report = analysed(sdist, sandbox, installer, cache_directory)
    assert details(report)["install"] == "ok"
    assert details(report)["import"] == "ok 2 of 2 modules imported"
    assert behaviors(report) == set()


OWN_BACKEND = """
import subprocess, zipfile

def build_wheel(directory, config_settings=None, metadata_directory=None):
    subprocess.run(["true"])
    name = "sample-1.0-py3-none-any.whl"
    info = "sample-1.0.dist-info"
    files = {
        "sample/__init__.py": "", "sample/part.py": "",
        f"{info}/METADATA": "Metadata-Version: 2.1\\nName: sample\\nVersion: 1.0\\nProject-URL: Source, https://code.example/project\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: own\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(f"{directory}/{name}", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return name
"""
WRAPPED_BACKEND = """
import subprocess
from setuptools.build_meta import *
from setuptools import build_meta

def build_wheel(*arguments):
    subprocess.run(["true"])
    return build_meta.build_wheel(*arguments)
"""
OWN_ACTS = {"execution.file.run", "execution.process.create", "execution.install-time.run"}


@everywhere
@pytest.mark.parametrize(
    ("requirement", "text", "line"), [("", OWN_BACKEND, 5), ("setuptools>=64", WRAPPED_BACKEND, 7)]
)
def test_what_a_backend_in_the_tree_does_is_the_packages_act(
    requirement: str, text: str, line: int, sandbox: str, installer: Installer, tmp_path: Path, cache_directory: Path
) -> None:
    settings = (
        pyproject(requirement, "own", 'backend-path = ["building"]') + '\n[tool.setuptools]\npackages = ["sample"]\n'
    )
    sdist = make_sdist(tmp_path, "sample", files={**PACKAGE, "building/own.py": text}, pyproject=settings)
    report = analysed(sdist, sandbox, installer, cache_directory)
    assert details(report)["install"] == "ok"
    assert behaviors(report) >= OWN_ACTS
    for one in report.behaviors:
        assert one.attribution == ["package"], one
    ran = next(one for one in report.behaviors if one.id == "execution.install-time.run")
    places = {(Path(one.location.file).name, one.location.line) for one in ran.evidence if one.location}
    assert places == {("own.py", line)}


EXTENSION = """
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "fast"};
PyMODINIT_FUNC PyInit_fast(void) { return PyModule_Create(&module); }
"""
SETUP = """
from setuptools import Extension, setup
setup(name="sample", version="1.0", packages=["sample"], project_urls={"Source": "https://code.example/project"}, ext_modules=[%s])
"""


@everywhere
def test_a_legacy_tree_with_an_extension_is_built(
    sandbox: str, installer: Installer, tmp_path: Path, cache_directory: Path
) -> None:
    files = {**PACKAGE, "fast.c": EXTENSION}
    sdist = make_sdist(tmp_path, "sample", files=files, setup_py=SETUP % 'Extension("sample.fast", ["fast.c"])')
    report = analysed(sdist, sandbox, installer, cache_directory)
    assert details(report)["install"] == "ok"
    assert details(report)["import"] == "ok 3 of 3 modules imported"
    assert behaviors(report) == {"execution.native-code.load", "execution.library.load"}


FAILURES = {
    "exits": ("raise SystemExit('this package cannot be built')\n", "this package cannot be built"),
    "raises": ("raise ValueError('no such luck')\n", "ValueError: no such luck"),
    "compiles": (
        SETUP % 'Extension("sample.fast", ["broken.c"])',
        "broken.c:1:10: fatal error: missing.h: No such file or directory",
    ),
}


@crosswise
@pytest.mark.parametrize("failure", FAILURES)
def test_a_failed_build_is_told_with_its_reason(
    failure: str, sandbox: str, installer: Installer, tmp_path: Path, cache_directory: Path
) -> None:
    setup, reason = FAILURES[failure]
    sdist = make_sdist(tmp_path, "sample", files={**PACKAGE, "broken.c": "#include <missing.h>\n"}, setup_py=setup)
    report = analysed(sdist, sandbox, installer, cache_directory)
    assert details(report)["install"] == f"failed ended with status 1: {reason}"
    assert "anomaly.run.fail" in behaviors(report)


def project(folder: Path, settings: str, files: dict[str, str]) -> Path:
    root = folder / "sample"
    for name, text in {"pyproject.toml": settings, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


LAYOUTS = {
    # a `.pth` file with the folder `src`
    "hatchling": ("hatchling", {f"src/{name}": text for name, text in PACKAGE.items()}),
    # a finder with a mapping, as the package's folder has another name
    "setuptools": ("setuptools", {"lib/part.py": "VALUE = 1\n", "lib/__init__.py": ""}),
    # a `.pth` file with the project's own folder
    "flit": ("flit", {**PACKAGE, "tests/test_part.py": "raise SystemExit('not a module')\n"}),
}
MAPPED = '\n[tool.setuptools]\npackages = ["sample"]\npackage-dir = {sample = "lib"}\n'


@crosswise
@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_editable_projects_modules_are_those_in_its_folder(
    layout: str, sandbox: str, installer: Installer, tmp_path: Path, cache_directory: Path
) -> None:
    backend, files = LAYOUTS[layout]
    module = next(name for name in files if name.endswith("/part.py"))
    files = {**files, module: 'import os\nos.system("true")\n'}
    settings = pyproject(*BACKENDS[backend]) + (MAPPED if backend == "setuptools" else "")
    report = analysed(project(tmp_path, settings, files), sandbox, installer, cache_directory, editable=True)
    assert details(report)["install"] == "ok"
    assert details(report)["import"] == "ok 2 of 2 modules imported"
    ran = next(one for one in report.behaviors if one.id == "execution.shell.run")
    assert ran.attribution == ["package"]
    (place,) = {
        (one.location.distribution, one.location.file, one.location.line) for one in ran.evidence if one.location
    }
    assert place == ("sample", f"/home/alex/project/src/sample/{module}", 2)
