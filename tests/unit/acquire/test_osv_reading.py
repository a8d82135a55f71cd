"""Vulnerabilities from files that a user has."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from analyzer.acquire.osv import Advisories, read_advisories, reading
from analyzer.errors import UsageError
from tests.unit.acquire.conftest import check_message


def record(identifier: str = "PYSEC-1", name: str = "Demo_Pkg", fixed: str = "2.0", **more: Any) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]
    affected = [{"package": {"ecosystem": "PyPI", "name": name}, "ranges": ranges}]
    return {"id": identifier, "modified": "2026-01-02T03:04:05Z", "summary": "It is weak.", "affected": affected} | more


def written(folder: Path, content: object, name: str = "list.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def ids(found: Advisories, version: str = "1.0", name: str = "demo-pkg") -> list[str]:
    known = found.known(name, version).vulnerabilities
    assert known is not None
    return [one.id for one in known]


ONE, OTHER = record(), record("PYSEC-2", fixed="3.0")
FORMS: dict[str, Any] = {
    "a record": ONE,
    "a list": [ONE, OTHER],
    "an answer of the API": {"vulns": [ONE, OTHER]},
    "answers of the API": {"results": [{"vulns": [ONE]}, {}, {"vulns": [OTHER]}]},
    "what osv-scanner writes": {"results": [{"packages": [{"package": {}, "vulnerabilities": [ONE, OTHER]}]}]},
    "a record a line": f"{json.dumps(ONE)}\n\n{json.dumps(OTHER)}\n",
    "one record over several lines": json.dumps(ONE, indent=1),
    "with a byte order mark": "\ufeff" + json.dumps(ONE),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form(tmp_path: Path, form: str) -> None:
    found = read_advisories([written(tmp_path, FORMS[form])])
    assert ids(found, "1.0")[0] == "PYSEC-1"
    assert ids(found, "2.0") == (["PYSEC-2"] if found.records == 2 else [])
    assert ids(found, "3.0") == []
    assert ids(found, "1.0", "demo") == []


def test_an_archive_and_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "records"
    (folder / "deeper").mkdir(parents=True)
    with zipfile.ZipFile(folder / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("PYSEC-1.json", json.dumps(ONE))
        archive.writestr("README.md", "not a record")
        archive.writestr("more/PYSEC-2.json", json.dumps(OTHER))
    assert ids(read_advisories([folder / "all.zip"])) == ["PYSEC-1", "PYSEC-2"]
    written(folder / "deeper", record("PYSEC-3"), "PYSEC-3.json")
    written(folder, "not a record", "notes.txt")
    assert ids(read_advisories([folder])) == ["PYSEC-1", "PYSEC-2", "PYSEC-3"]
    assert ids(read_advisories([folder / "deeper", folder / "all.zip"])) == ["PYSEC-3", "PYSEC-1", "PYSEC-2"]


def test_what_is_told_of_one(tmp_path: Path) -> None:
    references = [
        {"type": "PACKAGE", "url": "https://x.example/package"},
        {"type": "WEB", "url": "https://x.example/web"},
        {"type": "ADVISORY", "url": "https://x.example/advisory"},
    ]
    whole = record(aliases=["CVE-1", "PYSEC-1", "CVE-1"], references=references, details="Long.\nVery long.")
    found = read_advisories(
        [written(tmp_path, [whole, record("PYSEC-2", summary=None, details=" Two\n lines ", references=None)])]
    )
    known = found.known("Demo.Pkg", "1.0")
    assert known.vulnerabilities is not None
    one, other = known.vulnerabilities
    assert (one.id, one.aliases, one.summary, one.fixed_in, one.source) == (
        "PYSEC-1",
        ["CVE-1"],
        "It is weak.",
        ["2.0"],
        "osv",
    )
    assert (one.link, other.link, other.summary) == ("https://x.example/advisory", "", "Two lines")
    assert "2 records" in known.note
    assert "2026-01-02" in known.note


def test_hostile_texts_are_bounded(tmp_path: Path) -> None:
    references = [{"type": "ADVISORY", "url": "javascript:alert(1)"}]
    aliases = [f"CVE-{number}-{'x' * 1000}" for number in range(1000)]
    whole = record("P" * 5000, summary="w " * 100_000, aliases=aliases, references=references)
    known = read_advisories([written(tmp_path, whole)]).known("demo-pkg", "1.0").vulnerabilities
    assert known is not None
    assert len(known[0].model_dump_json()) < 10_000
    assert known[0].link == ""


def test_withdrawn_records_and_other_ecosystems_say_nothing(tmp_path: Path) -> None:
    foreign = record("GHSA-1")
    foreign["affected"][0]["package"]["ecosystem"] = "npm"
    gone = record("PYSEC-2", withdrawn="2026-01-01T00:00:00Z")
    found = read_advisories([written(tmp_path, [foreign, gone, record("PYSEC-3", fixed="0.1")])])
    assert ids(found) == []
    assert found.records == 2


def test_ranges_of_commits_say_nothing(tmp_path: Path) -> None:
    one = record()
    one["affected"][0]["ranges"][0]["type"] = "GIT"
    assert ids(read_advisories([written(tmp_path, one)])) == []
    one["affected"][0]["versions"] = ["1.0"]
    assert ids(read_advisories([written(tmp_path, one, "other.json")])) == ["PYSEC-1"]


def test_an_unknown_version_is_not_without_vulnerabilities(tmp_path: Path) -> None:
    assert read_advisories([written(tmp_path, ONE)]).known("demo-pkg", "").vulnerabilities is None


def test_what_did_not_change_is_read_once(tmp_path: Path) -> None:
    path = written(tmp_path, ONE)
    first = read_advisories([path])
    assert read_advisories([path]) is first
    written(tmp_path, [OTHER, OTHER])
    assert read_advisories([path]).records == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "no JSON"),
        ("PYSEC-1", "no JSON"),
        ("{", "Invalid JSON"),
        ("[", "Invalid JSON"),
        ("[" * 100_000, "Invalid JSON"),
        ("{}", "no records"),
        ("[]", "no record of the ecosystem PyPI"),
        ('{"vulns": []}', "no record of the ecosystem PyPI"),
        ('{"vulns": 3}', "vulns"),
        ('[{"id": 3}]', "0.id"),
        ('{"id": ""}', "id"),
        ('{"id": "X", "affected": [{"package": {"name": "demo"}}]}', "ecosystem"),
        (
            '{"id": "X", "affected": [{"package": {"ecosystem": "npm", "name": "demo"}}]}',
            "no record of the ecosystem PyPI",
        ),
        (json.dumps(ONE) + '\n{"id": 3}\n', "line 2"),
        (json.dumps(ONE) + "\n{\n", "line 2"),
        ('{"id": "\\ud800"}', "Invalid JSON"),
    ],
)
def test_what_is_no_list_is_refused_in_one_line(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as caught:
        read_advisories([written(tmp_path, content)])
    check_message(caught.value)  # type: ignore[arg-type]
    assert str(caught.value).startswith("--osv ")


def test_the_good_beside_the_bad_does_not_hide_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("PYSEC-1.json", json.dumps(ONE))
        archive.writestr("bad\x1b[31m.json", "{")
    with pytest.raises(UsageError, match=r"bad\\x1b") as caught:
        read_advisories([tmp_path / "all.zip"])
    check_message(caught.value)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no record of the ecosystem"):
        read_advisories([written(tmp_path, ONE), written(tmp_path, "[]", "empty.json")])


def test_archives_that_are_cut_or_have_a_password(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("PYSEC-1.json", json.dumps(ONE))
    whole = bytearray((tmp_path / "all.zip").read_bytes())
    (tmp_path / "cut.zip").write_bytes(whole[:100])
    locked = bytearray(whole)
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(locked)
    damaged = bytearray(whole)
    damaged[60] ^= 0xFF
    (tmp_path / "damaged.zip").write_bytes(damaged)
    for name in ("cut.zip", "locked.zip", "damaged.zip"):
        with pytest.raises(UsageError, match=f"{name}: it cannot be read") as caught:
            read_advisories([tmp_path / name])
        check_message(caught.value)  # type: ignore[arg-type]


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing", "pipe", "null\0"):
        with pytest.raises(UsageError, match="it cannot be read") as caught:
            read_advisories([tmp_path / name])
        check_message(caught.value)  # type: ignore[arg-type]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no record"):
        read_advisories([tmp_path / "empty"])


@pytest.mark.parametrize(
    ("limit", "reason"), [("MAX_BYTES", "more than"), ("MAX_DOCUMENT_BYTES", "larger than"), ("MAX_FILES", "more than")]
)
def test_more_than_anybody_has_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, reason: str
) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"{number}.json", json.dumps(record(details="x" * 10_000)))
    monkeypatch.setattr(reading, limit, 2 if limit == "MAX_FILES" else 5000)
    with pytest.raises(UsageError, match=reason):
        read_advisories([tmp_path / "all.zip"])
