"""Which database a word names."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.corpus.location import location
from analyzer.errors import UsageError


@pytest.mark.parametrize(
    ("word", "path", "url", "shown"),
    [
        ("a/b.sqlite", Path.cwd() / "a/b.sqlite", "", "a/b.sqlite"),
        ("/a/b", Path("/a/b"), "", "/a/b"),
        ("sqlite:///a b", Path.cwd() / "a b", "", "sqlite:///a b"),
        ("sqlite:////a/b", Path("/a/b"), "", "sqlite:////a/b"),
        ("postgresql://me@db.example/x", None, "postgresql+psycopg://me@db.example/x", "postgresql://me@db.example/x"),
        (
            "postgres://me:s3cret@db.example:5432/x?password=s3cret",
            None,
            "postgresql+psycopg://me:s3cret@db.example:5432/x?password=s3cret",
            "postgres://me:***@db.example:5432/x",
        ),
    ],
)
def test_names(word: str, path: Path | None, url: str, shown: str) -> None:
    found = location(word)
    assert found is not None
    assert (found.path, found.url, found.shown, found.own) == (path, url, shown, False)


@pytest.mark.parametrize(
    "word", ["mysql://db.example/x", "sqlite://", "sqlite:///", "sqlite:///x?mode=ro", "sqlite+aiosqlite:///x"]
)
def test_what_names_none(word: str) -> None:
    with pytest.raises(UsageError, match="--corpus ") as caught:
        location(word)
    assert "\n" not in str(caught.value)


def test_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert location("") is None  # as the tests have it
    monkeypatch.setenv("FUMEHOOD_CORPUS", "postgresql://db.example/x")
    found = location("")
    assert found is not None
    assert (found.url, found.own) == ("postgresql+psycopg://db.example/x", True)
    monkeypatch.delenv("FUMEHOOD_CORPUS")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    found = location("")
    assert found is not None
    assert found.path == tmp_path / ".local/share/fumehood/corpus.sqlite"
