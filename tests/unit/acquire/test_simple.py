"""The index over HTTP, against a real server on loopback."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import TYPE_CHECKING

import pytest

from analyzer.acquire import Cache, SimpleIndex, acquire, page, simple
from analyzer.errors import AcquireError
from tests.packages import make_sdist, make_wheel
from tests.unit.acquire.serving import JSON, Server, serve

if TYPE_CHECKING:
    from pathlib import Path

    from analyzer.model.package import Environment

pytestmark = pytest.mark.usefixtures("no_settings")


@pytest.mark.parametrize("html", [False, True])
def test_a_package_over_http(server: Server, made: Path, cache: Cache, environment: Environment, html: bool) -> None:
    serve(
        server,
        make_wheel(made, "demo", "1.0"),
        make_wheel(made, "demo", "2.0"),
        make_sdist(made, "demo", "2.0"),
        html=html,
    )
    found = acquire("Demo", environment, cache, index=SimpleIndex(cache, server.url))
    assert found.target.filename == "demo-2.0-py3-none-any.whl"
    paths = [path for path, _ in server.seen]
    assert paths[0] == "/simple/demo/"
    assert ("/files/demo-2.0-py3-none-any.whl.metadata" in paths) is not html
    assert server.seen[-1][1]["accept-encoding"] == "identity"


def test_a_second_time_nothing_is_asked(server: Server, made: Path, cache: Cache, environment: Environment) -> None:
    serve(server, make_wheel(made, "demo"))
    first = acquire("demo", environment, cache, index=SimpleIndex(cache, server.url))
    asked = len(server.seen)
    assert acquire("demo", environment, cache, index=SimpleIndex(cache, server.url)) == first
    assert len(server.seen) == asked
    acquire("demo", environment, cache, index=SimpleIndex(cache, server.url, refresh=True))
    assert [path for path, _ in server.seen[asked:]] == ["/simple/demo/"]


def test_an_unchanged_page_is_not_sent_again(
    server: Server, made: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.etag = '"abc"'
    serve(server, make_wheel(made, "demo"))
    first = SimpleIndex(cache, server.url).project("demo")
    monkeypatch.setattr(simple, "MAX_AGE_SECONDS", 0.0)
    assert SimpleIndex(cache, server.url).project("demo") == first
    assert server.seen[-1][1]["if-none-match"] == '"abc"'
    assert len(server.seen) == 2


def test_a_damaged_file_in_the_cache_is_fetched_again(
    server: Server, made: Path, cache: Cache, environment: Environment
) -> None:
    serve(server, make_wheel(made, "demo"))
    target = acquire("demo", environment, cache, index=SimpleIndex(cache, server.url)).target
    target.path.chmod(0o644)
    target.path.write_bytes(b"damaged")
    again = acquire("demo", environment, cache, index=SimpleIndex(cache, server.url)).target
    assert hashlib.sha256(again.path.read_bytes()).hexdigest() == target.sha256


def test_damaged_documents_in_the_cache_are_fetched_again(
    server: Server, made: Path, cache: Cache, environment: Environment
) -> None:
    serve(server, make_wheel(made, "demo"))
    first = acquire("demo", environment, cache, index=SimpleIndex(cache, server.url))
    for path in cache.root.rglob("*"):
        if path.is_file() and "files" not in path.parts:
            path.write_bytes(b"damaged")
    assert acquire("demo", environment, cache, index=SimpleIndex(cache, server.url)) == first


@pytest.mark.parametrize("failure", ["refused", "status"])
def test_a_stale_page_serves_when_the_index_is_away(
    server: Server, made: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    serve(server, make_wheel(made, "demo"))
    first = SimpleIndex(cache, server.url).project("demo")
    monkeypatch.setattr(simple, "MAX_AGE_SECONDS", 0.0)
    if failure == "refused":
        server.server_close()
    else:
        server.answers["/simple/demo/"] = (500, "text/plain", b"")
    lines: list[str] = []
    assert SimpleIndex(cache, server.url, progress=lines.append).project("demo") == first
    assert "cannot be reached" in lines[0]
    server.answers["/simple/other/"] = (500, "text/plain", b"")
    with pytest.raises(AcquireError, match="cannot be reached for other"):
        SimpleIndex(cache, server.url).project("other")


def test_an_unknown_project(server: Server, cache: Cache, environment: Environment) -> None:
    assert SimpleIndex(cache, server.url).project("demo") is None
    with pytest.raises(AcquireError, match="no project named demo"):
        acquire("demo", environment, cache, index=SimpleIndex(cache, server.url))


@pytest.mark.parametrize(
    ("status", "kind", "content", "problem"),
    [
        (200, "application/pdf", b"", "content type is application/pdf"),
        (200, JSON, b"{", "cannot be read"),
        (200, JSON, b"[]", "cannot be read"),
        (200, JSON, b'{"meta": {"api-version": "2.0"}, "name": "demo", "files": []}', "cannot be read"),
        (200, JSON, b"[" * 100_000, "cannot be read"),
        (403, "text/html", b"", "status 403"),
        (200, "text/html", b"x" * 5000, "answers with more than 4096 bytes"),
    ],
)  # fmt: skip
def test_pages_that_are_none(
    server: Server, cache: Cache, monkeypatch: pytest.MonkeyPatch, status: int, kind: str, content: bytes, problem: str
) -> None:
    if problem.startswith("answers"):
        monkeypatch.setattr(simple, "MAX_PAGE_BYTES", 4096)
    server.answers["/simple/demo/"] = (status, kind, content)
    with pytest.raises(AcquireError, match=problem) as caught:
        SimpleIndex(cache, server.url).project("demo")
    assert str(caught.value).isprintable()


def test_files_that_follow_no_specification_are_left_out(server: Server, cache: Cache) -> None:
    names = [
        "demo-1.0.tar.gz", "demo-1.0.exe", "demo-1.0-py3.egg", "demo-what.tar.gz", "other-1.0.tar.gz", "demo-1.0-x.whl",
        "../demo-1.0.tar.gz", "demo-1.0/x.tar.gz", "demo-1.0.rpm", "", "demo-1.0.tar.xz",
    ]  # fmt: skip
    files = [{"filename": name, "url": f"x/{name}", "hashes": {"sha256": "0" * 64}} for name in names]
    document = json.dumps({"meta": {"api-version": "1.0"}, "name": "demo", "files": files}).encode()
    server.answers["/simple/demo/"] = (200, JSON, document)
    candidates = SimpleIndex(cache, server.url).project("demo")
    assert candidates is not None
    assert [candidate.filename for candidate in candidates] == ["demo-1.0.tar.gz"]


def test_a_file_that_is_not_there(server: Server, made: Path, cache: Cache, environment: Environment) -> None:
    path = make_wheel(made, "demo")
    serve(server, path)
    del server.answers[f"/files/{path.name}"]
    with pytest.raises(AcquireError, match="status 404"):
        acquire("demo", environment, cache, index=SimpleIndex(cache, server.url))


def test_files_off_the_web_are_not_followed(server: Server, made: Path, cache: Cache, environment: Environment) -> None:
    serve(server, make_wheel(made, "demo"))
    status, kind, content = server.answers["/simple/demo/"]
    server.answers["/simple/demo/"] = (status, kind, content.replace(b"../../files/", b"file:///etc/"))
    with pytest.raises(AcquireError, match="no web address"):
        acquire("demo", environment, cache, index=SimpleIndex(cache, server.url))


def test_credentials_go_to_the_index_only_and_into_no_message(server: Server, made: Path, cache: Cache) -> None:
    other = Server()
    thread = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        path = make_sdist(made, "demo")
        serve(other, path)
        content = other.answers["/simple/demo/"][2].replace(b"../../", other.url.replace("simple/", "").encode())
        server.answers["/simple/demo/"] = (200, JSON, content)
        index = SimpleIndex(cache, server.url.replace("//", "//user:s3cret@"))
        candidates = index.project("demo")
        assert candidates is not None
        assert server.seen[0][1]["authorization"].startswith("Basic ")
        cache.add(path.name, lambda sink: index.download(candidates[0], sink))
        assert "authorization" not in other.seen[0][1]
        server.answers["/simple/x/"] = (500, "text/plain", b"")
        with pytest.raises(AcquireError) as caught:
            index.project("x")
        assert "s3cret" not in str(caught.value)
        assert server.url in str(caught.value)
    finally:
        other.shutdown()
        thread.join()
        other.server_close()


def test_the_environment_names_the_index(monkeypatch: pytest.MonkeyPatch, cache: Cache) -> None:
    assert simple.index_url({}) == ""
    assert simple.index_url({"UV_INDEX_URL": "u", "PIP_INDEX_URL": "p", "FUMEHOOD_INDEX_URL": ""}) == "p"
    monkeypatch.setenv("PIP_INDEX_URL", "file:///somewhere")
    with pytest.raises(AcquireError, match="no http"):
        SimpleIndex(cache)


def test_no_index_at_all(cache: Cache) -> None:
    with pytest.raises(AcquireError, match=r"cannot be reached for demo \(no connection to it\)"):
        SimpleIndex(cache, "http://127.0.0.1:1/simple/").project("demo")


def test_a_cached_page_that_is_damaged_counts_as_none() -> None:
    assert page.Page.from_cache(None) is None
    assert page.Page.from_cache(b"{}") is None
