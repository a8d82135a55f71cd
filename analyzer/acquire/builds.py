"""What building the chosen sdists needs, resolved apart from what running them needs: the versions may differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.acquire.limits import MAX_BUILD_DEPTH
from analyzer.acquire.metadata import applicable, requirements
from analyzer.acquire.resolve import need, resolve
from analyzer.acquire.text import shown
from analyzer.errors import AcquireError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analyzer.acquire.catalog import Catalog
    from analyzer.acquire.index import Candidate

_ALWAYS = ("setuptools", "wheel")
"""Served for every build: legacy trees use them undeclared, and setuptools asks for wheel when it runs."""

_EDITABLE = ("editables",)
"""What hatchling and pdm-backend ask for when they run (`get_requires_for_build_editable` in their sources)."""


def build_files(catalog: Catalog, chosen: Iterable[Candidate], *, editable: bool = False) -> list[Candidate]:
    """The files that building the sdists among the chosen ones needs, and that building those needs in turn.

    `editable` is whether one of them is built to stay where it is.

    Raises:
        AcquireError: A build requirement cannot be had, or builds would nest too deep.
    """
    found: dict[str, Candidate] = {}
    resolved: set[tuple[str, ...]] = set()
    waiting = [file for file in chosen if file.kind == "sdist"]
    always = (*_ALWAYS, *_EDITABLE) if editable else _ALWAYS
    for _depth in range(MAX_BUILD_DEPTH + 1):
        built = {file.filename: file for sdist in waiting for file in _needs(catalog, sdist, always, resolved)}
        fresh = [file for name, file in built.items() if name not in found]
        found |= built
        waiting = [file for file in fresh if file.kind == "sdist"]
        if not waiting:
            return [found[name] for name in sorted(found)]
    raise AcquireError(
        f"building needs {shown(waiting[0].filename)}, which would have to be built after {MAX_BUILD_DEPTH} other "
        "builds: choose a version of the target that has a wheel"
    )


def _needs(
    catalog: Catalog, sdist: Candidate, always: tuple[str, ...], resolved: set[tuple[str, ...]]
) -> list[Candidate]:
    """The build requirements of one sdist with their dependencies; nothing where the same set was resolved before."""
    label = f"the build of {sdist.project} {sdist.version}"
    declared = requirements(catalog.metadata(sdist).build_requires, label)
    lines = tuple(sorted({str(requirement) for requirement in applicable(declared, catalog.environment, label)}))
    files: list[Candidate] = []
    for wanted in (lines, always):
        if wanted and wanted not in resolved:
            resolved.add(wanted)
            files += resolve(catalog, [need(each, label) for each in requirements(wanted, label)])
    return files
