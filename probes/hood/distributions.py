"""What is installed in the environment, read from the dist-info folders as text: nothing is imported, every file is bounded."""

from __future__ import annotations

import configparser
import csv
import io
import json
import os
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from hood import editables
from hood.editables import MODULE_SUFFIX
from hood.text import read_text

_MAX_BYTES = 16 * 1024 * 1024
_MAX_FILES = 100_000
_MAX_DISTRIBUTIONS = 2000
_MAX_NAME = 4096
_MAX_HEADER = 256
_MAX_SCRIPT_NAME = 200
_MAX_SCRIPTS = 200
_MAX_HEADER_LINES = 500
_MAX_LICENSE = 200
_MAX_URLS, _MAX_URL = 40, 500


@dataclass(frozen=True, slots=True)
class Distribution:
    """An installed distribution: its files as absolute paths, its modules by dotted name, its scripts by name.

    `license` is the first line of what it says of its licence, and `urls` its addresses, each as "label, address".
    """

    name: str
    version: str
    requested: bool
    files: list[str]
    modules: list[str]
    scripts: list[str]
    license: str
    urls: list[str]

    def as_json(self) -> dict[str, Any]:
        """The line for the record."""
        return asdict(self)


def installed(site_packages: Path, target: str, project: str = "") -> list[Distribution]:
    """All distributions below a site-packages folder, sorted by name. Unreadable parts are left out.

    `target` is the file or folder that was asked for by its path, which installers note in `direct_url.json` (PEP 610); `project`
    is that folder again where it was installed as editable.
    """
    folders = sorted(islice(site_packages.glob("*.dist-info"), _MAX_DISTRIBUTIONS))
    found = []
    names = 0
    for folder in folders:
        if folder.is_dir() and not folder.is_symlink() and names < _MAX_FILES:
            found.append(_read(folder, site_packages, target, project, _MAX_FILES - names))
            names += len(found[-1].files)
    return found


def _read(folder: Path, site_packages: Path, target: str, project: str, most_files: int) -> Distribution:
    headers = _headers(_text(folder / "METADATA"))
    origin = _origin(_text(folder / "direct_url.json"))
    requested = _is_from(origin, target)
    files = _files(_text(folder / "RECORD"), site_packages, most_files)
    modules = _modules(files, site_packages)
    if project and requested and _is_editable(origin):
        own, found = editables.find(files, site_packages, Path(project), most_files)
        # What the distribution has in the environment only leads to its modules.
        files, modules = [*files, *own], sorted(set(found))
    return Distribution(
        name=_first(headers, "name")[:_MAX_HEADER] or folder.name.removesuffix(".dist-info").split("-")[0],
        version=_first(headers, "version")[:_MAX_HEADER],
        requested=requested,
        files=files,
        modules=modules,
        scripts=_scripts(_text(folder / "entry_points.txt")),
        license=_license(headers),
        urls=_urls(headers),
    )


def _origin(direct_url: str) -> dict[str, Any]:
    try:
        document = json.loads(direct_url)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _is_from(origin: dict[str, Any], target: str) -> bool:
    url = origin.get("url")
    return isinstance(url, str) and unquote(url).endswith("/" + target.rpartition("/")[2])


def _is_editable(origin: dict[str, Any]) -> bool:
    details = origin.get("dir_info")
    return isinstance(details, dict) and details.get("editable") is True


def _text(path: Path) -> str:
    return read_text(path, _MAX_BYTES)


def _headers(metadata: str) -> list[tuple[str, str]]:
    """The headers in order, names in lower case, of a value's several lines the first."""
    headers: list[tuple[str, str]] = []
    for line in metadata.split("\n\n", 1)[0].splitlines()[:_MAX_HEADER_LINES]:
        name, separator, value = line.partition(":")
        if separator and not line[0].isspace():
            headers.append((name.strip().lower(), value.strip()))
    return headers


def _first(headers: list[tuple[str, str]], wanted: str) -> str:
    return next((value for name, value in headers if name == wanted), "")


def _license(headers: list[tuple[str, str]]) -> str:
    """The licence expression (PEP 639), or the older field of free text."""
    return (_first(headers, "license-expression") or _first(headers, "license"))[:_MAX_LICENSE]


def _urls(headers: list[tuple[str, str]]) -> list[str]:
    urls = [f"Home-page, {value}" for name, value in headers if name == "home-page" and value]
    urls += [value for name, value in headers if name == "project-url" and value]
    return [url[:_MAX_URL] for url in urls[:_MAX_URLS]]


def _files(record: str, site_packages: Path, most: int) -> list[str]:
    files: list[str] = []
    try:
        for row in csv.reader(io.StringIO(record)):
            if row and len(files) < most:
                files.append(os.path.normpath(site_packages / row[0][:_MAX_NAME]))
    except csv.Error:
        return files  # the rows before the broken one
    return files


def _modules(files: list[str], site_packages: Path) -> list[str]:
    """Dotted names of what can be imported, parents first; `__main__` is a program, not a module."""
    prefix = str(site_packages) + "/"
    names = set()
    for file in files:
        if not file.startswith(prefix) or not MODULE_SUFFIX.search(file):
            continue
        parts = MODULE_SUFFIX.sub("", file.removeprefix(prefix)).split("/")
        if parts[-1] == "__init__":
            parts.pop()
        if parts and parts[-1] != "__main__" and all(part.isidentifier() for part in parts):
            names.add(".".join(parts))
    return sorted(names)


def _scripts(entry_points: str) -> list[str]:
    parser = configparser.RawConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign] # names of scripts keep their case
    try:
        parser.read_string(entry_points)
    except configparser.Error:
        return []
    names = [
        name
        for section in ("console_scripts", "gui_scripts")
        if parser.has_section(section)
        for name in parser.options(section)
    ]
    return [name for name in names if _is_file_name(name)][:_MAX_SCRIPTS]


def _is_file_name(name: str) -> bool:
    return name not in {"", ".", ".."} and "/" not in name and "\0" not in name and len(name) <= _MAX_SCRIPT_NAME
