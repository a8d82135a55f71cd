"""Which file a scanner's path means."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer import paths
from analyzer.paths import best_match, from_uri, parts

FILES = ["pkg/__init__.py", "pkg/a.py", "pkg/sub/a.py", "a.py", "six.py", "pkg-1.0/setup.py"]


def test_the_examples_hold() -> None:
    assert doctest.testmod(paths).failed == 0


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("/tmp/x/pkg-1.0/src/pkg/a.py", "pkg/a.py"),
        ("./pkg/sub/a.py", "pkg/sub/a.py"),
        ("pkg\\sub\\a.py", "pkg/sub/a.py"),
        ("C:\\work\\pkg\\a.py", "pkg/a.py"),
        ("src/../pkg/./a.py", "pkg/a.py"),
        ("elsewhere/a.py", "a.py"),
        ("/x/six.py", "six.py"),
        ("setup.py", "pkg-1.0/setup.py"),
        ("__init__.py", "pkg/__init__.py"),
        ("pkg/other.py", ""),
        ("", ""),
        ("..", ""),
    ],
)
def test_the_longest_ending_wins(path: str, file: str) -> None:
    assert best_match(path, FILES) == file


def test_an_ambiguous_name_means_no_file() -> None:
    assert best_match("b.py", ["x/b.py", "y/b.py"]) == ""


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///x/pkg%20one/%C3%A4.py", "/x/pkg one/ä.py"),
        ("file:/x/a.py", "/x/a.py"),
        ("src/a%2Fb.py?x#L1", "src/a/b.py"),
        ("a%ff.py", "a\\udcff.py"),
        ("C:/x/a.py", "C:/x/a.py"),
    ],
)
def test_uris_become_paths(uri: str, path: str) -> None:
    assert from_uri(uri) == path


@given(st.text(max_size=300))
def test_any_text_is_some_path(text: str) -> None:
    assert all(part not in ("", ".", "..") for part in parts(from_uri(text)))
    assert best_match(from_uri(text), FILES) in {"", *FILES}
