"""Lock files."""

from __future__ import annotations

import pytest

from analyzer.acquire.lists import Listing, is_lock_name, wanted_here
from analyzer.acquire.lists.lock import parse_lock
from analyzer.errors import UsageError
from analyzer.model.package import Environment
from tests.unit.acquire.conftest import MARKERS

PYTHON = Environment("3.11.2", tuple(MARKERS.items()), ("py3-none-any",))
HEAD = 'lock-version = "1.0"\ncreated-by = "tests"\n'
SHA = "a" * 64


def package(name: str = "six", version: str = "1.0", rest: str = "", digest: str = f'sha256 = "{SHA}"') -> str:
    wheel = (
        f'{{ name = "{name}-{version}-py3-none-any.whl", url = "https://files.example/x", hashes = {{ {digest} }} }}'
    )
    return f'[[packages]]\nname = "{name}"\nversion = "{version}"\n{rest}\nwheels = [{wheel}]\n'


def listed(text: str) -> Listing:
    return parse_lock((HEAD + text).encode())


@pytest.mark.parametrize(
    ("name", "is_lock"),
    [("pylock.toml", True), ("a/pylock.dev.toml", True), ("poetry.lock", False), ("pylock.toml.txt", False)],
)
def test_names(name: str, is_lock: bool) -> None:
    assert is_lock_name(name) is is_lock


def test_a_package_with_its_version_and_digests() -> None:
    (one,) = listed(package()).wanted
    assert (one.target, one.digests, one.place) == ("six==1.0", {f"sha256:{SHA}"}, "pylock.toml, package 1")


@pytest.mark.parametrize(
    ("marker", "here"),
    [
        ("python_version >= '3'", True),
        ("sys_platform == 'win32'", False),
        ("'dev' in dependency_groups", True),
        ("'docs' in dependency_groups", False),
        ("'fast' in extras", False),
    ],
)
def test_conditions(marker: str, here: bool) -> None:
    (one,) = listed('default-groups = ["dev"]\n' + package(rest=f'marker = "{marker}"')).wanted
    assert wanted_here(one, PYTHON) is here


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ('[[packages]]\nname = "x"\ndirectory = { path = "." }\n', "a folder"),
        (
            '[[packages]]\nname = "x"\n[packages.vcs]\ntype = "git"\nurl = "https://a.example"\ncommit-id = "1"\n',
            "a revision",
        ),
        (
            '[[packages]]\nname = "x"\narchive = { url = "https://a.example", hashes = { sha256 = "1" } }\n',
            "an archive",
        ),
        ('[[packages]]\nname = "Not Normal"\n', "specification"),
        (package(digest='md5 = "1"'), "no digest"),
        (package(rest='marker = "!"'), "specification"),
        ("[[packages]]\n", "specification"),
    ],
)
def test_one_that_cannot_be_taken_stops_no_other(entry: str, why: str) -> None:
    listing = listed(package("first") + entry + package("last"))
    assert [one.target for one in listing.wanted] == ["first==1.0", "last==1.0"]
    (refused,) = listing.refused
    assert why in refused.why
    assert refused.place == "pylock.toml, package 2"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"x = ",
        b'lock-version = "2.0"\ncreated-by = "x"\npackages = []',
        b'lock-version = "1.0"\ncreated-by = "x"\npackages = 1',
        b"x = " + b"[" * 9000,
    ],
)
def test_what_is_no_lock_file_is_one_line(content: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        parse_lock(content)
    assert str(caught.value).isprintable()


def test_packages_have_the_lines_of_their_tables() -> None:
    listing = listed(
        package("first") + "\n" + '[[packages]]\nname = "Not Normal"\n' + " [[ packages ]]\n" + package("last")[13:]
    )
    spots = [one.spot for one in (*listing.wanted, *listing.refused)]
    assert [(one.file, one.line) for one in spots if one is not None] == [
        ("pylock.toml", 3), ("pylock.toml", 11), ("pylock.toml", 9),
    ]  # fmt: skip


def test_packages_that_are_no_tables_of_their_own_have_the_first_line() -> None:
    wheel = f'{{ name = "six-1.0-py3-none-any.whl", url = "https://files.example/x", hashes = {{ sha256 = "{SHA}" }} }}'
    (one,) = listed(f'packages = [{{ name = "six", version = "1.0", wheels = [{wheel}] }}]\n').wanted
    assert one.spot is not None
    assert (one.target, one.spot.line) == ("six==1.0", 1)
