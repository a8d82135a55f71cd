from __future__ import annotations

import os
import tarfile
from typing import TYPE_CHECKING

import pytest

from analyzer.acquire import directory
from analyzer.acquire.directory import pack
from analyzer.archives.archive import read_archive
from analyzer.errors import AcquireError

if TYPE_CHECKING:
    from pathlib import Path

    from analyzer.acquire.cache import Cache


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    (root / "src" / "demo").mkdir(parents=True)
    (root / "pyproject.toml").write_text('[project]\nname = "Demo.Name"\nversion = "01.0"\n')
    (root / "src" / "demo" / "__init__.py").write_text("x = 1\n")
    tool = root / "tool.sh"
    tool.write_text("true\n")
    tool.chmod(0o777)
    return root


def test_a_project_is_packed_as_an_sdist(project: Path, cache: Cache) -> None:
    packed = pack(project, cache)
    assert (packed.name, packed.version, packed.filename) == ("Demo.Name", "1.0", "demo_name-1.0.tar.gz")
    with tarfile.open(packed.stored.path) as archive:
        modes = {info.name: info.mode for info in archive}
        assert archive.extractfile("demo_name-1.0/src/demo/__init__.py").read() == b"x = 1\n"  # type: ignore[union-attr]
    assert modes["demo_name-1.0/tool.sh"] == 0o755
    assert modes["demo_name-1.0/pyproject.toml"] == 0o644
    assert read_archive(packed.stored.path, packed.filename, lambda name: False).names


def test_equal_trees_give_equal_bytes(project: Path, cache: Cache) -> None:
    first = pack(project, cache)
    for path in project.rglob("*"):
        os.utime(path, (1, 1))
    assert pack(project, cache).stored.sha256 == first.stored.sha256
    (project / "tool.sh").write_text("false\n")
    assert pack(project, cache).stored.sha256 != first.stored.sha256


def test_what_is_no_part_of_a_project_stays_out(project: Path, cache: Cache) -> None:
    for name in (".git", "__pycache__", ".venv", "venv", "node_modules", ".tox", "src/__pycache__", "myenv"):
        (project / name).mkdir()
        (project / name / "file").touch()
    (project / "myenv" / "pyvenv.cfg").touch()
    packed = pack(project, cache)
    names = read_archive(packed.stored.path, packed.filename, lambda name: False).names
    top = "demo_name-1.0"
    assert set(names) == {
        f"{top}/pyproject.toml", f"{top}/src", f"{top}/src/demo", f"{top}/src/demo/__init__.py", f"{top}/tool.sh",
    }  # fmt: skip


def test_links_inside_are_kept_as_links(project: Path, cache: Cache) -> None:
    (project / "src" / "link").symlink_to("../tool.sh")
    with tarfile.open(pack(project, cache).stored.path) as archive:
        assert archive.getmember("demo_name-1.0/src/link").linkname == "../tool.sh"


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside", "../..", "demo/../../../x"])
def test_links_that_leave_are_refused(project: Path, cache: Cache, target: str) -> None:
    (project / "src" / "link").symlink_to(target)
    with pytest.raises(AcquireError, match="leaves"):
        pack(project, cache)
    assert not (cache.root / "files").exists()


def test_special_files_are_refused(project: Path, cache: Cache) -> None:
    os.mkfifo(project / "pipe")
    with pytest.raises(AcquireError, match=r"pipe in .* is a device"):
        pack(project, cache)


def test_no_project(tmp_path: Path, cache: Cache) -> None:
    with pytest.raises(AcquireError, match="no Python project"):
        pack(tmp_path, cache)


def test_too_much(project: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MAX_MEMBERS", 3)
    with pytest.raises(AcquireError, match="more than 3 entries"):
        pack(project, cache)
    monkeypatch.undo()
    monkeypatch.setattr(directory, "MAX_UNPACKED_BYTES", 10)
    with pytest.raises(AcquireError, match="more than"):
        pack(project, cache)


def test_a_folder_that_vanishes(tmp_path: Path, cache: Cache) -> None:
    with pytest.raises(AcquireError, match="cannot be read"):
        pack(tmp_path / "gone", cache)


def test_without_a_static_version_the_file_name_has_none(tmp_path: Path, cache: Cache) -> None:
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "setup.py").write_text("from setuptools import setup\nsetup(name='real-name', version='1.2')\n")
    packed = pack(root, cache)
    assert (packed.name, packed.version, packed.filename) == ("real-name", "", "real_name.tar.gz")
    names = read_archive(packed.stored.path, packed.filename, lambda name: False).names
    assert names == ("real_name-0/setup.py",)
