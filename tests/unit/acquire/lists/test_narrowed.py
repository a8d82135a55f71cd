"""What lists say of versions, files and conditions."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from analyzer.acquire.lists import Narrowed, Wanted, check_digests, wanted_here
from analyzer.acquire.lists.narrowed import constraints_of
from analyzer.errors import AcquireError
from analyzer.model.package import Acquisition, Environment, ServedFile
from tests.packages import make_wheel
from tests.unit.acquire.conftest import MARKERS, FakeIndex

PYTHON = Environment("3.11.2", tuple(MARKERS.items()), ("py3-none-any",))


def test_constraints_add_up_where_they_apply() -> None:
    lines = ["Six>=1", "six<2", "idna==1 ; python_version < '3'", "!", "x @ https://a.example/"]
    assert constraints_of(lines, PYTHON) == {"six": SpecifierSet(">=1,<2"), "x": SpecifierSet()}


def test_an_index_is_narrowed_by_versions_and_digests(tmp_path: Path) -> None:
    index = FakeIndex()
    for version in ("1.0", "2.0", "3.0"):
        index.add(make_wheel(tmp_path, "six", version))
    second = f"sha256:{hashlib.sha256((tmp_path / 'six-2.0-py3-none-any.whl').read_bytes()).hexdigest()}"

    def versions(digests: frozenset[str] = frozenset()) -> list[str]:
        found = Narrowed(index, {"six": SpecifierSet("<3")}, "six", digests).project("six")
        return [one.version for one in found or ()]

    assert versions() == ["1.0", "2.0"]
    assert versions(frozenset([second])) == ["2.0"]
    assert versions(frozenset(["sha256:" + "0" * 64])) == ["1.0", "2.0"]
    assert Narrowed(index, {}, "six", frozenset()).project("other") is None


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_digests_of_the_file(algorithm: str, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "six")
    digest = f"{algorithm}:{hashlib.new(algorithm, wheel.read_bytes()).hexdigest()}"
    file = ServedFile(wheel.name, wheel, hashlib.sha256(wheel.read_bytes()).hexdigest(), 1, "target")
    acquisition = Acquisition("six", "1.0", "wheel", (), (file,))
    check_digests(Wanted("six", "x"), acquisition)
    check_digests(Wanted("six", "x", digests=frozenset(["sha256:" + "0" * 64, digest])), acquisition)
    with pytest.raises(AcquireError, match="which x does not list"):
        check_digests(Wanted("six", "x", digests=frozenset([algorithm + ":" + "0" * 64])), acquisition)


@pytest.mark.parametrize(
    ("marker", "here"),
    [("", True), ("python_version >= '3.11'", True), ("sys_platform == 'win32'", False), ("extra == 'x'", False)],
)
def test_conditions(marker: str, here: bool) -> None:
    assert wanted_here(Wanted("six", "x", marker), PYTHON) is here


def test_a_condition_that_cannot_be_evaluated() -> None:
    with pytest.raises(AcquireError, match="condition"):
        wanted_here(Wanted("six", "x", "python_version >"), PYTHON)
