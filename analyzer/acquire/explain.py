"""Why nothing can be installed, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import Version

from analyzer.acquire.choice import is_pinned, wheel_tags
from analyzer.acquire.metadata import supports_python
from analyzer.acquire.text import shown, some
from analyzer.errors import AcquireError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from packaging.specifiers import SpecifierSet

    from analyzer.acquire.catalog import Catalog
    from analyzer.acquire.index import Candidate
    from analyzer.model.package import Environment


def nothing_suits(catalog: Catalog, name: str, specifiers: SpecifierSet, by: str) -> AcquireError:
    """The error for a project of which no file can be installed. `by` is who needs it, "" for the user."""
    needed = f", needed by {shown(by)}" if by else ""
    files = catalog.project(name)
    if not files:
        known = "lists no usable file of" if files is not None else "has no project named"
        return AcquireError(f"the package index {known} {shown(name)}{needed}: check the spelling and the index")
    wanted = f"{shown(name)}{shown(str(specifiers))}"
    admitted = [file for file in files if specifiers.contains(Version(file.version), prereleases=True)]
    if not admitted:
        newest = _newest(files)
        return AcquireError(
            f"no version of {shown(name)} on the package index is {shown(str(specifiers))}{needed}: "
            f"the newest is {shown(newest)}"
        )
    return AcquireError(f"{wanted}{needed} cannot be installed: {_reason(admitted, specifiers, catalog.environment)}")


def conflict(needs: Sequence[tuple[str, SpecifierSet, str]]) -> AcquireError:
    """The error for needs that contradict each other, each with who has it."""
    stated = dict.fromkeys(
        f"{by or 'the target'} needs {name}{specifier}"
        for name, specifier, by in sorted(needs, key=lambda n: (n[0], n[2]))
    )
    return AcquireError(f"no set of versions fits: {some(stated, 4)}; choose another version of the target")


def other_platform(filename: str, environment: Environment) -> AcquireError:
    """The error for a wheel that the sandbox's interpreter cannot install."""
    return AcquireError(
        f"{shown(filename)} is for {some(wheel_tags(filename))}, but the sandbox has {interpreter(environment)}: "
        "choose a wheel for it, the sdist, or another --python"
    )


def other_python(label: str, requires_python: str, environment: Environment) -> AcquireError:
    """The error for a package that needs another Python."""
    return AcquireError(
        f"{shown(label)} needs Python {shown(requires_python)}, but the sandbox has {environment.python_version}: "
        "choose another version of it or another --python"
    )


def interpreter(environment: Environment) -> str:
    """The interpreter in words, with its best tag."""
    best = f" ({environment.tags[0]})" if environment.tags else ""
    return f"Python {environment.python_version}{best}"


def _newest(files: Iterable[Candidate]) -> str:
    versions = {Version(file.version) for file in files}
    return str(max(versions, key=lambda version: (not version.is_prerelease, version)))


def _reason(files: Sequence[Candidate], specifiers: SpecifierSet, environment: Environment) -> str:
    kept = [file for file in files if is_pinned(specifiers) or not file.yanked]
    if not kept:
        return "every version that fits was yanked; pin one with == if you want it"
    fitting = [file for file in kept if supports_python(file.requires_python, environment)]
    if not fitting:
        wanted = sorted({file.requires_python for file in kept})
        return (
            f"it needs Python {some(wanted)}, but the sandbox has {environment.python_version}; choose another --python"
        )
    newest = max(fitting, key=lambda file: Version(file.version)).version
    tags = sorted(
        {
            tag
            for file in fitting
            if file.version == newest and file.kind == "wheel"
            for tag in wheel_tags(file.filename)
        }
    )
    return (
        f"{shown(newest)} has no sdist and only wheels for other platforms ({some(tags)}), while the sandbox has "
        f"{interpreter(environment)}; choose another version or another --python"
    )
