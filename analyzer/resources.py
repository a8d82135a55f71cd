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
    return _compiled(
        package,
        "kernel",
        _KERNEL_PROGRAM,
        _KERNEL_PROGRAM,
        "the kernel tracer's program is not in this installation, which was built without clang: "
        "apt-get install clang and install fumehood again from its sources, or use --tracer strace",
        "the kernel tracer's program",
        "run `make kernel-probe` there, or use --tracer strace",
    )


def clock_library(package: Path = _PACKAGE) -> Path:
    """The library that makes a package's clock run ahead: in a wheel beside the probes, in a checkout where `make clock-probe` puts it.

    Args:
        package: the folder of the import package `analyzer`.

    Raises:
        SandboxError: it is not built, or a checkout's sources changed since.
    """
    machine = platform.machine()
    return _compiled(
        package,
        "clock",
        f"clock-{machine}.so",
        _CLOCK_LIBRARY,
        f"--fast-clock: its library for {machine} is not in this installation, which was built without a C compiler or elsewhere: "
        "apt-get install gcc libc6-dev and install fumehood again from its sources, or leave the option out",
        "--fast-clock: its library",
        "run `make clock-probe` there",
    )


def _compiled(package: Path, kind: str, bundled: str, built: str, absent: str, what: str, remedy: str) -> Path:
    """A compiled probe. In a checkout, it is no older than its sources: what runs in the sandbox and what reads it change together."""
    carried = package / "_bundled" / kind / bundled
    if carried.is_file():
        return carried
    checkout = package.parent
    sources = checkout / "probes" / kind
    if not ((checkout / "pyproject.toml").is_file() and sources.is_dir()):
        raise SandboxError(absent)
    made = checkout / ".build" / kind / built
    if not made.is_file():
        raise SandboxError(f"{what} is not built in {checkout}: {remedy}")
    if made.stat().st_mtime_ns < max((source.stat().st_mtime_ns for source in sources.iterdir()), default=0):
        raise SandboxError(f"{what} is older than its sources in {sources}: {remedy}")
    return made
