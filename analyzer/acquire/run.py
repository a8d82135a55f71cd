"""From a target to everything that installing it takes: the whole acquisition, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from analyzer.acquire.builds import build_files
from analyzer.acquire.catalog import Catalog
from analyzer.acquire.explain import other_python
from analyzer.acquire.local import local_candidate
from analyzer.acquire.metadata import applicable, supports_python
from analyzer.acquire.resolve import Need, need, resolve
from analyzer.acquire.target import LocalTarget, parse_target
from analyzer.acquire.text import shown, silent
from analyzer.errors import AcquireError
from analyzer.model.package import Acquisition, Environment, Kind, Role, ServedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from analyzer.acquire.cache import Cache
    from analyzer.acquire.index import Candidate, Index


def acquire(
    target: str,
    environment: Environment,
    cache: Cache,
    *,
    index: Index,
    progress: Callable[[str], None] = silent,
    editable: bool = False,
) -> Acquisition:
    """Find, resolve, fetch, verify and inspect a target with all that installing it needs. No package code is run.

    Args:
        target: A requirement, or the path of a wheel, an sdist or a project directory.
        environment: The interpreter inside the sandbox.
        cache: Where files are kept.
        index: Where projects come from.
        progress: Told in one line what is done at the moment.
        editable: Whether the target, a directory, is to be installed as editable.

    Raises:
        AcquireError: Anything that is needed cannot be had, cannot be read, or cannot be trusted.
    """
    wanted = parse_target(target)
    catalog = Catalog(index, cache, environment, progress)
    progress(f"resolving {shown(target)}")
    if isinstance(wanted, LocalTarget):
        own = local_candidate(wanted.path, cache, environment)
        require_python(catalog, own)
        chosen = resolve(catalog, [Need(own.project, frozenset(), SpecifierSet(f"==={own.version}"))], own)
        kind = own.kind if wanted.path.is_file() else "directory"
        return _acquisition(catalog, chosen, own, kind, (), editable=editable)
    if not applicable([wanted], environment, target):
        raise AcquireError(f"{shown(target)} has a condition that is false in the sandbox: leave the condition out")
    chosen = resolve(catalog, [need(wanted)])
    name = canonicalize_name(wanted.name)
    first = next(candidate for candidate in chosen if candidate.project == name)
    extras = tuple(sorted(canonicalize_name(extra) for extra in wanted.extras))
    known = {canonicalize_name(extra) for extra in catalog.metadata(first).extras}
    for extra in extras:
        if extra not in known:
            progress(f"{shown(name)} {shown(first.version)} has no extra {shown(extra)}: going on without it")
    return _acquisition(catalog, chosen, first, "requirement", extras)


def require_python(catalog: Catalog, candidate: Candidate) -> None:
    """Check Requires-Python of the file itself, which an index page need not repeat.

    Raises:
        AcquireError: The sandbox has another Python.
    """
    wanted = catalog.metadata(candidate).requires_python
    if not supports_python(wanted, catalog.environment):
        raise other_python(f"{candidate.project} {candidate.version}", wanted, catalog.environment)


def _acquisition(
    catalog: Catalog,
    chosen: Iterable[Candidate],
    target: Candidate,
    kind: Kind,
    extras: tuple[str, ...],
    *,
    editable: bool = False,
) -> Acquisition:
    files: dict[str, ServedFile] = {}
    runtime = [target, *(candidate for candidate in chosen if candidate is not target)]
    for candidate in runtime:
        require_python(catalog, candidate)
        files[candidate.filename] = _served(catalog, candidate, "target" if candidate is target else "dependency")
    for candidate in build_files(catalog, runtime, editable=editable):
        # A file that is both is listed once; a target that shadows a build requirement stays the target.
        if candidate.filename not in files:
            files[candidate.filename] = _served(catalog, candidate, "build")
    unknown = kind == "directory" and not catalog.metadata(target).version
    return Acquisition(
        name=target.project,
        version="" if unknown else target.version,
        kind=kind,
        extras=extras,
        files=tuple(files.values()),
    )


def _served(catalog: Catalog, candidate: Candidate, role: Role) -> ServedFile:
    stored = catalog.stored(candidate)
    return ServedFile(
        filename=candidate.filename,
        path=stored.path,
        sha256=stored.sha256,
        size=stored.size,
        role=role,
        project=candidate.project,
    )
