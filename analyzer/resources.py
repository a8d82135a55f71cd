"""Where the data that is not Python modules of the analyzer stands: the probes and the recipes of the sandbox images.

In a checkout these are folders beside the import package. A wheel carries them below it, in `_bundled` (pyproject.toml
says so), because a top-level folder named `probes` in site-packages could be anybody's.
"""

from __future__ import annotations

from pathlib import Path

from analyzer.errors import SandboxError

_PACKAGE = Path(__file__).resolve().parent


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
