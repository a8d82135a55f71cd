"""What an editable distribution's modules are, by what its backend put into the environment; and what hostile files make of that."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest
from hood import editables
from hood.distributions import Distribution, installed
from hypothesis import given, settings
from hypothesis import strategies as st

PROJECT = "home/alex/project/src/thing"


def tree(folder: Path, **files: str) -> Path:
    """A project with a package that has a submodule, beside what is no part of it."""
    project = folder / PROJECT
    for name in (
        "src/thing/__init__.py", "src/thing/part.py", "src/thing/__main__.py", "src/thing/data/table.csv", "src/thing/data/deep.py",
        "src/single.py", "src/not-a-name.py", "setup.py", "flat/__init__.py", "flat/one.py", "tests/__init__.py", "tests/test_x.py",
        "noxfile.py", "loose.py", "docs/conf.py", ".hidden/x.py",
    ):  # fmt: skip
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("")
    for name, text in files.items():
        (project / name).write_text(text)
    return project


def found(folder: Path, files: dict[str, str], project: Path | None = None) -> list[str]:
    """The modules of a distribution that has these files in site-packages."""
    return sorted(distribution(folder, files, project or tree(folder)).modules)


def distribution(folder: Path, files: dict[str, str], project: Path, *, editable: bool = True) -> Distribution:
    site = folder / "site-packages"
    info = site / "thing-1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (site / name).write_text(text, errors="surrogatepass")
    (info / "METADATA").write_text("Name: thing\nVersion: 1.0\n")
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in files))
    (info / "direct_url.json").write_text(json.dumps({"url": project.as_uri(), "dir_info": {"editable": editable}}))
    (one,) = installed(site, str(project), str(project))
    assert one.requested
    return one


def test_a_line_of_a_pth_file_is_a_folder_of_modules(tmp_path: Path) -> None:
    modules = found(tmp_path, {"_thing.pth": f"# comment\nimport os\n{tmp_path / PROJECT}/src\n"})
    assert modules == ["single", "thing", "thing.data.deep", "thing.part"]


def test_in_the_projects_own_folder_only_packages_and_modules_count(tmp_path: Path) -> None:
    assert found(tmp_path, {"thing.pth": f"{tmp_path / PROJECT}\n"}) == ["flat", "flat.one", "loose"]


def test_the_mapping_of_setuptools_finder(tmp_path: Path) -> None:
    project = tmp_path / PROJECT
    mapping = {"thing": f"{project}/src/thing", "one": f"{project}/src/single", "none": f"{project}/missing"}
    finder = f"from x import y\n\nMAPPING: dict[str, str] = {mapping!r}\nNAMESPACES: dict[str, list[str]] = {{}}\n"
    files = {
        "__editable__.thing-1.0.pth": "import __editable___thing_1_0_finder\n",
        "__editable___thing_1_0_finder.py": finder,
    }
    assert found(tmp_path, files) == ["one", "thing", "thing.data.deep", "thing.part"]


def test_what_the_library_editables_maps(tmp_path: Path) -> None:
    text = f"from editables.redirector import RedirectingFinder as F\nF.install()\nF.map_module('thing', '{tmp_path / PROJECT}/src/thing/__init__.py')\n"
    assert "thing" in found(tmp_path, {"_editable_impl_thing.py": text})


def test_its_files_are_the_projects_too(tmp_path: Path) -> None:
    project = tree(tmp_path)
    files = distribution(tmp_path, {"thing.pth": f"{project}/src\n"}, project).files
    assert {f"{project}/src/thing/part.py", f"{project}/setup.py", f"{tmp_path}/site-packages/thing.pth"} <= set(files)


@pytest.mark.parametrize("line", ["{0}/..", "/usr/lib/python3", "{0}/outside", "../../../..", "\0", "{0}/missing"])
def test_nothing_outside_of_the_project_is_looked_at(line: str, tmp_path: Path) -> None:
    project = tree(tmp_path)
    (project / "outside").symlink_to("/usr/lib")
    assert found(tmp_path, {"thing.pth": line.format(project) + "\n"}, project) == []


def test_links_inside_are_not_followed(tmp_path: Path) -> None:
    project = tree(tmp_path)
    (project / "src/loop").symlink_to(project / "src")
    (project / "src/other.py").symlink_to("/etc/passwd")
    assert found(tmp_path, {"thing.pth": f"{project}/src\n"}, project) == [
        "single",
        "thing",
        "thing.data.deep",
        "thing.part",
    ]


def test_a_distribution_that_is_not_editable_has_its_own_files_alone(tmp_path: Path) -> None:
    project = tree(tmp_path)
    one = distribution(tmp_path, {"thing.pth": f"{project}/src\n"}, project, editable=False)
    assert (one.modules, len(one.files)) == ([], 1)


def test_counts_are_bounded(tmp_path: Path) -> None:
    project = tree(tmp_path)
    for number in range(50):
        (project / f"src/m{number}.py").touch()
    (tmp_path / "site.pth").write_text(f"{project}/src\n" * 10_000)
    files, modules = editables.find([str(tmp_path / "site.pth")], tmp_path, project, 20)
    assert (len(files), len(modules)) == (20, 20)


def test_a_tree_without_end_comes_to_one(tmp_path: Path) -> None:
    project = tree(tmp_path)
    folder = project / "src"
    for _ in range(60):
        folder /= "d"
        folder.mkdir()
    (folder / "deep.py").touch()
    assert not any(
        name.endswith(".deep")
        for name in found(tmp_path, {"thing.pth": f"{project}/src\n"}, project)
        if name.startswith("d.")
    )


NASTY = st.one_of(
    st.text(max_size=200),
    st.sampled_from(["{" * 5000 + "}", "{'a': [1]}", "{'a': 1, 2: 'b'}", "{'a.b-c': '/'}", "{'': ''}", "{-" + "-" * 5000 + "1: 2}", "1+" * 3000 + "1"]),
)  # fmt: skip


@settings(deadline=None)
@given(NASTY)
def test_any_text_in_hooks_is_read(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        for name, content in (
            ("thing.pth", text),
            ("__editable___thing_finder.py", f"MAPPING = {text}\n"),
            ("_editable_impl_thing.py", f"F.map_module({text})\n"),
        ):
            (site / name).write_text(content, errors="surrogatepass")
        project = site / "project"
        project.mkdir()
        files, modules = editables.find([str(site / name) for name in os.listdir(site)], site, project, 100)
    assert (files, modules) == ([], [])
