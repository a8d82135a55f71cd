"""The wheel and the sdist, built as a release is: from a clean copy of the checkout."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.index, pytest.mark.timeout(900)]

CHECKOUT = Path(__file__).resolve().parents[2]


OBJECT = "analyzer/_bundled/kernel/tracer.bpf.o"
EM_BPF = 247  # linux/elf-em.h


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """What a command printed, errors included."""
    answer = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, f"{command} ended with {answer.returncode}:\n{answer.stdout}"
    return answer.stdout


def build(what: str, source: Path, out: Path, **environment: str) -> tuple[Path, str]:
    """The wheel or sdist of a source tree, and what the build said."""
    said = run(sys.executable, "-m", "build", f"--{what}", "--outdir", out, source, cwd=out, **environment)
    (built,) = out.glob("*.whl" if what == "wheel" else "*.tar.gz")
    return built, said


def carried(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout as somebody else gets it: without what was built here."""
    leave = shutil.ignore_patterns(".git", ".venv", ".build", "__pycache__", ".*_cache", ".hypothesis")
    return Path(shutil.copytree(CHECKOUT, tmp_path_factory.mktemp("copy") / "fumehood", ignore=leave))


@pytest.fixture(scope="module")
def wheel(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    built, said = build("wheel", copy, tmp_path_factory.mktemp("dist"))
    assert "without its kernel tracer" not in said
    return built


@pytest.fixture(scope="module")
def unpacked(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, unpacked."""
    directory = tmp_path_factory.mktemp("sdist")
    built, _ = build("sdist", copy, directory)
    with tarfile.open(built) as archive:
        archive.extractall(directory, filter="data")
    return directory / built.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of a fresh venv with the wheel in it."""
    directory = tmp_path_factory.mktemp("fresh")
    venv.create(directory / "venv", with_pip=True)
    pip = (directory / "venv" / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "--constraint", CHECKOUT / "constraints.txt", wheel, cwd=directory)
    return directory / "venv" / "bin"


def files_of(folder: str, suffixes: tuple[str, ...] = ("",)) -> set[str]:
    """The repository's files below a folder, as paths in the repository, without what tools leave there."""
    names = {path.relative_to(CHECKOUT) for path in (CHECKOUT / folder).rglob("*") if path.is_file()}
    return {
        str(name)
        for name in names
        if name.name.endswith(suffixes) and not any(part.startswith((".", "__pycache__")) for part in name.parts)
    }


def test_the_wheel_carries_probes_recipes_and_data(wheel: Path) -> None:
    names = set(carried(wheel))
    beside = files_of("probes") | files_of("sandbox-images")
    inside = files_of("analyzer", (".py", ".yaml", ".html", ".j2", ".css", ".typed"))
    assert any(name.startswith("probes/") for name in beside)
    assert any(name.startswith("analyzer/rules/packs/") for name in inside)
    assert any(name.startswith("analyzer/taxonomy/") and name.endswith(".yaml") for name in inside)
    assert {f"analyzer/_bundled/{name}" for name in beside} <= names
    assert inside <= names
    assert not [name for name in names if name.startswith(("tests/", "probes/", "sandbox-images/"))]


def test_the_wheel_serves_all_platforms_and_names_its_licenses(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    files = carried(wheel)
    (metadata,) = (files[name].decode() for name in files if name.endswith(".dist-info/METADATA"))
    assert "License-Expression: Apache-2.0 AND GPL-2.0-or-later" in metadata
    licenses = {
        name.partition(".dist-info/licenses/")[2]: text
        for name, text in files.items()
        if ".dist-info/licenses/" in name
    }
    assert set(licenses) == {
        "LICENSE",
        "LICENSES/GPL-2.0-or-later.txt",
        "probes/dissector/LICENSE",
        "probes/kernel/LICENSE",
    }
    assert b"Apache License" in licenses["LICENSE"]
    assert b"GNU GENERAL PUBLIC LICENSE" in licenses["LICENSES/GPL-2.0-or-later.txt"]


def test_the_wheel_carries_the_kernel_tracers_program_and_its_sources(wheel: Path) -> None:
    files = carried(wheel)
    program = files[OBJECT]
    assert program[:6] == b"\x7fELF\x02\x01"  # 64 bits, little-endian, as are x86-64 and arm64
    assert struct.unpack_from("<H", program, 18) == (EM_BPF,)
    assert {f"analyzer/_bundled/{name}" for name in files_of("probes/kernel")} <= set(files)


def test_the_sdist_builds_the_same_wheel_again(wheel: Path, unpacked: Path, tmp_path: Path) -> None:
    """Elsewhere on the disk and from other copies: nothing of the building machine is in the kernel tracer's program."""
    again, _ = build("wheel", unpacked, tmp_path)
    assert carried(again) == carried(wheel)
    assert again.read_bytes() == wheel.read_bytes()


def test_the_sdist_has_what_make_needs(unpacked: Path) -> None:
    for name in ("Makefile", ".ci/prepare", "hatch_build.py", "constraints.txt", "LICENSE", "probes/dissector/LICENSE"):
        assert (unpacked / name).is_file(), name
    assert os.access(unpacked / ".ci" / "prepare", os.X_OK)
    assert os.access(unpacked / "probes" / "kernel" / "build", os.X_OK)


@pytest.mark.parametrize(
    ("compiler", "reason"),
    [
        ("no-such-clang", "no-such-clang is missing, which compiles the kernel tracer: apt-get install clang"),
        ("false", "sh ended with 1"),
    ],
)
def test_without_a_compiler_the_build_warns_in_one_line_and_goes_on(
    unpacked: Path, tmp_path: Path, wheel: Path, compiler: str, reason: str
) -> None:
    poorer, said = build("wheel", unpacked, tmp_path, CLANG=compiler)
    (warning,) = (line for line in said.splitlines() if "kernel tracer" in line)
    assert warning.startswith("fumehood is built without its kernel tracer, strace takes its place: ")
    assert warning.endswith(reason)
    assert set(carried(wheel)) - set(carried(poorer)) == {OBJECT}


def test_an_editable_install_compiles_into_the_checkout(unpacked: Path, wheel: Path, tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps")
    run(*pip, "--target", tmp_path, "--editable", unpacked, cwd=tmp_path)
    assert (unpacked / ".build" / "kernel" / "tracer.bpf.o").read_bytes() == carried(wheel)[OBJECT]


def test_the_installed_command_answers_from_any_directory(installed: Path, tmp_path: Path) -> None:
    version = run(installed / "fumehood", "--version", cwd=tmp_path)
    assert (
        version.split()[-1]
        == run(installed / "python", "-c", "import analyzer; print(analyzer.__version__)", cwd=tmp_path).strip()
    )
    for command in ("analyze", "doctor"):
        assert command in run(installed / "fumehood", "--help", cwd=tmp_path)


def test_the_installed_package_finds_its_own_data(installed: Path, wheel: Path, tmp_path: Path) -> None:
    script = (
        "from analyzer.resources import probes_directory, images_directory, kernel_program\n"
        "from analyzer.sandbox.docker.images import NAMES, image_tag\n"
        "print(probes_directory()); print(images_directory()); print(*map(image_tag, NAMES)); print({program})"
    )
    here_too, installed_only = (script.format(program=program) for program in ("''", "kernel_program()"))
    probes, images, tags, program = run(installed / "python", "-c", installed_only, cwd=tmp_path).splitlines()
    assert Path(program).is_relative_to(installed.parent)
    assert Path(program).read_bytes() == carried(wheel)[OBJECT]
    assert Path(probes).is_relative_to(installed.parent)
    assert Path(images, "base.sh").is_file()
    here = subprocess.run([sys.executable, "-c", here_too], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert tags == here.stdout.splitlines()[2]
