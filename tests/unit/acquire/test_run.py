from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from analyzer.acquire import Cache, acquire
from analyzer.acquire import catalog as catalog_module
from analyzer.errors import AcquireError
from tests.packages import core_metadata, make_sdist, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from analyzer.model.package import Acquisition, Environment
    from tests.unit.acquire.conftest import FakeIndex


@pytest.fixture(autouse=True)
def build_tools(index: FakeIndex, made: Path) -> None:
    for name in ("setuptools", "wheel"):
        index.add(make_wheel(made, name, "75.0"))


def roles(acquisition: Acquisition) -> dict[str, str]:
    return {file.filename: file.role for file in acquisition.files}


def refused(target: str, environment: Environment, cache: Cache, index: FakeIndex) -> str:
    with pytest.raises(AcquireError) as caught:
        acquire(target, environment, cache, index=index)
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_a_requirement_with_dependencies(index: FakeIndex, made: Path, cache: Cache, environment: Environment) -> None:
    index.add(make_wheel(made, "App", "1.0", requires=["Lib_A>=1", "win ; sys_platform == 'win32'"]), beside=True)
    index.add(make_wheel(made, "lib-a", "1.0"))
    index.add(make_wheel(made, "lib-a", "2.0"))
    lines: list[str] = []
    found = acquire("app", environment, cache, index=index, progress=lines.append)
    assert (found.name, found.version, found.kind, found.extras) == ("app", "1.0", "requirement", ())
    assert roles(found) == {"app-1.0-py3-none-any.whl": "target", "lib_a-2.0-py3-none-any.whl": "dependency"}
    assert [file.project for file in found.files] == ["app", "lib-a"]
    for file in found.files:
        content = file.path.read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file.sha256, file.size)
    assert "downloading app-1.0-py3-none-any.whl (1 kB)" in lines
    acquire("app", environment, cache, index=index)
    assert len(index.downloaded) == 2


def test_extras(index: FakeIndex, made: Path, cache: Cache, environment: Environment) -> None:
    requires = ["x ; extra == 'more'", "app[more] ; extra == 'all'", "y ; extra == 'other'"]
    index.add(make_wheel(made, "app", requires=requires, extras=["more", "all", "other"]))
    index.add(make_wheel(made, "x"))
    lines: list[str] = []
    found = acquire("app[All,none]", environment, cache, index=index, progress=lines.append)
    assert set(roles(found)) == {"app-1.0-py3-none-any.whl", "x-1.0-py3-none-any.whl"}
    assert found.extras == ("all", "none")
    assert "app 1.0 has no extra none: going on without it" in lines


def test_backtracking(index: FakeIndex, made: Path, cache: Cache, environment: Environment) -> None:
    index.add(make_wheel(made, "app", requires=["a", "b"]))
    index.add(make_wheel(made, "a", "1.0", requires=["c<2"]))
    index.add(make_wheel(made, "a", "2.0", requires=["c<2"]))
    index.add(make_wheel(made, "b", "1.0", requires=["c<2"]))
    index.add(make_wheel(made, "b", "2.0", requires=["c>=2"]))
    for version in ("1.0", "2.0"):
        index.add(make_wheel(made, "c", version))
    found = acquire("app", environment, cache, index=index)
    assert [file.filename.split("-py3")[0] for file in found.files] == ["app-1.0", "a-2.0", "b-1.0", "c-1.0"]


def test_a_conflict_names_both_sides(index: FakeIndex, made: Path, cache: Cache, environment: Environment) -> None:
    index.add(make_wheel(made, "app", requires=["a", "b"]))
    index.add(make_wheel(made, "a", requires=["c<2"]))
    index.add(make_wheel(made, "b", requires=["c>=2"]))
    for version in ("1.0", "2.0"):
        index.add(make_wheel(made, "c", version))
    message = refused("app", environment, cache, index)
    assert "a 1.0 needs c<2" in message
    assert "b 1.0 needs c>=2" in message


@pytest.mark.parametrize(
    ("target", "version"),
    [("app", "2.0"), ("app<2", "1.0"), ("app>=2.1rc1", "3.0rc1"), ("app==1.5", "1.5"), ("app>=1.4,<2", "1.5rc1")],
)
def test_versions(
    index: FakeIndex, made: Path, cache: Cache, environment: Environment, target: str, version: str
) -> None:
    index.add(make_wheel(made, "app", "1.5"), yanked=True)
    for each in ("1.0", "1.5rc1", "2.0", "3.0rc1"):
        index.add(make_wheel(made, "app", each))
    assert acquire(target, environment, cache, index=index).version == version


def test_the_best_wheel_then_the_sdist(index: FakeIndex, made: Path, cache: Cache, environment: Environment) -> None:
    for tag in ("py3-none-any", "cp311-cp311-manylinux_2_17_x86_64.manylinux_2_36_x86_64", "cp312-cp312-win32"):
        index.add(make_wheel(made, "app", tag=tag))
    index.add(make_sdist(made, "app"))
    assert "manylinux" in acquire("app", environment, cache, index=index).target.filename
    index.projects["app"] = [file for file in index.projects["app"] if file.kind == "sdist" or "win32" in file.filename]
    assert acquire("app", environment, cache, index=index).target.filename == "app-1.0.tar.gz"


def test_build_requirements_are_resolved_apart(
    index: FakeIndex, made: Path, cache: Cache, environment: Environment
) -> None:
    project = (
        '[build-system]\nrequires = ["tool<2"]\n[project]\nname = "app"\nversion = "1.0"\ndependencies = ["tool>=2"]\n'
    )
    index.add(make_sdist(made, "app", pyproject=project))
    index.add(make_wheel(made, "tool", "2.0"))
    index.add(make_sdist(made, "tool", "1.0", setup_py="", requires=["helper"]))
    index.add(make_wheel(made, "helper"))
    assert roles(acquire("app", environment, cache, index=index)) == {
        "app-1.0.tar.gz": "target",
        "tool-2.0-py3-none-any.whl": "dependency",
        "tool-1.0.tar.gz": "build",
        "helper-1.0-py3-none-any.whl": "build",
        "setuptools-75.0-py3-none-any.whl": "build",
        "wheel-75.0-py3-none-any.whl": "build",
    }


def test_an_editable_directory_is_served_what_backends_then_ask_for(
    index: FakeIndex, made: Path, cache: Cache, environment: Environment, tmp_path: Path
) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/pyproject.toml").write_text('[project]\nname = "app"\nversion = "1.0"\ndependencies = []\n')
    index.add(make_wheel(made, "editables"))
    editable, usual = (
        acquire(str(tmp_path / "app"), environment, cache, index=index, editable=wanted) for wanted in (True, False)
    )
    assert {*roles(editable)} - {*roles(usual)} == {"editables-1.0-py3-none-any.whl"}


def test_builds_that_never_end(index: FakeIndex, made: Path, cache: Cache, environment: Environment) -> None:
    for number in range(6):
        index.add(make_sdist(made, f"b{number}", pyproject=f'[build-system]\nrequires = ["b{number + 1}"]\n'))
    assert "would have to be built after 3 other builds" in refused("b0", environment, cache, index)


def test_a_build_requirement_that_needs_itself_is_found_once(
    index: FakeIndex, made: Path, cache: Cache, environment: Environment
) -> None:
    index.add(make_sdist(made, "self", pyproject='[build-system]\nrequires = ["self"]\n'))
    assert roles(acquire("self", environment, cache, index=index))["self-1.0.tar.gz"] == "target"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("nothing", "has no project named nothing"),
        ("app==9", "the newest is 2.0"),
        ("other", "only wheels for other platforms (cp312-cp312-win32)"),
        ("newer", "it needs Python >=3.99, but the sandbox has 3.11.2"),
        ("gone", "yanked"),
        ("broken", "has no project named missing, needed by broken 1.0"),
        ("nohash", "gives no SHA-256"),
        ("url", "from a URL (https://x.example/y.whl)"),
        ("nonsense", "cannot be read (not a requirement !)"),
        ("hidden", "hidden 1.0 needs Python >=3.99"),
        ("app ; python_version < '3'", "condition that is false"),
    ],
)
def test_what_cannot_be_had(
    index: FakeIndex, made: Path, cache: Cache, environment: Environment, target: str, expected: str
) -> None:
    for version in ("1.0", "2.0", "3.0a1"):
        index.add(make_wheel(made, "app", version))
    index.add(make_wheel(made, "other", tag="cp312-cp312-win32"))
    index.add(make_wheel(made, "newer"), requires_python=">=3.99")
    index.add(make_wheel(made, "gone"), yanked=True)
    index.add(make_wheel(made, "broken", requires=["missing"]))
    index.add(make_wheel(made, "nohash"), sha256="")
    index.add(make_wheel(made, "url", requires=["y @ https://x.example/y.whl"]))
    index.add(make_wheel(made, "nonsense", requires=["not a requirement !"]))
    index.add(make_wheel(made, "hidden", requires_python=">=3.99"))
    assert expected in refused(target, environment, cache, index)


def test_a_wrong_digest_keeps_nothing(index: FakeIndex, made: Path, cache: Cache, environment: Environment) -> None:
    index.add(make_wheel(made, "app"), sha256="0" * 64)
    assert "the index promised " + "0" * 64 in refused("app", environment, cache, index)
    assert [path for path in cache.root.rglob("*") if path.is_file()] == []


def test_wrong_metadata_beside_the_file(index: FakeIndex, made: Path, cache: Cache, environment: Environment) -> None:
    index.add(make_wheel(made, "app"), beside=True)
    index.metadata_of["app-1.0-py3-none-any.whl"] = b"Name: app\nVersion: 1.0\nRequires-Dist: evil\n"
    assert "not what it promised" in refused("app", environment, cache, index)


def test_a_wheel_that_is_another_package(index: FakeIndex, made: Path, cache: Cache, environment: Environment) -> None:
    metadata = {"app-1.0.dist-info/METADATA": core_metadata("other", "1.0")}
    index.add(make_wheel(made, "app", extra_files=metadata))
    assert "says that it is other 1.0" in refused("app", environment, cache, index)
    (made / "none-1.0-py3-none-any.whl").write_bytes((made / "setuptools-75.0-py3-none-any.whl").read_bytes())
    assert "has no METADATA for its name" in refused(str(made / "none-1.0-py3-none-any.whl"), environment, cache, index)


def test_a_local_wheel(index: FakeIndex, made: Path, cache: Cache, environment: Environment) -> None:
    index.add(make_wheel(made, "dep", requires=["demo"]))
    index.add(make_wheel(made, "demo", "9.0"))
    path = make_wheel(made, "demo", "1.0", requires=["dep"])
    found = acquire(str(path), environment, cache, index=index)
    assert (found.name, found.version, found.kind) == ("demo", "1.0", "wheel")
    assert roles(found) == {"demo-1.0-py3-none-any.whl": "target", "dep-1.0-py3-none-any.whl": "dependency"}
    assert found.target.path.is_relative_to(cache.root)


def test_a_local_wheel_for_another_platform(
    index: FakeIndex, made: Path, cache: Cache, environment: Environment
) -> None:
    message = refused(str(make_wheel(made, "demo", tag="cp312-cp312-win_amd64")), environment, cache, index)
    assert "is for cp312-cp312-win_amd64" in message
    assert "cp311-cp311-manylinux_2_36_x86_64" in message


def test_a_local_wheel_for_another_python(index: FakeIndex, made: Path, cache: Cache, environment: Environment) -> None:
    path = make_wheel(made, "demo", requires_python=">=3.12")
    assert "needs Python >=3.12, but the sandbox has 3.11.2" in refused(str(path), environment, cache, index)


@pytest.mark.parametrize("suffix", [".tar.gz", ".tgz", ".tar.bz2", ".zip"])
def test_a_local_sdist(index: FakeIndex, made: Path, cache: Cache, environment: Environment, suffix: str) -> None:
    index.add(make_wheel(made, "dep"))
    path = make_sdist(made, "demo", "1.0.0", requires=["dep"], suffix=suffix)
    found = acquire(str(path), environment, cache, index=index)
    assert (found.name, found.version, found.kind, found.target.filename) == ("demo", "1.0.0", "sdist", path.name)
    assert roles(found)["dep-1.0-py3-none-any.whl"] == "dependency"


def test_local_files_that_are_no_packages(index: FakeIndex, made: Path, cache: Cache, environment: Environment) -> None:
    (made / "broken-1.0-py3-none-any.whl").write_bytes(b"PK")
    (made / "noname.whl").touch()
    (made / "noversion.tar.gz").touch()
    (made / "text.txt").touch()
    (made / "empty").mkdir()
    expected = {
        "broken-1.0-py3-none-any.whl": "damaged or truncated",
        "noname.whl": "no wheel's name",
        "noversion.tar.gz": "no sdist's name",
        "text.txt": "no archive of a known kind",
        "empty": "no Python project",
    }
    for name, problem in expected.items():
        assert problem in refused(str(made / name), environment, cache, index)


def test_an_sdist_without_a_project(index: FakeIndex, made: Path, cache: Cache, environment: Environment) -> None:
    path = make_sdist(made, "demo", pyproject="", files={"x/y.py": ""})
    assert acquire(str(path), environment, cache, index=index).name == "demo"
    other = make_sdist(made, "other", setup_py="")
    path.write_bytes(other.read_bytes())
    assert "says that it is other" in refused(str(path), environment, cache, index)


def test_a_directory(index: FakeIndex, made: Path, cache: Cache, environment: Environment) -> None:
    folder = made / "Some Folder"
    folder.mkdir()
    (folder / "setup.py").write_text("from setuptools import setup\nsetup(version=compute())\n")
    found = acquire(str(folder), environment, cache, index=index)
    assert (found.name, found.version, found.kind) == ("some-folder", "", "directory")
    assert found.target.filename == "some_folder.tar.gz"


def test_limits_of_one_acquisition(
    index: FakeIndex, made: Path, cache: Cache, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add(make_wheel(made, "app", requires=["dep"]))
    index.add(make_wheel(made, "dep"))
    monkeypatch.setattr(catalog_module, "MAX_FILES", 1)
    assert "needs more than 1 files" in refused("app", environment, cache, index)
    monkeypatch.setattr(catalog_module, "MAX_METADATA_FETCHES", 1)
    assert "pin the version of the target" in refused("app", environment, cache, index)
