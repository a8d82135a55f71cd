"""Tiny wheels and sdists for tests: real enough for uv and pip, the same bytes each time they are made."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import tarfile
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Source = str | bytes

_ZIP_TIME = (2020, 1, 1, 0, 0, 0)
_TAR_TIME = 1577836800

DEFAULT_PYPROJECT = """[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}"
version = "{version}"
dependencies = [{dependencies}]

[project.urls]
Repository = "https://code.example/project"
"""


def escape(name: str) -> str:
    """The project name as file names spell it (binary distribution format: runs of `-_.` become one underscore)."""
    return re.sub(r"[-_.]+", "_", name).lower()


def make_wheel(
    directory: Path,
    name: str,
    version: str = "1.0",
    modules: Mapping[str, Source] | None = None,
    entry_points: Mapping[str, Mapping[str, str]] | None = None,
    data: Mapping[str, Source] | None = None,
    requires: Iterable[str] = (),
    extra_files: Mapping[str, Source] | None = None,
    *,
    tag: str = "py3-none-any",
    requires_python: str = "",
    extras: Iterable[str] = (),
) -> Path:
    """Write a wheel with a correct RECORD into `directory` and return its path.

    `modules` maps paths below site-packages to their content (`.pth` files too); `entry_points` maps a group such as
    `console_scripts` to {name: "module:object"}; `data` maps paths below `NAME-VERSION.data/` (`scripts/tool`);
    `extra_files` maps archive paths and wins over every file made here except RECORD. `requires` are Requires-Dist
    lines; `tag` is one compressed wheel tag, and a tag that does not end in `none-any` makes the wheel not pure.
    """
    stem = f"{escape(name)}-{version}"
    info = f"{stem}.dist-info"
    files: dict[str, Source] = dict(modules or {})
    files |= {f"{stem}.data/{path}": content for path, content in (data or {}).items()}
    files[f"{info}/METADATA"] = core_metadata(name, version, requires, requires_python=requires_python, extras=extras)
    files[f"{info}/WHEEL"] = _wheel_text(tag)
    if entry_points:
        files[f"{info}/entry_points.txt"] = _entry_points_text(entry_points)
    files |= dict(extra_files or {})
    record = f"{info}/RECORD"
    files[record] = "".join(f"{path},{_record(_bytes(content))}\n" for path, content in files.items()) + f"{record},,\n"
    path = directory / f"{stem}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in files.items():
            _add_zip(archive, member, _bytes(content), executable=f"{stem}.data/scripts/" in member)
    return path


def make_sdist(
    directory: Path,
    name: str,
    version: str = "1.0",
    files: Mapping[str, Source] | None = None,
    pyproject: str | None = None,
    setup_py: str | None = None,
    *,
    requires: Iterable[str] = (),
    metadata_version: str = "2.1",
    suffix: str = ".tar.gz",
) -> Path:
    """Write an sdist into `directory` and return its path.

    Without `pyproject` and `setup_py` it is a setuptools project with static metadata and `requires` as its
    dependencies. `requires` also go to PKG-INFO, whose Metadata-Version is `metadata_version`; `suffix` is .tar.gz,
    .tgz, .tar.bz2 or .zip.
    """
    stem = f"{escape(name)}-{version}"
    lines = list(requires)
    content: dict[str, Source] = {"PKG-INFO": core_metadata(name, version, lines, metadata_version=metadata_version)}
    if pyproject is None and setup_py is None:
        quoted = ", ".join(f"'{line}'" for line in lines)
        pyproject = DEFAULT_PYPROJECT.format(name=name, version=version, dependencies=quoted)
    if pyproject is not None:
        content["pyproject.toml"] = pyproject
    if setup_py is not None:
        content["setup.py"] = setup_py
    content |= dict(files or {})
    members = {f"{stem}/{path}": _bytes(value) for path, value in content.items()}
    path = directory / f"{stem}{suffix}"
    if suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, value in members.items():
                _add_zip(archive, member, value, executable=False)
    else:
        _write_tar(path, members, bz2=suffix.endswith("bz2"))
    return path


def core_metadata(
    name: str,
    version: str,
    requires: Iterable[str] = (),
    *,
    requires_python: str = "",
    extras: Iterable[str] = (),
    metadata_version: str = "2.1",
) -> str:
    """The text of METADATA or PKG-INFO, with the address of a repository, as most packages have one."""
    lines = [
        f"Metadata-Version: {metadata_version}",
        f"Name: {name}",
        f"Version: {version}",
        "Summary: for tests",
        "Project-URL: Repository, https://code.example/project",
    ]
    if requires_python:
        lines.append(f"Requires-Python: {requires_python}")
    lines += [f"Provides-Extra: {extra}" for extra in extras]
    lines += [f"Requires-Dist: {line}" for line in requires]
    return "\n".join(lines) + "\n"


def _wheel_text(tag: str) -> str:
    pythons, abis, platforms = tag.split("-")
    tags = [f"{p}-{a}-{f}" for p in pythons.split(".") for a in abis.split(".") for f in platforms.split(".")]
    pure = "true" if tag.endswith("none-any") else "false"
    return "".join(
        [f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: {pure}\n", *(f"Tag: {text}\n" for text in tags)]
    )


def _entry_points_text(groups: Mapping[str, Mapping[str, str]]) -> str:
    lines: list[str] = []
    for group, entries in groups.items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in entries.items()), ""]
    return "\n".join(lines)


def _bytes(content: Source) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _record(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"sha256={digest},{len(content)}"


def _add_zip(archive: zipfile.ZipFile, member: str, content: bytes, *, executable: bool) -> None:
    info = zipfile.ZipInfo(member, _ZIP_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (0o100755 if executable else 0o100644) << 16
    archive.writestr(info, content)


def _write_tar(path: Path, members: Mapping[str, bytes], *, bz2: bool) -> None:
    with tarfile.open(path, "w:bz2" if bz2 else "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for member, value in members.items():
            info = tarfile.TarInfo(member)
            info.size, info.mtime, info.mode = len(value), _TAR_TIME, 0o644
            archive.addfile(info, io.BytesIO(value))
