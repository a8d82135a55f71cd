"""Acquisition from the real package index; what is fetched stays in the tests' cache."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from analyzer.acquire import Cache, SimpleIndex, acquire, environment_from
from analyzer.resources import probes_directory

DESCRIBE = (probes_directory() / "interpreter" / "describe.py").read_text(encoding="utf-8")

if TYPE_CHECKING:
    from pathlib import Path

    from analyzer.model.package import Environment

pytestmark = pytest.mark.index


@pytest.fixture(scope="module")
def cache(cache_directory: Path) -> Cache:
    return Cache(cache_directory)


@pytest.fixture(scope="module")
def environment() -> Environment:
    """The environment of the interpreter that runs the tests."""
    return environment_from(
        subprocess.run([sys.executable, "-I", "-c", DESCRIBE], capture_output=True, check=True).stdout
    )


def test_a_wheel_without_dependencies(cache: Cache, environment: Environment) -> None:
    found = acquire("six==1.17.0", environment, cache, index=SimpleIndex(cache))
    assert [(file.filename, file.role) for file in found.files] == [("six-1.17.0-py2.py3-none-any.whl", "target")]
    assert found.target.sha256 == "4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274"
    assert found.target.size == found.target.path.stat().st_size == 11050


def test_dependencies(cache: Cache, environment: Environment) -> None:
    found = acquire("flask", environment, cache, index=SimpleIndex(cache))
    projects = [file.project for file in found.files]
    assert projects[0] == "flask"
    assert {"werkzeug", "jinja2", "markupsafe", "click", "itsdangerous", "blinker"} <= set(projects)
    assert {file.role for file in found.files} == {"target", "dependency"}


def test_an_old_sdist_and_what_builds_it(cache: Cache, environment: Environment) -> None:
    found = acquire("docopt==0.6.2", environment, cache, index=SimpleIndex(cache))
    assert found.target.filename == "docopt-0.6.2.tar.gz"
    assert {"setuptools", "wheel"} <= {file.project for file in found.files if file.role == "build"}


def test_an_sdist_with_an_extension(cache: Cache, environment: Environment, tmp_path: Path) -> None:
    index = SimpleIndex(cache)
    candidates = index.project("markupsafe")
    assert candidates is not None
    sdist = next(file for file in candidates if file.filename.lower() == "markupsafe-3.0.2.tar.gz")
    path = tmp_path / sdist.filename
    with path.open("wb") as stream:
        stored = cache.file(sdist.sha256) or cache.add(
            sdist.filename, lambda sink: index.download(sdist, sink), sha256=sdist.sha256
        )
        stream.write(stored.path.read_bytes())
    found = acquire(str(path), environment, cache, index=index)
    assert (found.name, found.version, found.kind) == ("markupsafe", "3.0.2", "sdist")
    assert found.target.sha256 == sdist.sha256
    assert "setuptools" in {file.project for file in found.files if file.role == "build"}
