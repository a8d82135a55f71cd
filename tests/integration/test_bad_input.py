"""What the real command line says to bad input: one line that names it and the remedy, and nothing left behind."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.packages import make_sdist, make_wheel

SANDBOXES = [pytest.param("embedded", marks=pytest.mark.embedded), pytest.param("docker", marks=pytest.mark.docker)]
NOTHING_ANALYSED, USAGE = 3, 2


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """The place of temporary files, which has to be empty in the end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def fumehood(
    *arguments: str | Path, temporary: Path, environment: Mapping[str, str] | None = None, seconds: float = 90
) -> subprocess.CompletedProcess[str]:
    """Runs `fumehood analyze`."""
    return subprocess.run(
        [sys.executable, "-m", "analyzer", "analyze", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=seconds,
        env={**os.environ, "TMPDIR": str(temporary), **(environment or {})},
    )


def assert_refused(
    ended: subprocess.CompletedProcess[str], temporary: Path, *words: str, status: int = NOTHING_ANALYSED
) -> None:
    """One line of error behind the progress, with the words; the exit status; and no traceback or temporary file."""
    assert ended.returncode == status, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    lines = ended.stderr.splitlines()
    assert [line for line in lines if line.startswith("fumehood: ")] == lines[-1:], ended.stderr
    assert len(lines[-1]) < 600
    for word in words:
        assert word in lines[-1]
    assert ended.stdout == ""
    assert list(temporary.iterdir()) == []


@pytest.mark.embedded
@pytest.mark.index
@pytest.mark.parametrize(
    ("target", "word"),
    [("a-project-that-nobody-ever-made-0815", "0815"), ("six==99.99", "99.99")],
    ids=["name", "version"],
)
def test_an_unknown_project_or_version(target: str, word: str, temporary: Path, cache_directory: Path) -> None:
    ended = fumehood(
        target, "--sandbox", "embedded", temporary=temporary, environment={"FUMEHOOD_CACHE": str(cache_directory)}
    )
    assert_refused(ended, temporary, word)


@pytest.mark.embedded
def test_no_index(temporary: Path, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    ended = fumehood(
        "six",
        "--sandbox",
        "embedded",
        temporary=temporary,
        environment={
            "FUMEHOOD_CACHE": str(tmp_path / "cache"),
            "FUMEHOOD_INDEX_URL": f"http://127.0.0.1:{port}/simple/",
        },
    )
    assert_refused(ended, temporary, "six", f"127.0.0.1:{port}")


def _truncated(folder: Path) -> Path:
    wheel = make_wheel(folder, "cut", modules={"cut.py": "x = 1\n" * 1000})
    wheel.write_bytes(wheel.read_bytes()[:-200])
    return wheel


def _traversing(folder: Path) -> Path:
    return make_wheel(folder, "escape", modules={"escape.py": "", "../../outside.py": ""})


def _linking(folder: Path) -> Path:
    path = make_sdist(folder, "link")
    content = io.BytesIO()
    with tarfile.open(path) as old, tarfile.open(fileobj=content, mode="w:gz") as new:
        for member in old:
            new.addfile(member, old.extractfile(member))
        link = tarfile.TarInfo("link-1.0/outside")
        link.type, link.linkname = tarfile.SYMTYPE, "../../../../etc/passwd"
        new.addfile(link)
    path.write_bytes(content.getvalue())
    return path


def _bomb(folder: Path) -> Path:
    wheel = make_wheel(folder, "bomb", modules={"bomb.py": ""})
    with zipfile.ZipFile(wheel, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("bomb.dat", "w") as member:
        for _ in range(1200):
            member.write(bytes(1024 * 1024))
    return wheel


def _foreign(folder: Path) -> Path:
    return make_wheel(folder, "foreign", modules={"foreign.py": ""}, tag="cp311-cp311-win_amd64")


def _no_project(folder: Path) -> Path:
    path = folder / "no-project"
    path.mkdir()
    (path / "readme.txt").write_text("nothing here")
    return path


def _missing(folder: Path) -> Path:
    return folder / "missing-1.0-py3-none-any.whl"


BAD = [_truncated, _traversing, _linking, _bomb, _foreign, _no_project, _missing]


@pytest.mark.embedded
@pytest.mark.parametrize("make", BAD, ids=lambda make: make.__name__.strip("_"))
def test_a_bad_archive_or_folder(make: object, temporary: Path, tmp_path: Path) -> None:
    assert callable(make)
    target = make(tmp_path)
    ended = fumehood(
        target, "--sandbox", "embedded", temporary=temporary, environment={"FUMEHOOD_CACHE": str(tmp_path / "cache")}
    )
    assert_refused(ended, temporary, target.name)
    assert not (tmp_path.parent / "outside.py").exists()


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A package with which nothing is wrong."""
    return make_wheel(tmp_path, "fine", modules={"fine.py": ""})


@pytest.mark.parametrize("version", ["2.7", "3.4", "9.9", "nonsense", "/nonexistent/python3"])
@pytest.mark.embedded
def test_an_unsupported_interpreter(version: str, wheel: Path, temporary: Path) -> None:
    ended = fumehood(wheel, "--sandbox", "embedded", "--python", version, temporary=temporary)
    assert_refused(ended, temporary, f"--python {version}", status=ended.returncode)
    assert ended.returncode in {NOTHING_ANALYSED, USAGE}


@pytest.mark.docker
def test_an_interpreter_that_the_image_has_not(wheel: Path, temporary: Path) -> None:
    ended = fumehood(wheel, "--sandbox", "docker", "--python", "3.8", temporary=temporary)
    assert_refused(ended, temporary, "--python 3.8", "--sandbox embedded")


@pytest.mark.embedded
def test_an_interpreter_that_is_a_program_of_another_kind(wheel: Path, temporary: Path) -> None:
    ended = fumehood(wheel, "--sandbox", "embedded", "--python", "/usr/bin/env", temporary=temporary)
    assert_refused(ended, temporary, "/usr/bin/env", "--python")


@pytest.mark.embedded
@pytest.mark.parametrize(("tool", "package"), [("bwrap", "bubblewrap"), ("strace", "strace")])
def test_a_missing_tool(tool: str, package: str, wheel: Path, temporary: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    for path in Path("/usr/bin").iterdir():
        if path.name != tool:
            (folder / path.name).symlink_to(path)
    ended = fumehood(wheel, "--sandbox", "embedded", temporary=temporary, environment={"PATH": str(folder)})
    assert_refused(ended, temporary, tool, f"apt-get install {package}")


@pytest.mark.parametrize("address", ["unix:///nonexistent/docker.sock", "tcp://127.0.0.1:1", "nonsense"])
def test_a_stopped_engine(address: str, wheel: Path, temporary: Path) -> None:
    ended = fumehood(wheel, "--sandbox", "docker", temporary=temporary, environment={"DOCKER_HOST": address})
    assert_refused(ended, temporary, "Docker engine", "--sandbox embedded")


@pytest.mark.embedded
def test_without_an_engine_auto_takes_the_embedded_sandbox(wheel: Path, temporary: Path) -> None:
    ended = fumehood(wheel, temporary=temporary, environment={"DOCKER_HOST": "unix:///nonexistent/docker.sock"})
    assert ended.returncode == 0, ended.stderr
    assert "embedded" in ended.stdout
    assert list(temporary.iterdir()) == []


@pytest.mark.docker
def test_an_unknown_runtime(wheel: Path, temporary: Path) -> None:
    ended = fumehood(wheel, "--sandbox", "docker", "--runtime", "no-such-runtime", temporary=temporary)
    assert_refused(ended, temporary, "--runtime no-such-runtime", "runc")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-o", "nonsense=x"], ["nonsense", "json"]),
        (["-o", "json"], ["json", "FORMAT=PATH"]),
        (["-o", "json="], ["json=", "FORMAT=PATH"]),
        (["-o", "json=/nonexistent/folder/report.json"], ["/nonexistent/folder"]),
        (["-o", "json=/proc/report.json"], ["/proc/report.json"]),
        (["-o", "json=/"], ["json=/"]),
        (["--sandbox", "nonsense"], ["--sandbox nonsense", "embedded"]),
        (["--tracer", "nonsense"], ["--tracer nonsense", "strace"]),
        (["--sandbox", "embedded", "--runtime", "runsc"], ["--runtime runsc"]),
    ],
    ids=" ".join,
)
def test_wrong_options_are_refused_before_anything_runs(
    options: list[str], words: list[str], wheel: Path, temporary: Path
) -> None:
    ended = fumehood(wheel, *options, temporary=temporary)
    assert_refused(ended, temporary, *words, status=USAGE)
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("options", [["--timeout", "soon"], ["--memory", "-1"], ["--nonsense"], ["--cpus", "0"], []])
def test_what_the_parser_refuses(options: list[str], wheel: Path, temporary: Path) -> None:
    ended = fumehood(*([wheel, *options] if options else []), temporary=temporary)
    assert ended.returncode == USAGE
    assert "Traceback" not in ended.stderr
    assert options[:1] == [] or options[0] in ended.stderr


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_a_package_that_does_not_build_is_a_result(
    sandbox: str, temporary: Path, tmp_path: Path, cache_directory: Path
) -> None:
    sdist = make_sdist(
        tmp_path, "unbuilt", setup_py="print('before the end')\nraise RuntimeError('the compiler is on strike')\n"
    )
    ended = fumehood(
        sdist, "--sandbox", sandbox, temporary=temporary, environment={"FUMEHOOD_CACHE": str(cache_directory)}
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "the compiler is on strike" in " ".join(ended.stdout.split())
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_a_package_whose_import_raises_is_a_result(sandbox: str, temporary: Path, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "raising", modules={"raising.py": "raise RuntimeError('no such luck')\n"})
    ended = fumehood(wheel, "--sandbox", sandbox, temporary=temporary)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "no such luck" in " ".join(ended.stdout.split())
    assert list(temporary.iterdir()) == []
