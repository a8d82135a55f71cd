"""Data files: what is read, and on which line a mistake is said to be."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from analyzer.datafile import DataFile
from analyzer.errors import UsageError


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    size: int = 0


class Whole(BaseModel):
    title: str
    parts: list[Part | int] = []


def data(tmp_path: Path, text: str | bytes) -> DataFile:
    path = tmp_path / "x.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return DataFile(path, "some file")


def test_content_and_lines(tmp_path: Path) -> None:
    file = data(tmp_path, "# comment\ntitle: a\nparts:\n  - name: b\n    size: 3\n  - 5\n")
    assert file.read(Whole) == Whole(title="a", parts=[Part(name="b", size=3), 5])
    assert [file.line(place) for place in [(), ("title",), ("parts", 0), ("parts", 0, "size"), ("parts", 1), ("parts", 9, "x")]] == [
        2, 2, 4, 5, 6, 4,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: [1]", "some file x.yaml, line 1: title: Input should be a valid string"),
        (
            "title: a\nparts:\n  - {name: b}\n  - {name: c, colour: 1}",
            "some file x.yaml, line 4: colour: Extra inputs are not permitted",
        ),
        ("parts: []", "some file x.yaml, line 1: title: Field required"),
        ("", "some file x.yaml, line 1: Input should be a valid dictionary or instance of Whole"),
        ("title: a\n b: c", "some file x.yaml is not YAML: mapping values are not allowed here"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        data(tmp_path, text).read(Whole)
    assert str(caught.value).startswith(message)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="some file x.yaml cannot be read: No such file"):
        DataFile(tmp_path / "x.yaml", "some file")


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="larger than"):
        data(tmp_path, b"#" * 5_000_000)


def test_endless_nesting_is_refused(tmp_path: Path) -> None:
    for text in ("[" * 100 + "]" * 100, "[" * 100_000, "a: &a\n  b: *a"):
        with pytest.raises(UsageError, match="is not YAML"):
            data(tmp_path, text)


def test_multiplying_aliases_are_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))]
    with pytest.raises(UsageError, match="is not YAML"):
        data(tmp_path, "\n".join(lines))


@given(st.binary(max_size=200))
def test_whatever_a_file_holds_there_is_a_model_or_one_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    path.write_bytes(content)
    try:
        DataFile(path, "some file").read(Whole)
    except UsageError as error:
        assert "\n" not in str(error)
