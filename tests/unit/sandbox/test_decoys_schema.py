"""Mistakes in the data of decoys are told before anything is planted."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from analyzer.sandbox.decoys.schema import Document, check

FILE = {"path": "a", "days": 3, "text": "{alnum:20 as secret}"}


def document(*files: dict[str, Any], **more: Any) -> Document:
    return Document.model_validate({"description": "a test's", "files": files, **more})


def test_a_whole_document_is_taken() -> None:
    more = {"names": {"profile": "{lower:8}"}, "environment": {"TOKEN": "{same:secret}"}}
    check([document(FILE, {"path": "{profile}/b", "days": 9, "json": {"key": ["{profile}", 1]}}, **more)])


@pytest.mark.parametrize(
    "change",
    [
        {"path": "/etc/passwd"},
        {"path": ""},
        {"path": "a/../../b"},
        {"mode": "0600"},
        {"mode": 600},
        {"days": 0},
        {"days": 100_000},
        {"bytes": "two contents"},
        {"text": None},
        {"base64": "not base 64!"},
        {"database": {"rows": {}}},
        {"color": "blue"},
    ],
)
def test_a_file_that_cannot_be_planted_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        document(FILE | change)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([FILE, FILE], "a is there twice"),
        ([FILE, FILE | {"path": "b"}], "a has a secret of the name 'secret' as well"),
        ([FILE | {"text": "{alnnum:20}"}], "a: 'alnnum' is no kind of value"),
        ([FILE | {"text": "{same:another}"}], "a: nothing before it is named 'another'"),
        (
            [{"path": "a", "days": 1, "database": {"tables": "", "rows": {"t": [[{"raw": "{hexx:3}"}]]}}}],
            "'hexx' is no kind of value",
        ),
        ([{"path": "a", "days": 1, "json": {"x": [{"{hexx:3}": 1}]}}], "'hexx' is no kind of value"),
    ],
)
def test_places_that_cannot_be_filled_are_refused(files: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check([document(*files)])


@pytest.mark.parametrize("name", ["lower", "1X", "WITH-DASH", ""])
def test_a_variable_has_a_name_of_its_kind(name: str) -> None:
    with pytest.raises(ValidationError):
        document(environment={name: "x"})
