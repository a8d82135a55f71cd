from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from analyzer.errors import SandboxError
from analyzer.resources import clock_library, images_directory, kernel_program, probes_directory

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


def test_a_wheels_kernel_program_is_taken_first(tmp_path: Path) -> None:
    package = make_installation(tmp_path, ".build/kernel", "probes/kernel", "analyzer/_bundled/kernel")
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / ".build" / "kernel" / "tracer.bpf.o").touch()
    bundled = package / "_bundled" / "kernel" / "tracer.bpf.o"
    bundled.touch()
    assert kernel_program(package) == bundled


def test_an_installation_without_the_kernel_program_says_how_to_get_it(tmp_path: Path) -> None:
    package = make_installation(tmp_path, ".build/kernel", "probes/kernel")
    (tmp_path / ".build" / "kernel" / "tracer.bpf.o").touch()  # beside a package in site-packages: not ours
    with pytest.raises(SandboxError, match="built without clang: apt-get install clang and install fumehood again"):
        kernel_program(package)


def test_a_checkouts_kernel_program_is_no_older_than_its_sources(tmp_path: Path) -> None:
    package = make_installation(tmp_path, ".build/kernel", "probes/kernel")
    (tmp_path / "pyproject.toml").touch()
    old, new = tmp_path / "probes" / "kernel" / "a.h", tmp_path / "probes" / "kernel" / "b.h"
    old.touch()
    new.touch()
    with pytest.raises(SandboxError, match=r"is not built in .*: run `make kernel-probe` there"):
        kernel_program(package)
    built = tmp_path / ".build" / "kernel" / "tracer.bpf.o"
    built.touch()
    os.utime(old, ns=(1_000, 1_000))
    os.utime(new, ns=(2_000, 2_000))
    os.utime(built, ns=(2_000, 2_000))
    assert kernel_program(package) == built
    os.utime(new, ns=(2_001, 2_001))
    with pytest.raises(SandboxError, match=r"is older than its sources in .*: run `make kernel-probe` there"):
        kernel_program(package)


def test_the_clocks_library_is_that_of_this_machine(tmp_path: Path) -> None:
    library = tmp_path / "analyzer" / "_bundled" / "clock" / f"clock-{platform.machine()}.so"
    library.parent.mkdir(parents=True)
    (library.parent / "clock-vax.so").touch()
    with pytest.raises(SandboxError, match=r"^--fast-clock: its library for \S+ is not in this installation"):
        clock_library(tmp_path / "analyzer")
    library.touch()
    assert clock_library(tmp_path / "analyzer") == library


def test_a_clock_that_is_older_than_its_sources_is_not_taken(tmp_path: Path) -> None:
    source, built = tmp_path / "probes" / "clock" / "wait.c", tmp_path / ".build" / "clock" / "clock.so"
    for path in (source, built, tmp_path / "pyproject.toml"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    os.utime(source, (1, 1))
    assert clock_library(tmp_path / "analyzer") == built
    os.utime(built, (0, 0))
    with pytest.raises(SandboxError, match=r"is older than its sources in .*: run `make clock-probe` there"):
        clock_library(tmp_path / "analyzer")
