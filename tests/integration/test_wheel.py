from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.index, pytest.mark.timeout(900)]

CHECKOUT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path) -> str:
    answer = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert answer.returncode == 0, f"{command} ended with {answer.returncode}:\n{answer.stdout}\n{answer.stderr}"
    return answer.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", directory, CHECKOUT, cwd=directory)
    (built,) = directory.glob("*.whl")
    return built


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
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())
    beside = files_of("probes") | files_of("sandbox-images")
    inside = files_of("analyzer", (".py", ".yaml", ".html", ".j2", ".css", ".typed"))
    assert any(name.startswith("probes/") for name in beside)
    assert any(name.startswith("analyzer/rules/packs/") for name in inside)
    assert any(name.startswith("analyzer/taxonomy/") and name.endswith(".yaml") for name in inside)
    assert {f"analyzer/_bundled/{name}" for name in beside} <= carried
    assert inside <= carried
    assert not [name for name in carried if name.startswith(("tests/", "probes/", "sandbox-images/"))]


def test_the_installed_command_answers_from_any_directory(installed: Path, tmp_path: Path) -> None:
    version = run(installed / "fumehood", "--version", cwd=tmp_path)
    assert (
        version.split()[-1]
        == run(installed / "python", "-c", "import analyzer; print(analyzer.__version__)", cwd=tmp_path).strip()
    )
    for command in ("analyze", "doctor"):
        assert command in run(installed / "fumehood", "--help", cwd=tmp_path)


def test_the_installed_package_finds_its_own_data(installed: Path, tmp_path: Path) -> None:
    script = (
        "from analyzer.resources import probes_directory, images_directory\n"
        "from analyzer.sandbox.images import NAMES, image_tag\n"
        "print(probes_directory()); print(images_directory()); print(*map(image_tag, NAMES))"
    )
    probes, images, tags = run(installed / "python", "-c", script, cwd=tmp_path).splitlines()
    assert Path(probes).is_relative_to(installed.parent)
    assert Path(images, "base.sh").is_file()
    here = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert tags == here.stdout.splitlines()[-1]
