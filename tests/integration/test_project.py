"""What an index and a list of vulnerabilities say of a package, from the command line to the report and the record."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.packages import make_wheel
from tests.unit.acquire.serving import JSON, Server

pytestmark = pytest.mark.embedded

WEAK = {
    "id": "PYSEC-1",
    "aliases": ["CVE-1"],
    "summary": "It is weak.",
    "fixed_in": ["1.1"],
    "link": "https://x.example/1",
}
OSV = {
    "id": "GHSA-1",
    "modified": "2026-01-02T03:04:05Z",
    "aliases": ["CVE-1"],
    "affected": [{"package": {"ecosystem": "PyPI", "name": "Rare.Demo"}, "ranges": [
        {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2"}]},
    ]}],
}  # fmt: skip


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_wheel(tmp_path_factory.mktemp("made"), "rare-demo", modules={"rare_demo.py": "x = 1\n"})


@pytest.fixture(scope="module")
def index(wheel: Path) -> Iterator[Server]:
    """An index that has one young project with one release, of which it knows a vulnerability."""
    server = Server()
    content = wheel.read_bytes()
    time = (datetime.now(UTC) - timedelta(days=12, hours=1)).isoformat()
    file = {
        "filename": wheel.name, "url": f"../../files/{wheel.name}", "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
        "size": len(content), "yanked": "broken", "upload-time": time,
    }  # fmt: skip
    page = {"meta": {"api-version": "1.1"}, "name": "rare-demo", "files": [file], "versions": ["1.0"]}
    release = {"info": {"name": "rare.demo", "version": "1.0"}, "vulnerabilities": [WEAK]}
    server.answers = {
        f"/files/{wheel.name}": (200, "application/octet-stream", content),
        "/simple/rare-demo/": (200, JSON, json.dumps(page).encode()),
        "/pypi/rare-demo/1.0/json": (200, "application/json", json.dumps(release).encode()),
    }
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the user works, with the record of one run."""
    return tmp_path_factory.mktemp("work")


def fumehood(folder: Path, index: Server, *words: str) -> subprocess.CompletedProcess[str]:
    own = {"FUMEHOOD_INDEX_URL": index.url, "FUMEHOOD_CACHE": str(folder / "cache"), "COLUMNS": "200"}
    own["FUMEHOOD_CORPUS"] = str(folder / "corpus.db")
    command = [sys.executable, "-m", "analyzer", "analyze", *words]
    return subprocess.run(command, env=os.environ | own, cwd=folder, capture_output=True, text=True, check=False)


def report(folder: Path) -> Any:
    return json.loads((folder / "report.json").read_text())


@pytest.fixture(scope="module")
def ran(folder: Path, index: Server) -> str:
    """What is printed about a requirement of that index."""
    done = fumehood(
        folder, index, "rare-demo==1.0", "--sandbox", "embedded", "-o", "json=report.json", "-o", "record=run.record"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_the_index_says_is_reported(folder: Path, ran: str) -> None:
    found = report(folder)
    project = found["project"]
    assert (project["releases"], project["yanked"], project["rank"]) == (1, True, None)
    assert project["upload"] == project["first_upload"]
    assert project["vulnerabilities"] == [WEAK | {"source": "index"}]
    assert project["rare"][1:3] == ["it has 1 release", "its first release was 12 days old when it was run"]
    assert (
        len([one for one in found["issues"] if any(fact["source"] in ("index", "corpus") for fact in one["facts"])])
        == 2
    )
    assert "1 release since 20" in ran
    assert "1 known vulnerability" in ran
    assert "PYSEC-1 (CVE-1): It is weak.; fixed in 1.1" in ran
    assert "rarely used: it is not in the list of the most downloaded" in ran


def test_the_record_tells_the_same_and_newer_lists_what_they_know(folder: Path, index: Server, ran: str) -> None:
    first = (folder / "report.json").read_bytes()
    asked = len(index.seen)
    (folder / "osv.json").write_text(json.dumps(OSV))
    assert fumehood(folder, index, "./run.record", "-q", "-o", "json=report.json").returncode == 0
    assert (folder / "report.json").read_bytes() == first
    done = fumehood(folder, index, "./run.record", "-q", "--osv", "osv.json", "-o", "json=report.json")
    assert done.returncode == 0, done.stderr
    (one,) = report(folder)["project"]["vulnerabilities"]
    assert (one["id"], one["aliases"], one["fixed_in"]) == ("PYSEC-1", ["CVE-1", "GHSA-1"], ["1.1", "1.2"])
    assert len(index.seen) == asked


def test_a_file_of_the_users_with_a_list(folder: Path, index: Server, tmp_path: Path) -> None:
    path = make_wheel(tmp_path, "rare-demo", modules={"rare_demo.py": "x = 2\n"})
    (folder / "osv.json").write_text(json.dumps(OSV))
    asked = len(index.seen)
    done = fumehood(folder, index, str(path), "--sandbox", "embedded", "--osv", "osv.json", "-o", "json=report.json")
    assert done.returncode == 0, done.stderr
    project = report(folder)["project"]
    assert [one["id"] for one in project["vulnerabilities"]] == ["GHSA-1"]
    assert (project["releases"], project["rank"], project["rare"]) == (None, None, [])
    assert any("not known to be a release of the index" in note for note in project["notes"])
    assert len(index.seen) == asked


def test_a_list_that_cannot_be_read_is_told_before_anything_runs(folder: Path, index: Server) -> None:
    (folder / "bad.json").write_text("{")
    done = fumehood(folder, index, "rare-demo", "--sandbox", "embedded", "--osv", "bad.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("fumehood: --osv bad.json: it is not in the OSV format")
    assert done.stderr.count("\n") == 1
