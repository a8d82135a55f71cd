"""Static metadata of source trees, read as text from an sdist or a directory; no build backend is ever asked.

The first source that knows decides for the dependencies: PKG-INFO from Metadata-Version 2.2 on unless it calls them
dynamic (PEP 643), static `[project]` dependencies of pyproject.toml (PEP 621), `*.egg-info/requires.txt`, `[options]`
of setup.cfg, older PKG-INFO. Where none knows, the package is taken to need nothing, and its install in the sandbox
shows what it lacked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from packaging.version import Version

from analyzer.acquire.egg import requires_txt
from analyzer.acquire.metadata import Metadata, core_metadata, from_core_metadata
from analyzer.acquire.pyproject import Pyproject, read_pyproject
from analyzer.acquire.setupcfg import SetupCfg, read_setup_cfg
from analyzer.acquire.text import shown
from analyzer.errors import AcquireError
from analyzer.model.package import version_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.metadata import RawMetadata

PROJECT_FILES: Final = ("pyproject.toml", "setup.py", "setup.cfg")
"""A source tree is a project when it has one of these at its top."""

_TOP_FILES: Final = frozenset({*PROJECT_FILES, "PKG-INFO"})
_EGG_DEPTH: Final = 4
_NAMELESS: Final = "UNKNOWN"
"""What setuptools writes into PKG-INFO for a project that names itself nowhere."""

_SETUP_NAME: Final = re.compile(r"""(?:^|[\s,(])name\s*=\s*["']([A-Za-z0-9][A-Za-z0-9._-]{0,99})["']""")


@dataclass(frozen=True, slots=True)
class _Tree:
    """The parsed metadata files of one source tree."""

    pkg_info: RawMetadata
    pyproject: Pyproject
    setup_cfg: SetupCfg
    egg_info: tuple[str, ...] | None
    setup_py: str


def wanted_in_sdist(name: str) -> bool:
    """Whether a member of an sdist is one of the metadata files that are read."""
    parts = name.split("/")
    if parts[-1] == "requires.txt":
        return 2 <= len(parts) <= _EGG_DEPTH and parts[-2].endswith(".egg-info")
    return len(parts) <= 2 and parts[-1] in _TOP_FILES


def below_top(names: Iterable[str], files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The files relative to the sdist's one top folder; unchanged where the archive has none (some old ones)."""
    tops = {name.split("/", 1)[0] for name in names if name}
    top = tops.pop() + "/" if len(tops) == 1 else ""
    return {name[len(top) :]: content for name, content in files.items()}


def no_project(label: str) -> AcquireError:
    """The error for a tree that has none of the project files."""
    return AcquireError(
        f"{shown(label)} is no Python project: it has none of {', '.join(PROJECT_FILES)} at its top; "
        "name the folder that has one, a wheel, an sdist or a requirement"
    )


def source_metadata(files: Mapping[str, bytes], label: str) -> Metadata:
    """Static metadata of a source tree.

    Args:
        files: Metadata files by their path below the tree's top.
        label: What the user knows the tree as.

    Raises:
        AcquireError: The tree is no project, or one of the files cannot be read.
    """
    if not any(name in files for name in PROJECT_FILES):
        raise no_project(label)
    eggs = sorted(name for name in files if name.endswith(".egg-info/requires.txt"))
    tree = _Tree(
        pkg_info=core_metadata(files["PKG-INFO"], label) if "PKG-INFO" in files else {},
        pyproject=read_pyproject(files.get("pyproject.toml", b""), label),
        setup_cfg=read_setup_cfg(files.get("setup.cfg", b""), label),
        egg_info=requires_txt(files[eggs[0]], label) if eggs else None,
        setup_py=files.get("setup.py", b"").decode("utf-8", "replace"),
    )
    requires, extras = _dependencies(tree)
    return Metadata(
        name=_name(tree),
        version=_version(tree),
        requires=requires,
        extras=extras,
        requires_python=tree.pkg_info.get("requires_python")
        or tree.pyproject.requires_python
        or tree.setup_cfg.requires_python,
        build_requires=(*tree.pyproject.build_requires, *tree.setup_cfg.setup_requires),
    )


def _dependencies(tree: _Tree) -> tuple[tuple[str, ...], tuple[str, ...]]:
    declared = from_core_metadata(tree.pkg_info)
    cfg = tree.setup_cfg
    if _is_static(tree.pkg_info):
        return declared.requires, declared.extras
    if tree.pyproject.requires is not None:
        return tree.pyproject.requires, tree.pyproject.extras
    if tree.egg_info is not None:
        return tree.egg_info, declared.extras
    if cfg.requires:
        return cfg.requires, cfg.extras
    return declared.requires, declared.extras


def _is_static(pkg_info: RawMetadata) -> bool:
    """Whether PKG-INFO promises that a build gives the same dependencies (PEP 643)."""
    written = version_of(pkg_info.get("metadata_version", "0"))
    return (
        written is not None
        and written >= Version("2.2")
        and "requires-dist" not in {field.lower() for field in pkg_info.get("dynamic", ())}
    )


def _name(tree: _Tree) -> str:
    # The match in setup.py is only what the package is called in reports, where nothing else names it.
    matched = _SETUP_NAME.search(tree.setup_py)
    declared = tree.pyproject.name or tree.setup_cfg.name or tree.pkg_info.get("name", "")
    return declared if declared not in ("", _NAMELESS) else (matched[1] if matched else "")


def _version(tree: _Tree) -> str:
    return tree.pyproject.version or tree.setup_cfg.version or tree.pkg_info.get("version", "")
