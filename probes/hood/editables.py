"""Where the modules of an editable distribution are: in the project's own folder, as its `.pth` files and import hooks say.

Everything is read as text: a `.pth` file's lines that are folders (site.py), the `MAPPING` of setuptools' finder
(`setuptools/command/editable_wheel.py`), and the calls of `map_module` in what the library `editables` writes.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path

from hood.text import read_text

_MAX_DEPTH = 32
_MAX_HOOK = 256 * 1024
_MAX_LINES = 2000
MODULE_SUFFIX = re.compile(r"(\.cpython-[\w-]+|\.abi3)?\.(py|so)$")
_MAPPING = re.compile(r"^MAPPING\b[^=\n]*=[ \t]*(\{.*\})[ \t]*$", re.MULTILINE)
_MAPPED = re.compile(r"^\w+\.map_module\((.*)\)[ \t]*$", re.MULTILINE)
_NO_PACKAGES = {
    "ci", "bin", "debian", "doc", "docs", "documentation", "manpages", "news", "newsfragments", "changelog", "test", "tests", "unit_test",
    "unit_tests", "example", "examples", "scripts", "tools", "util", "utils", "python", "build", "benchmark", "benchmarks", "exercise",
    "exercises", "htmlcov", "site_scons", "tasks", "fabfile",
}  # fmt: skip
_NO_MODULES = (
    "setup", "conftest", "test", "tests", "example", "examples", "build", "toxfile", "noxfile", "pavement", "dodo", "tasks", "fabfile",
    "[Ss][Cc]onstruct", "conanfile", "manage", "benchmark", "benchmarks", "exercise", "exercises", "[._]*",
)  # fmt: skip
"""What beside a project's packages is no part of it (`FlatLayoutPackageFinder`, `FlatLayoutModuleFinder` in `setuptools/discovery.py`)."""


def find(installed_files: list[str], site_packages: Path, project: Path, most: int) -> tuple[list[str], list[str]]:
    """The files of the project, and the modules in it that can be imported by what the distribution installed.

    At most `most` of each. Links are not followed, and nothing outside of the project is looked at.
    """
    modules = list(islice(_modules(installed_files, site_packages, project), most))
    return list(islice(_files(project, 0), most)), modules


def _modules(installed_files: list[str], site_packages: Path, project: Path) -> Iterator[str]:
    for file in installed_files:
        path = Path(file)
        if path.parent != site_packages:
            continue
        if path.suffix == ".pth":
            for folder in _folders(path, site_packages):
                if _is_inside(folder, project):
                    yield from _importable(folder, flat=os.path.realpath(folder) == os.path.realpath(project))
        elif path.name.startswith(("__editable__", "_editable_impl_", "__editables_")) and path.suffix == ".py":
            for name, place in _mapped(path):
                if _is_inside(Path(place), project):
                    yield from _named(name, Path(place))


def _folders(pth: Path, site_packages: Path) -> Iterator[Path]:
    for line in read_text(pth, _MAX_HOOK).splitlines()[:_MAX_LINES]:
        text = line.strip()
        if text and "\0" not in text and not text.startswith(("#", "import ", "import\t")):
            yield site_packages / text


def _mapped(hook: Path) -> Iterator[tuple[str, str]]:
    text = read_text(hook, _MAX_HOOK)
    for match in _MAPPING.finditer(text):
        mapping = _literal(match[1])
        yield from _pairs(mapping.items() if isinstance(mapping, dict) else ())
    yield from _pairs(_literal(f"({match[1]},)") for match in _MAPPED.finditer(text))


def _literal(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _pairs(found: object) -> Iterator[tuple[str, str]]:
    for pair in found if hasattr(found, "__iter__") else ():
        if isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(one, str) and "\0" not in one for one in pair):
            yield pair


def _is_inside(path: Path, project: Path) -> bool:
    return (os.path.realpath(path) + "/").startswith(os.path.realpath(project) + "/")


def _named(name: str, place: Path) -> Iterator[str]:
    """A package or module that a hook finds at a place, which is told without a module's ending."""
    parts = name.split(".")
    if not all(part.isidentifier() for part in parts):
        return
    if place.is_dir():
        if (place / "__init__.py").is_file():
            yield name
        yield from (f"{name}.{below}" for below in _importable(place, flat=False))
    elif any(MODULE_SUFFIX.sub("", child.name) == place.stem for child in _children(place.parent)):
        yield name


def _importable(folder: Path, *, flat: bool, depth: int = 0) -> Iterator[str]:
    """Dotted names below a folder; `flat` where that is the project's own, in which not every folder is a package."""
    for child in _children(folder):
        if child.is_dir(follow_symlinks=False):
            path = Path(child.path)
            own = (path / "__init__.py").is_file()
            if depth < _MAX_DEPTH and _is_package(child.name, own=own, flat=flat):
                yield from [child.name] if own else []
                yield from (f"{child.name}.{below}" for below in _importable(path, flat=False, depth=depth + 1))
        elif child.is_file(follow_symlinks=False):
            name = MODULE_SUFFIX.sub("", child.name)
            if name != child.name and _is_module(name, flat=flat):
                yield name


def _is_package(name: str, *, own: bool, flat: bool) -> bool:
    return name.isidentifier() and name != "__pycache__" and not (flat and (name in _NO_PACKAGES or not own))


def _is_module(name: str, *, flat: bool) -> bool:
    if not name.isidentifier() or name in {"__init__", "__main__"}:
        return False
    return not (flat and any(fnmatchcase(name, pattern) for pattern in _NO_MODULES))


def _files(folder: Path, depth: int) -> Iterator[str]:
    for child in _children(folder):
        if child.is_dir(follow_symlinks=False):
            if depth < _MAX_DEPTH:
                yield from _files(Path(child.path), depth + 1)
        elif child.is_file(follow_symlinks=False):
            yield child.path


def _children(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as scanned:
            return sorted(islice(scanned, 10_000), key=lambda child: child.name)
    except OSError:
        return []
