"""Where the data that is not Python modules of the analyzer stands: the probes and the recipes of the sandbox images.

In a checkout these are folders beside the import package. A wheel carries them below it, in `_bundled` (pyproject.toml
says so), because a top-level folder named `probes` in site-packages could be anybody's.
"""

from __future__ import annotations

import platform
from pathlib import Path

from analyzer.errors import SandboxError

_PACKAGE = Path(__file__).resolve().parent
_KERNEL_PROGRAM = "tracer.bpf.o"
_CLOCK_LIBRARY = "clock.so"


def _directory(name: str, package: Path) -> Path:
    bundled = package / "_bundled" / name
    if bundled.is_dir():
        return bundled
    checkout = package.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    raise SandboxError(f"the folder {name!r} is missing from this installation in {package}: install fumehood again")


def probes_directory(package: Path = _PACKAGE) -> Path:
    """The folder of the programs that run inside the sandbox, one folder each.

    Args:
        package: the folder of the import package `analyzer`.

    Raises:
        SandboxError: the installation is damaged.
    """
    return _directory("probes", package)


def images_directory(package: Path = _PACKAGE) -> Path:
    """The folder of the image recipes: `package/`, `internet/` and `base.sh`.

    Args:
        package: the folder of the import package `analyzer`.

    Raises:
        SandboxError: the installation is damaged.
    """
    return _directory("sandbox-images", package)


def kernel_program(package: Path = _PACKAGE) -> Path:
    """The compiled programs of the kernel tracer: in a wheel beside the probes, in a checkout where `make kernel-probe` puts it.

    Args:
        package: the folder of the import package `analyzer`.

    Raises:
        SandboxError: they are not built, or a checkout's sources changed since.
    """
    bundled = package / "_bundled" / "kernel" / _KERNEL_PROGRAM
    if bundled.is_file():
        return bundled
    checkout = package.parent
    sources = checkout / "probes" / "kernel"
    if not ((checkout / "pyproject.toml").is_file() and sources.is_dir()):
        raise SandboxError(
            "the kernel tracer's program is not in this installation, which was built without clang: "
            "apt-get install clang and install fumehood again from its sources, or use --tracer strace"
        )
    built = checkout / ".build" / "kernel" / _KERNEL_PROGRAM
    if not built.is_file():
        raise SandboxError(
            f"the kernel tracer's program is not built in {checkout}: run `make kernel-probe` there, or use --tracer strace"
        )
    # Recorder and decoder change together; an older program would write what this analyzer reads wrongly.
    if built.stat().st_mtime_ns < max((source.stat().st_mtime_ns for source in sources.iterdir()), default=0):
        raise SandboxError(
            f"the kernel tracer's program is older than its sources in {sources}: run `make kernel-probe` there, or use --tracer strace"
        )
    return built


def clock_library(package: Path = _PACKAGE) -> Path:
    """The library that makes a package's clock run ahead: in a wheel beside the probes, in a checkout where `make clock-probe` puts it.

    Args:
        package: the folder of the import package `analyzer`.

    Raises:
        SandboxError: it is not built, or a checkout's sources changed since.
    """
    machine = platform.machine()
    bundled = package / "_bundled" / "clock" / f"clock-{machine}.so"
    if bundled.is_file():
        return bundled
    checkout = package.parent
    sources = checkout / "probes" / "clock"
    if not ((checkout / "pyproject.toml").is_file() and sources.is_dir()):
        raise SandboxError(
            f"--fast-clock: its library for {machine} is not in this installation, which was built without a C compiler or elsewhere: "
            "apt-get install gcc libc6-dev and install fumehood again from its sources, or leave the option out"
        )
    built = checkout / ".build" / "clock" / _CLOCK_LIBRARY
    newest = max((source.stat().st_mtime_ns for source in sources.iterdir()), default=0)
    if not built.is_file() or built.stat().st_mtime_ns < newest:
        raise SandboxError(
            f"--fast-clock: its library is not built in {checkout}, or is older than its sources: run `make clock-probe` there"
        )
    return built
