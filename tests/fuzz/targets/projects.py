"""What others say of a project: indexes, lists of vulnerabilities, and records that keep it."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import ValidationError

from analyzer.acquire.document import Document, address, parse_document
from analyzer.acquire.osv import Advisories, read_advisories
from analyzer.acquire.osv.documents import NoRecordsError, records
from analyzer.errors import AcquireError, UsageError
from analyzer.pipeline.project import project_from
from analyzer.store.project import ProjectFacts
from tests.fuzz.target import target

RECORD = (
    b'{"id":"A","modified":"2026-01-01T00:00:00Z","affected":[',
    b'{"package":{"ecosystem":"PyPI","name":"x"},"ranges":[',
    b'{"type":"ECOSYSTEM","events":[{"introduced":"0"},',
    b'{"fixed":"',
    b'{"last_affected":"',
    b'{"limit":"',
    b'"},',
    b'"}]}],"versions":["',
    b'1.0"',
    b"1!1.0rc1.post2.dev3+local",
    b"]}]}",
    b"\n",
    b'"aliases":["A","B"],',
    b'"withdrawn":"",',
    b"null",
)


@target(
    b'{"info":{"name":"x","version":"1.0"},"vulnerabilities":[',
    b'{"id":"A","aliases":["B"],"summary":null,"details":"',
    b'","fixed_in":["2.0"],"link":"https://',
    b'"}',
    b"]}",
    b'"withdrawn":null,',
    b"\\ud800",
    b"1e999",
)
def release_document(data: bytes) -> None:
    with suppress(AcquireError):
        found = parse_document(data, "x", "", 0.0)
        assert Document.from_cache(found.model_dump_json().encode()) == found
        found.is_of("1.0")
    Document.from_cache(data)
    with suppress(ValueError):
        address(f"https://index.example/{data.decode('utf-8', 'surrogateescape')}/simple/", "x", "1.0")


@target(*RECORD, b"[", b"]", b'{"vulns":[', b'{"results":[{"packages":[{"vulnerabilities":[', b"]}")
def osv_records(data: bytes) -> None:
    advisories = Advisories()
    try:
        for record in records(data):
            advisories.add(record)
    except NoRecordsError as error:
        assert str(error).isprintable()
    for version in ("1.0", "1!1.0rc1.post2.dev3+local", "not a version"):
        known = advisories.known("x", version)
        assert known.vulnerabilities is not None
        assert known.note.isprintable()


@target(b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PYSEC-1.json", b"\x00\x00", b"\x08\x00", *RECORD)
def osv_archive(data: bytes) -> None:
    with TemporaryDirectory() as folder, suppress(UsageError):
        path = Path(folder, "all.zip")
        path.write_bytes(data)
        read_advisories([path]).known("x", "1.0")


@target(
    b'{"format":1,"listed":true,"releases":3,',
    b'"first_upload":"2026-02-31T25:00:00Z",',
    b'"vulnerabilities":[{"id":"A","aliases":["B"]}],',
    b'"osv":[],"notes":["',
    b'"]}',
    b"null",
)
def project_of_a_record(data: bytes) -> None:
    with suppress(ValidationError):
        project_from(ProjectFacts.model_validate_json(data), "x", datetime(2026, 1, 1, tzinfo=UTC))
