"""An in-memory index, an empty cache and a fixed environment."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING

import pytest
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename

from analyzer.acquire.cache import Cache, Sink
from analyzer.acquire.index import Candidate, Index
from analyzer.acquire.simple import INDEX_VARIABLES
from analyzer.archives.archive import read_archive
from analyzer.model.package import Environment
from tests.unit.acquire.serving import Server

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from analyzer.errors import AcquireError

MARKERS = {
    "implementation_name": "cpython", "implementation_version": "3.11.2", "os_name": "posix",
    "platform_machine": "x86_64", "platform_release": "6.1", "platform_system": "Linux", "platform_version": "1",
    "python_full_version": "3.11.2", "platform_python_implementation": "CPython", "python_version": "3.11",
    "sys_platform": "linux",
}  # fmt: skip


def check_message(error: AcquireError) -> None:
    """Every message is one line without control characters, whatever the input."""
    assert str(error).isprintable()


class FakeIndex(Index):
    """Serves files that a test made; counts what is asked of it."""

    def __init__(self) -> None:
        self.files: dict[str, Path] = {}
        self.projects: dict[str, list[Candidate]] = {}
        self.metadata_of: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.downloaded: list[str] = []

    def add(
        self,
        path: Path,
        *,
        requires_python: str = "",
        yanked: bool = False,
        beside: bool = False,
        sha256: str | None = None,
    ) -> Candidate:
        """List a file. `beside` serves its metadata apart; `sha256` replaces the true digest."""
        kind = "wheel" if path.suffix == ".whl" else "sdist"
        if kind == "wheel":
            name, version, _, _ = parse_wheel_filename(path.name)
        else:
            name, version = parse_sdist_filename(path.name)
        content = path.read_bytes()
        digest = ""
        if beside:
            metadata = next(iter(read_archive(path, path.name, lambda n: n.endswith("/METADATA")).files.values()))
            digest = hashlib.sha256(metadata).hexdigest()
            self.metadata_of[path.name] = metadata
        candidate = Candidate(
            project=name,
            version=str(version),
            filename=path.name,
            kind="wheel" if path.suffix == ".whl" else "sdist",
            url=f"https://index.example/{path.name}",
            sha256=hashlib.sha256(content).hexdigest() if sha256 is None else sha256,
            size=len(content),
            requires_python=requires_python,
            yanked=yanked,
            metadata_sha256=digest,
        )
        self.files[path.name] = path
        self.projects.setdefault(name, []).append(candidate)
        return candidate

    def project(self, name: str) -> Sequence[Candidate] | None:
        assert name == canonicalize_name(name)
        self.asked.append(name)
        return self.projects.get(name)

    def metadata(self, candidate: Candidate) -> bytes | None:
        return self.metadata_of.get(candidate.filename)

    def download(self, candidate: Candidate, sink: Sink) -> None:
        self.downloaded.append(candidate.filename)
        sink.write(self.files[candidate.filename].read_bytes())


@pytest.fixture
def index() -> FakeIndex:
    return FakeIndex()


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """The folder for archives that a test makes."""
    folder = tmp_path / "made"
    folder.mkdir()
    return folder


@pytest.fixture
def environment() -> Environment:
    tags = ("cp311-cp311-manylinux_2_36_x86_64", "cp311-abi3-manylinux_2_36_x86_64", "py3-none-any")
    return Environment("3.11.2", tuple(sorted(MARKERS.items())), tags)


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names neither an index nor a proxy."""
    for name in (*INDEX_VARIABLES, "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server(no_settings: None) -> Iterator[Server]:
    """An index on loopback."""
    running = Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()
