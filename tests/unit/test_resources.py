from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.errors import SandboxError
from analyzer.resources import images_directory, kernel_program, probes_directory

CHECKOUT = Path(__file__).resolve().parents[2]


def make_installation(root: Path, *folders: str) -> Path:
    for folder in ("analyzer", *folders):
        (root / folder).mkdir(parents=True, exist_ok=True)
    return root / "analyzer"


def test_a_checkout_uses_its_own_folders() -> None:
    assert probes_directory() == CHECKOUT / "probes"
    assert images_directory() == CHECKOUT / "sandbox-images"


def test_an_installed_wheel_uses_what_it_carries(tmp_path: Path) -> None:
    package = make_installation(tmp_path, "analyzer/_bundled/probes", "analyzer/_bundled/sandbox-images")
    assert probes_directory(package) == package / "_bundled" / "probes"
    assert images_directory(package) == package / "_bundled" / "sandbox-images"


def test_a_neighbour_in_site_packages_is_not_taken_for_ours(tmp_path: Path) -> None:
    package = make_installation(tmp_path, "probes", "sandbox-images")
    with pytest.raises(SandboxError, match=r"'probes' is missing .* install fumehood again"):
        probes_directory(package)
    with pytest.raises(SandboxError, match="'sandbox-images' is missing"):
        images_directory(package)


def test_the_kernel_program_is_the_wheels_or_the_checkouts(tmp_path: Path) -> None:
    package = make_installation(tmp_path, ".build/kernel", "analyzer/_bundled/kernel")
    built = tmp_path / ".build" / "kernel" / "tracer.bpf.o"
    built.touch()
    with pytest.raises(SandboxError, match="run `make kernel-probe` in a checkout, or use --tracer strace"):
        kernel_program(package)
    (tmp_path / "pyproject.toml").touch()
    assert kernel_program(package) == built
    bundled = package / "_bundled" / "kernel" / "tracer.bpf.o"
    bundled.touch()
    assert kernel_program(package) == bundled
