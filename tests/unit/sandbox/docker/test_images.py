from __future__ import annotations

import socket
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker
import pytest
from docker.errors import APIError, ImageNotFound

from analyzer.errors import SandboxError
from analyzer.sandbox.docker import images
from analyzer.sandbox.docker.images import (
    REGISTRY_BASE,
    SUITES,
    SYSTEM_PYTHON,
    Images,
    Recipe,
    ensure_images,
    image_tag,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE, INTERNET = image_tag("package"), image_tag("internet")
PACKAGE_BASE, INTERNET_BASE = Recipe("package").base_tag, Recipe("internet").base_tag


class FakeImage:
    """An image with these variables in its configuration."""

    def __init__(self, variables: list[str]) -> None:
        self.attrs = {"Config": {"Env": variables}}


@dataclass
class FakeEngine:
    """The parts of the docker SDK that building uses; `present` holds the names of the images it has."""

    present: set[str] = field(default_factory=set)
    registry: bool = False
    broken_bases: tuple[str, ...] = ()
    builds: list[tuple[str, str, str]] = field(default_factory=list)
    pythons: set[str] = field(default_factory=set)

    @property
    def api(self) -> FakeEngine:
        return self

    @property
    def images(self) -> FakeEngine:
        return self

    def get(self, name: str) -> FakeImage:
        if name not in self.present:
            raise ImageNotFound(name)
        return FakeImage(["LANG=C.UTF-8", *(["PYTHON_VERSION=3.12.9"] if name in self.pythons else [])])

    def pull(self, repository: str, tag: str, **_: Any) -> Iterator[dict[str, str]]:
        if not self.registry:
            raise APIError("lookup registry.example: no such host")
        self.present.add(f"{repository}:{tag}")
        return iter([{"status": "Pulled"}])

    def build(self, tag: str, buildargs: dict[str, str], network_mode: str, **_: Any) -> Iterator[dict[str, str]]:
        base = buildargs["BASE"]
        self.builds.append((tag, base, network_mode))
        yield {"stream": "Step 1/8 : ARG BASE\n"}
        if base.startswith(self.broken_bases):
            yield {"stream": "E: \x1b[31mUnable to locate\x1b[0m package python3\n"}
            yield {"error": "The command '/bin/sh -c …' returned a non-zero code: 100"}
            return
        self.present.add(tag)
        if base.startswith("python:"):
            self.pythons.add(tag)

    def import_image(self, src: str, repository: str, tag: str) -> None:
        assert Path(src).read_text() == "a root file system\n"
        self.present.add(f"{repository}:{tag}")


def prepare(engine: FakeEngine) -> tuple[Images, list[str]]:
    lines: list[str] = []
    return ensure_images(engine, lines.append), lines  # type: ignore[arg-type]


@pytest.fixture
def mmdebstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of that name, first on PATH, which writes a file where the archive belongs."""
    program = tmp_path / "mmdebstrap"
    program.write_text('#!/bin/sh\nfor word; do case $word in *.tar) echo "a root file system" >"$word";; esac; done\n')
    program.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return program


def test_images_that_are_there_are_used_without_a_word() -> None:
    engine = FakeEngine({PACKAGE, INTERNET})
    assert prepare(engine) == (Images(PACKAGE, INTERNET), [])
    assert engine.builds == []


def test_only_what_is_missing_is_built() -> None:
    engine = FakeEngine({PACKAGE}, registry=True)
    prepare(engine)
    assert engine.builds == [(INTERNET, REGISTRY_BASE, "default")]


def test_the_base_of_a_registry_is_used_and_named() -> None:
    _, lines = prepare(FakeEngine(registry=True))
    assert "package, internet" in lines[0]
    assert "minute" in lines[0]
    assert lines[1:] == [f"base image: {REGISTRY_BASE} from the registry"]


def test_a_base_pulled_earlier_needs_no_registry() -> None:
    engine = FakeEngine({REGISTRY_BASE})
    prepare(engine)
    assert {base for _, base, _ in engine.builds} == {REGISTRY_BASE}


@pytest.mark.usefixtures("mmdebstrap")
def test_without_a_registry_the_base_is_made_here_and_built_on_without_a_network() -> None:
    engine = FakeEngine()
    _, lines = prepare(engine)
    assert engine.builds == [(PACKAGE, PACKAGE_BASE, "none"), (INTERNET, INTERNET_BASE, "none")]
    assert lines[1:] == ["base image: made on this machine with mmdebstrap, as no registry answers"]


def test_a_base_made_earlier_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    engine = FakeEngine({PACKAGE_BASE, INTERNET_BASE})
    prepare(engine)
    assert {base for _, base, _ in engine.builds} == {PACKAGE_BASE, INTERNET_BASE}


@pytest.mark.usefixtures("mmdebstrap")
def test_a_registry_without_a_debian_mirror_falls_back_to_a_base_made_here() -> None:
    engine = FakeEngine(registry=True, broken_bases=(REGISTRY_BASE,))
    _, lines = prepare(engine)
    assert engine.present >= {PACKAGE, INTERNET}
    assert lines[-1].endswith("making the base on this machine instead")


def test_a_missing_mmdebstrap_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SandboxError, match=r"apt-get install mmdebstrap$"):
        prepare(FakeEngine())


def test_a_failing_mmdebstrap_is_quoted_on_one_line(mmdebstrap: Path) -> None:
    mmdebstrap.write_text("#!/bin/sh\necho 'I: running' >&2\necho 'E: mirror.example is unreachable' >&2\nexit 1\n")
    with pytest.raises(SandboxError) as raised:
        prepare(FakeEngine())
    assert "(E: mirror.example is unreachable)" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.usefixtures("mmdebstrap")
def test_a_failing_build_is_quoted_on_one_line_without_control_characters() -> None:
    with pytest.raises(SandboxError) as raised:
        prepare(FakeEngine(broken_bases=("fumehood-base",)))
    message = str(raised.value)
    assert message.startswith(f"the image {PACKAGE} cannot be built")
    assert "package python3" in message
    assert message.isprintable()


def test_nothing_is_left_when_a_bootstrap_fails(
    mmdebstrap: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, ended = tmp_path / "started", tmp_path / "ended"
    mmdebstrap.write_text(f"""#!/bin/sh
case "$*" in *package.tar*)
    until [ -e {started} ]; do sleep 0.05; done
    exit 1
esac
trap 'touch {ended}; exit 1' TERM
touch {started}
while :; do sleep 0.05; done
""")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    with pytest.raises(SandboxError):
        prepare(FakeEngine())
    assert ended.exists()
    assert list(temporary.iterdir()) == []


def test_an_engine_that_never_answers_ends_with_its_clients_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = docker.DockerClient(f"tcp://127.0.0.1:{silent.getsockname()[1]}", version="1.41", timeout=1)
        with pytest.raises(SandboxError, match=r"the Docker engine failed .* `docker version` answers"):
            ensure_images(client, lambda _: None)
        client.close()


def test_a_changed_recipe_changes_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "package").mkdir()
    dockerfile, base = tmp_path / "package" / "Dockerfile", tmp_path / "base.sh"
    (tmp_path / "package" / "packages.txt").write_text("python3\n")
    dockerfile.write_text("FROM one\n")
    base.write_text("one\n")
    monkeypatch.setattr(images, "images_directory", lambda: tmp_path)
    image, made = image_tag("package"), Recipe("package").base_tag
    dockerfile.write_text("FROM two\n")
    assert image_tag("package") != image
    assert Recipe("package").base_tag == made
    base.write_text("two\n")
    assert Recipe("package").base_tag != made


def test_each_version_of_python_has_an_image_of_its_own() -> None:
    versions = ("3.9", "3.11", "3.12", "3.13", "3.14")
    assert len({Recipe("package", version).tag for version in versions}) == len(versions)
    assert len({Recipe("package", version).base_tag for version in versions}) == len(versions)
    assert Recipe("package", "3.11").tag == PACKAGE


def test_another_version_comes_from_pythons_own_image_and_is_found_in_it() -> None:
    engine = FakeEngine({INTERNET}, registry=True)
    lines: list[str] = []
    found = ensure_images(engine, lines.append, "3.12")  # type: ignore[arg-type]
    assert found == Images(Recipe("package", "3.12").tag, INTERNET, "/usr/local/bin/python3")
    assert engine.builds == [(found.package, "python:3.12-slim", "default")]
    assert lines == [
        "building the sandbox images (package): about a minute, the first time only",
        "base image: python:3.12-slim from the registry",
    ]


def test_a_suite_with_a_lasting_python_is_preferred_to_an_image_of_pythons() -> None:
    engine = FakeEngine({INTERNET}, registry=True)
    assert ensure_images(engine, lambda _: None, "3.13").python == SYSTEM_PYTHON  # type: ignore[arg-type]
    assert [base for _, base, _ in engine.builds] == ["debian:trixie-slim"]


@pytest.mark.parametrize("version", SUITES)
def test_without_a_registry_the_suite_with_that_version_is_taken(mmdebstrap: Path, version: str) -> None:
    mmdebstrap.write_text(mmdebstrap.read_text() + f'case "$*" in *" {SUITES[version]} "*) ;; *) exit 1;; esac\n')
    engine = FakeEngine({INTERNET})
    found = ensure_images(engine, lambda _: None, version)  # type: ignore[arg-type]
    assert found == Images(Recipe("package", version).tag, INTERNET, SYSTEM_PYTHON)


def test_a_version_that_nobody_has_is_refused_with_those_that_can_be_had() -> None:
    with pytest.raises(
        SandboxError,
        match=r"--python 3\.12: no image .* python:3\.12-slim, .* 3\.11, 3\.13, 3\.14 only; .* embedded$",
    ):
        ensure_images(FakeEngine({INTERNET}), lambda _: None, "3.12")  # type: ignore[arg-type]
