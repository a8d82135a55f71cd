"""A manifest may come from a newer version, from a stranger, or be damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analyzer.errors import RecordError
from analyzer.store.manifest import FORMAT, Analysed, Facts, read_manifest
from tests.unit.store.archives import ACQUISITION, CONTENT, ORIGIN, manifest_of


def text_of(changes: dict[str, Any]) -> bytes:
    return json.dumps(manifest_of(CONTENT) | changes).encode()


def test_it_comes_back_as_it_was() -> None:
    read = read_manifest(text_of({}), "x.record")
    assert read.created == ORIGIN.created
    assert read.facts == ORIGIN.facts
    assert read.acquisition == ORIGIN.acquisition


def test_an_acquisition_comes_back_without_its_paths() -> None:
    back = Analysed.of(ACQUISITION).acquisition()
    for file, original in zip(back.files, ACQUISITION.files, strict=True):
        assert (file.filename, file.sha256, file.size, file.role, file.project) == (
            original.filename, original.sha256, original.size, original.role, original.project,
        )  # fmt: skip
        assert file.path == Path("not-in-the-record")
    assert (back.name, back.version, back.kind, back.extras) == ("sample", "1.0", "wheel", ("extra",))


@pytest.mark.parametrize("number", [FORMAT + 1, 10**30])
def test_a_newer_format_asks_for_an_upgrade(number: int) -> None:
    with pytest.raises(RecordError, match=r"x\.record is a record of format \d+, .*: upgrade fumehood"):
        read_manifest(text_of({"format": number, "facts": "of another shape"}), "x.record")


def test_keys_of_a_later_version_are_passed_over() -> None:
    assert read_manifest(text_of({"more": {"a": 1}}), "x.record").generator == "fumehood 0.0"


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"format": 0}, "format"),
        ({"format": "1"}, "format"),
        ({"created": "yesterday"}, "created"),
        ({"created": "2026-01-02T03:04:05"}, "created"),
        ({"created": "0001-01-01T00:00:00+14:00"}, "created"),
        ({"acquisition": {}}, r"acquisition\.name"),
        ({"acquisition": ORIGIN.acquisition.model_dump() | {"files": []}}, r"acquisition\.files"),
        ({"acquisition": ORIGIN.acquisition.model_dump() | {"kind": "other"}}, r"acquisition\.kind"),
        ({"acquisition": ORIGIN.acquisition.model_dump() | {"name": "x" * 5000}}, r"acquisition\.name"),
        ({"facts": ORIGIN.facts.model_dump() | {"reasons": "none"}}, r"facts\.reasons"),
        ({"files": [{"name": "end.json", "size": -1, "sha256": "0" * 64}]}, r"files\.0\.size"),
        ({"files": [{"name": "end.json", "size": 2**60, "sha256": "0" * 64}]}, r"files\.0\.size"),
        ({"files": [{"name": "end.json", "size": 1, "sha256": "0" * 63}]}, r"files\.0\.sha256"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(RecordError, match=rf"x\.record has a manifest that no fumehood wrote \(see {where}"):
        read_manifest(text_of(changes), "x.record")


@pytest.mark.parametrize("value", [-1, 2**60, 10**400])
@pytest.mark.parametrize("name", ["peak_memory_bytes", "cpu_seconds", "max_processes"])
def test_usage_is_bounded(name: str, value: int) -> None:
    usage = {"peak_memory_bytes": 1, "cpu_seconds": 1, "max_processes": 1} | {name: value}
    with pytest.raises(RecordError, match=r"facts\.usage"):
        read_manifest(text_of({"facts": ORIGIN.facts.model_dump() | {"usage": usage}}), "x.record")


@pytest.mark.parametrize("text", [b"", b"\xff", b"[]", b"7", b"{", b"[" * 100_000, b'{"format": ' + b"9" * 5000 + b"}"])
def test_anything_else_is_refused(text: bytes) -> None:
    with pytest.raises(RecordError, match="has a manifest that no fumehood wrote"):
        read_manifest(text, "x.record")


def test_text_that_cannot_be_encoded_becomes_escapes() -> None:
    facts = Facts(**ORIGIN.facts.model_dump() | {"reasons": ("a\ud800b",)})
    assert facts.reasons == (r"a\ud800b",)
    assert read_manifest(text_of({"facts": facts.model_dump(mode="json")}), "x.record").facts == facts
