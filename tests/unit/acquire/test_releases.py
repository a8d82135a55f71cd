"""What an index tells of a target beside its files, against a real server on loopback."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from analyzer.acquire import Cache, SimpleIndex, acquire, documents, simple
from analyzer.acquire.document import address, parse_document
from analyzer.acquire.releases import Release, release
from analyzer.errors import AcquireError
from tests.packages import make_sdist, make_wheel
from tests.unit.acquire.serving import JSON, serve

if TYPE_CHECKING:
    from pathlib import Path

    from analyzer.model.package import Acquisition, Environment
    from tests.unit.acquire.conftest import FakeIndex
    from tests.unit.acquire.serving import Server

WEAK = {
    "id": "PYSEC-1",
    "aliases": ["CVE-1"],
    "details": "It is\nweak.",
    "fixed_in": ["2.1"],
    "link": "https://x.example/1",
}


@pytest.fixture
def listed(server: Server, made: Path) -> Server:
    """An index with three releases of a project, one without a file."""
    serve(server, make_wheel(made, "demo", "1.0"), make_sdist(made, "demo", "2.0"), make_wheel(made, "demo", "2.0"))
    page = json.loads(server.answers["/simple/demo/"][2])
    times = ["2019-01-01T12:00:00.123456Z", "2026-01-02T12:00:00+02:00", "2026-01-01T00:00:00Z"]
    for file, time in zip(page["files"], times, strict=True):
        file["upload-time"] = time
    page["versions"] = ["1.0", "1.0.0", "1.5", "2.0"]
    server.answers["/simple/demo/"] = (200, JSON, json.dumps(page).encode())
    return server


def answer(server: Server, place: str, version: str, found: object = (), **more: Any) -> None:
    """Puts a release document there."""
    document = {
        "info": {"name": "Demo", "version": version, "summary": "?"},
        "releases": {},
        "vulnerabilities": found,
    } | more
    server.answers[f"/pypi/{place}/json"] = (200, "application/json", json.dumps(document).encode())


def told(server: Server, cache: Cache, environment: Environment, target: str = "demo", **more: Any) -> Release:
    index = SimpleIndex(cache, server.url, **more)
    return release(acquire(target, environment, cache, index=index), index)


def asked(server: Server) -> list[str]:
    return [path for path, _ in server.seen if path.startswith("/pypi/")]


def test_releases_and_times(listed: Server, cache: Cache, environment: Environment) -> None:
    answer(listed, "demo/2.0", "2.0", [WEAK])
    found = told(listed, cache, environment)
    assert (found.listed, found.releases, found.yanked, found.notes) == (True, 3, False, ())
    assert (found.first_upload, found.upload) == ("2019-01-01T12:00:00Z", "2026-01-01T00:00:00Z")
    assert found.vulnerabilities is not None
    (one,) = found.vulnerabilities
    assert (one.id, one.aliases, one.summary, one.fixed_in) == ("PYSEC-1", ["CVE-1"], "It is weak.", ["2.1"])
    assert (one.link, one.source) == ("https://x.example/1", "index")


def test_an_index_that_tells_no_times(server: Server, made: Path, cache: Cache, environment: Environment) -> None:
    serve(server, make_wheel(made, "demo", "1.0"), make_wheel(made, "demo", "2.0"), html=True)
    found = told(server, cache, environment)
    assert (found.listed, found.releases, found.first_upload, found.upload) == (True, 2, None, None)
    assert found.vulnerabilities is None
    assert "has no release data" in found.notes[0]


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_times_that_no_calendar_has_are_not_told(
    listed: Server, cache: Cache, environment: Environment, time: str
) -> None:
    page = json.loads(listed.answers["/simple/demo/"][2])
    for file in page["files"]:
        file["upload-time"] = time
    listed.answers["/simple/demo/"] = (200, JSON, json.dumps(page).encode())
    assert told(listed, cache, environment).first_upload is None


def test_a_yanked_version(listed: Server, cache: Cache, environment: Environment) -> None:
    status, kind, content = listed.answers["/simple/demo/"]
    listed.answers["/simple/demo/"] = (status, kind, content.replace(b'"yanked": false', b'"yanked": "broken"'))
    assert told(listed, cache, environment, "demo==1.0").yanked is True


def test_only_the_newest_version_has_a_document(listed: Server, cache: Cache, environment: Environment) -> None:
    answer(listed, "demo", "2.0", [])
    assert told(listed, cache, environment).vulnerabilities == ()
    older = told(listed, cache, environment, "demo==1.0")
    assert older.vulnerabilities is None
    assert "its newest version alone, which is 2.0" in older.notes[0]
    assert asked(listed) == ["/pypi/demo/2.0/json", "/pypi/demo/json", "/pypi/demo/1.0/json"]


def test_withdrawn_ones_are_left_out(listed: Server, cache: Cache, environment: Environment) -> None:
    answer(
        listed,
        "demo/2.0",
        "2.0",
        [WEAK | {"withdrawn": "2026-01-01T00:00:00Z"}, WEAK | {"id": "PYSEC-2", "withdrawn": None}],
    )
    found = told(listed, cache, environment).vulnerabilities
    assert found is not None
    assert [one.id for one in found] == ["PYSEC-2"]


@pytest.mark.parametrize(
    ("status", "content", "note"),
    [
        (200, b"<html>welcome</html>", "cannot be read"),
        (200, b"", "cannot be read"),
        (200, b"[" * 4000, "cannot be read"),
        (200, b'{"info": {"name": "demo", "version": "2.0"}}', "does not tell"),
        (200, b'{"info": {"name": "demo", "version": "2.0"}, "vulnerabilities": [{}]}', "cannot be read"),
        (200, b'{"info": {"name": "other", "version": "2.0"}, "vulnerabilities": []}', "of another project"),
        (
            200,
            b'{"info": {"name": "demo", "version": "3.0"}, "vulnerabilities": []}',
            "newest version alone, which is 3.0",
        ),
        (200, b" " * 5000, "more than 0 MiB"),
        (403, b"", "status 403"),
        (500, b"", "status 500"),
        (404, b"", "no release data"),
    ],
)
def test_what_is_no_document_is_a_note(
    listed: Server,
    cache: Cache,
    environment: Environment,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    content: bytes,
    note: str,
) -> None:
    monkeypatch.setattr(documents, "MAX_DOCUMENT_BYTES", 4096)
    listed.answers["/pypi/demo/2.0/json"] = (status, "application/json", content)
    found = told(listed, cache, environment)
    assert found.vulnerabilities is None
    assert len(found.notes) == 1
    assert note in found.notes[0]
    assert found.notes[0].isprintable()
    assert found.releases == 3


def test_a_document_is_asked_for_once(
    listed: Server, cache: Cache, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(listed, "demo/2.0", "2.0", [WEAK])
    first = told(listed, cache, environment)
    assert told(listed, cache, environment) == first
    assert asked(listed) == ["/pypi/demo/2.0/json"]
    answer(listed, "demo/2.0", "2.0", [])
    assert told(listed, cache, environment, refresh=True).vulnerabilities == ()
    # The page was asked for once too, although the release looks at it again.
    assert [path for path, _ in listed.seen].count("/simple/demo/") == 2
    listed.etag = '"abc"'
    told(listed, cache, environment, refresh=True)
    monkeypatch.setattr(simple, "MAX_AGE_SECONDS", 0.0)
    assert told(listed, cache, environment).vulnerabilities == ()
    assert listed.seen[-1][1]["if-none-match"] == '"abc"'


def test_an_index_that_is_away_is_asked_no_second_time(
    listed: Server, cache: Cache, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(listed, "demo/2.0", "2.0", [WEAK])
    first = told(listed, cache, environment)
    monkeypatch.setattr(simple, "MAX_AGE_SECONDS", 0.0)
    for path in listed.answers:
        listed.answers[path] = (500, "text/plain", b"")
    before = len(listed.seen)
    found = told(listed, cache, environment)
    assert found.vulnerabilities == first.vulnerabilities
    assert "cannot be reached" in found.notes[0]
    assert [path for path, _ in listed.seen[before:]] == ["/simple/demo/"]


def test_damaged_documents_in_the_cache_are_fetched_again(
    listed: Server, cache: Cache, environment: Environment
) -> None:
    answer(listed, "demo/2.0", "2.0", [WEAK])
    first = told(listed, cache, environment)
    for path in (cache.root / "releases-1").rglob("*"):
        if path.is_file():
            path.write_bytes(b"damaged")
    assert told(listed, cache, environment) == first


def test_credentials_go_along_and_into_no_note(listed: Server, cache: Cache, environment: Environment) -> None:
    listed.answers["/pypi/demo/2.0/json"] = (200, "text/html", b"")
    index = SimpleIndex(cache, listed.url.replace("//", "//user:s3cret@"))
    found = release(acquire("demo", environment, cache, index=index), index)
    assert listed.seen[-1][1]["authorization"].startswith("Basic ")
    assert "s3cret" not in str(found)


def test_a_file_of_the_users_is_not_asked_about(
    listed: Server, made: Path, cache: Cache, environment: Environment
) -> None:
    found = told(listed, cache, environment, str(make_wheel(made, "demo", "2.0")))
    assert found == Release(notes=found.notes)
    assert "not known to be a release" in found.notes[0]
    assert listed.seen == []


def test_a_file_that_the_index_listed_before_is_its_release(
    listed: Server, made: Path, cache: Cache, environment: Environment
) -> None:
    answer(listed, "demo/2.0", "2.0", [WEAK])
    asked_for = told(listed, cache, environment, "demo==2.0")
    assert told(listed, cache, environment, str(make_wheel(made, "demo", "2.0"))) == asked_for
    other = make_wheel(made, "demo", "2.0", modules={"demo.py": "changed = True\n"})
    assert not told(listed, cache, environment, str(other)).listed


def test_a_file_that_is_not_listed_any_more(
    listed: Server, cache: Cache, environment: Environment, index: FakeIndex
) -> None:
    found = acquire("demo", environment, cache, index=SimpleIndex(cache, listed.url))
    assert release(found, index).notes == ("the index does not list this file any more",)
    assert release(replace(found, version="1.0"), SimpleIndex(cache, listed.url)).listed is False


def test_an_index_of_another_kind(index: FakeIndex, made: Path, cache: Cache, environment: Environment) -> None:
    index.add(make_wheel(made, "demo", "1.0"))
    index.add(make_wheel(made, "demo", "2.0"), yanked=True)
    acquisition: Acquisition = acquire("demo==2.0", environment, cache, index=index)
    found = release(acquisition, index)
    assert (found.releases, found.yanked, found.vulnerabilities) == (2, True, None)
    assert found.notes == ("this index tells no vulnerabilities",)


def test_an_index_that_fails_is_a_note(index: FakeIndex, made: Path, cache: Cache, environment: Environment) -> None:
    index.add(make_wheel(made, "demo", "1.0"))
    found = acquire("demo", environment, cache, index=index)

    class Away(type(index)):  # type: ignore[misc]
        def project(self, name: str) -> None:
            raise AcquireError("it is away")

    (note,) = release(found, Away()).notes
    assert "cannot be reached or read" in note
    assert "away" not in note


@pytest.mark.parametrize(
    ("simple_api", "expected"),
    [
        ("https://index.example/simple/", "https://index.example/pypi/demo/1.0/json"),
        ("https://index.example/simple", "https://index.example/pypi/demo/1.0/json"),
        ("https://index.example/api/pypi/team/simple/", "https://index.example/api/pypi/team/pypi/demo/1.0/json"),
        ("https://index.example/", None),
        ("https://index.example/notsimple/", None),
        ("https://index.example/simple/?token=1", None),
        ("https://index.example/simple/v2/", None),
    ],
)
def test_where_the_documents_are(simple_api: str, expected: str | None) -> None:
    assert address(simple_api, "demo", "1.0") == expected


def test_versions_are_quoted_in_addresses() -> None:
    assert (
        address("https://index.example/simple/", "demo", "1!1.0+a/b")
        == "https://index.example/pypi/demo/1%211.0%2Ba%2Fb/json"
    )
    assert address("https://index.example/simple/", "demo") == "https://index.example/pypi/demo/json"


def test_an_address_without_simple_is_a_note(listed: Server, cache: Cache, environment: Environment) -> None:
    listed.answers["/files/demo/"] = listed.answers["/simple/demo/"]
    index = SimpleIndex(cache, listed.url.replace("/simple/", "/files/"))
    found = release(acquire("demo", environment, cache, index=index), index)
    assert "does not end in simple" in found.notes[0]
    assert asked(listed) == []


def test_hostile_documents_are_bounded() -> None:
    weak = [{"id": f"{number}" * 300, "aliases": ["x" * 999] * 999, "summary": "y" * 9999} for number in range(2000)]
    content = {"info": {"name": "demo", "version": "9" * 5000}, "vulnerabilities": weak}
    found = parse_document(json.dumps(content).encode(), "demo", "", 0.0)
    assert len(found.model_dump_json()) < 500_000
    assert not found.is_of("1.0")
