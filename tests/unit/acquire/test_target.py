from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from analyzer.acquire.target import LocalTarget, is_directory, parse_target
from analyzer.errors import AcquireError
from tests.unit.acquire.conftest import check_message

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "text", ["six", "six==1.17.0", "requests[socks]>=2", "a.b-c_d ~= 1.0", "x ; python_version > '3'"]
)
def test_requirements(text: str) -> None:
    assert parse_target(text) == Requirement(text)


@pytest.mark.parametrize(
    "name", ["demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz", "demo-1.0.zip", "demo.tgz", "demo.tar.bz2"]
)
def test_an_existing_archive_is_a_path(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    for text in (name, f"./{name}", str(tmp_path / name)):
        target = parse_target(text)
        assert isinstance(target, LocalTarget)
        assert target.path.name == name


@pytest.mark.parametrize(
    "text", ["./nothing", "missing.whl", "missing-1.0.tar.gz", "a/b", "/nowhere/at/all", "~nobody-x/y"]
)
def test_a_missing_path_is_named(text: str) -> None:
    with pytest.raises(AcquireError, match="does not exist") as caught:
        parse_target(text)
    assert text in str(caught.value)


def test_a_word_is_a_directory_only_where_that_is_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "six").mkdir()
    assert isinstance(parse_target("six"), Requirement)
    assert isinstance(parse_target("./six"), LocalTarget)
    (tmp_path / "six" / "setup.py").touch()
    assert isinstance(parse_target("six"), LocalTarget)
    assert isinstance(parse_target("."), LocalTarget)


@pytest.mark.parametrize(
    "text",
    [
        "six @ https://files.example/six.whl", "https://files.example/six.whl", "git+https://git.example/six.git",
        "git@git.example:six.git", "six@git+ssh://git@git.example/six", "file:///tmp/six.whl", "six[a]@ https://x.example/y",
    ],
)  # fmt: skip
def test_urls_are_refused(text: str) -> None:
    with pytest.raises(AcquireError, match="never fetched"):
        parse_target(text)


def test_what_is_a_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "thing").mkdir()
    (tmp_path / "thing/setup.py").touch()
    (tmp_path / "thing-1.0.tar.gz").touch()
    assert [is_directory(text) for text in ("thing", ".", "thing-1.0.tar.gz", "six", "run.record")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("text", ["", "  ", "six==", "==1.0", "two words", "six\0", "x" * 5000, "-r"])
def test_nonsense_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(AcquireError) as caught:
        parse_target(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


@given(st.text(max_size=80) | st.from_regex(r"[a-z]+(\[[a-z,]*\])?[<>=!~@; ]*[\w./:+-]*", fullmatch=True))
def test_anything_is_parsed_or_refused(text: str) -> None:
    try:
        target = parse_target(text)
    except AcquireError as error:
        check_message(error)
    else:
        assert isinstance(target, Requirement | LocalTarget)
