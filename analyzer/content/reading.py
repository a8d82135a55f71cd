"""From the files of an acquisition to the facts that are kept of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from analyzer.archives.archive import read_archive, scan_archive
from analyzer.archives.limits import MAX_METADATA_BYTES
from analyzer.archives.members import Taker
from analyzer.archives.text import shown
from analyzer.content import declared, licenses
from analyzer.content.declared import Declared
from analyzer.content.scanning import Books, Scan
from analyzer.errors import AcquireError
from analyzer.model.filefacts import MAX_LICENSES, MAX_NAME, MAX_NOTES, FileFacts, LicenseText

_LICENSE_BYTES: Final = 256 * 1024
_MOST_LICENSE_FILES: Final = 500
_BEGINNING: Final = 400
_LICENSE_NAME: Final = re.compile(r"(?i)(?:un)?licen[cs]es?(?:[._-][^/]*)?|copying(?:[._-][^/]*)?")
_LICENSE_FOLDER: Final = re.compile(r"(?i)(?:^|/)licenses/")
_CODE: Final = re.compile(r"(?i)\.(?:py[cdiox]?|so|c|h|js|ts|css|json|ya?ml|toml|png|svg)\Z")
_BUILT: Final = (".so", ".pyd", ".dylib")
_BUILT_FROM: Final = (".pyx", ".c", ".cc", ".cpp", ".cxx", ".rs")
_ARCHIVE: Final = re.compile(r"\.(?:tar\.gz|tgz|tar\.bz2|zip)\Z")


class FileToRead(BaseModel):
    """A file of the acquisition."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
    filename: str
    role: Literal["target", "dependency"]


class Task(BaseModel):
    """What is to be read: the target under the name and version by which it is known, and what it needs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: str
    files: Annotated[tuple[FileToRead, ...], Field(max_length=1000)]
    seconds: float


def read_files(task: Task) -> FileFacts:
    """All facts. What cannot be read is named in them."""
    failed: list[str] = []
    dependencies: list[LicenseText] = []
    reader = _Target(task, failed)
    for file in task.files:
        try:
            file.path.stat()
            if file.role == "target":
                reader.read(file)
            else:
                dependencies += _dependency(file)
        except AcquireError as error:
            failed.append(f"{shown(file.filename)}: {error}")
        except OSError as error:  # whose text would name a path of this machine
            failed.append(f"{shown(file.filename)}: it is not in the cache any more ({error.strerror})")
    return reader.facts(dependencies)


class _Target:
    """Reads the target's own archive."""

    def __init__(self, task: Task, failed: list[str]) -> None:
        self._task = task
        self._failed = failed
        self._books = Books(task.seconds)
        self._licenses: list[LicenseText] = []
        self._metadata: dict[str, bytes] = {}
        self._scripts = self._compiled = False
        self._top = ""
        self._built: tuple[str, ...] = _BUILT

    def read(self, file: FileToRead) -> None:
        """Reads it. Raises AcquireError where the archive is damaged, or there is no time."""
        if not file.filename.endswith(".whl"):
            self._top = _ARCHIVE.sub("", file.filename).casefold() + "/"
            self._built = _BUILT + _BUILT_FROM
        scan_archive(file.path, file.filename, self._take)

    def facts(self, dependencies: list[LicenseText]) -> FileFacts:
        """What is known in the end, with what was read of the dependencies."""
        books = self._books
        told = self._declared()
        self._note_full()
        target = _licenses(told, self._task.name, self._task.version, "target")
        return FileFacts(
            files=books.files,
            size=books.bytes,
            failed=_notes(self._failed),
            skipped=_notes(f"{name} is packed within the package, and was not opened" for name in books.packed),
            urls=books.urls.facts(),
            secrets=tuple(books.secrets.facts),
            licenses=tuple([*target, *self._licenses, *dependencies][:MAX_LICENSES]),
            classifiers=told.classifiers,
            scripts=self._scripts or told.scripts,
            compiled=self._compiled,
            requires=told.requires,
        )

    def _take(self, member: str) -> Taker:
        name = member[len(self._top) :] if self._top and member.casefold().startswith(self._top) else member
        self._compiled = self._compiled or name.lower().endswith(self._built)
        self._scripts = self._scripts or ".data/scripts/" in name
        name = name[:MAX_NAME]
        if _is_metadata(name):
            return Scan(self._books, name, MAX_METADATA_BYTES, partial(self._metadata.__setitem__, name))
        if _is_license(name) and len(self._licenses) < _MOST_LICENSE_FILES:
            return Scan(self._books, name, _LICENSE_BYTES, partial(self._license, name))
        return Scan(self._books, name)

    def _license(self, name: str, content: bytes) -> None:
        text = content.decode("utf-8", "replace")
        self._licenses.append(
            LicenseText(
                distribution=self._task.name,
                version=self._task.version,
                role="target",
                source="file",
                text=" ".join(text[: 4 * _BEGINNING].split())[:_BEGINNING],
                recognised=licenses.known().of_text(text),
                file=name,
            )
        )

    def _declared(self) -> Declared:
        """What METADATA says; of a source tree, what PKG-INFO or pyproject.toml says, whichever says more of a thing."""
        found = []
        for name in sorted(self._metadata, key=lambda one: (one.rpartition("/")[2] == "pyproject.toml", one)):
            content, base = self._metadata[name], name.rpartition("/")[2]
            try:
                if base == "entry_points.txt":
                    self._scripts = self._scripts or declared.has_scripts(content)
                elif base == "requires.txt":
                    found.append(Declared(requires=declared.requires_txt(content)))
                else:
                    found.append(declared.project(content) if base == "pyproject.toml" else declared.core(content))
            except AcquireError as error:
                self._failed.append(f"{shown(name)}: {error}")
        first = next((one for one in found if one.expression or one.license or one.license_classifiers()), None)
        return Declared(
            expression=first.expression if first else "",
            license=first.license if first else "",
            classifiers=next((one.classifiers for one in found if one.classifiers), ()),
            requires=next((one.requires for one in found if one.requires), ()),
            scripts=any(one.scripts for one in found),
        )

    def _note_full(self) -> None:
        for full, what in ((self._books.urls.full, "addresses"), (self._books.secrets.full, "secrets")):
            if full:
                self._failed.append(f"the files hold more {what} than are kept: others are not known")


def _dependency(file: FileToRead) -> list[LicenseText]:
    """What a dependency's metadata says of its licence. Raises AcquireError."""
    contents = read_archive(file.path, file.filename, _is_description, whole=False)
    for name in sorted(contents.files):
        told = declared.core(contents.files[name])
        return _licenses(told, told.name, told.version, "dependency")
    return []


def _licenses(
    told: Declared, distribution: str, version: str, role: Literal["target", "dependency"]
) -> list[LicenseText]:
    sources: list[tuple[Literal["License-Expression", "License", "classifier"], str]] = [
        ("License-Expression", told.expression),
        ("License", "" if told.license.strip().upper() in {"UNKNOWN", "NONE"} else told.license),
        *(("classifier", one) for one in told.license_classifiers()),
    ]
    return [
        LicenseText(
            distribution=distribution,
            version=version,
            role=role,
            source=source,
            text=text,
            recognised=licenses.known().of_text(text) if source == "License" and len(text) > _BEGINNING else (),
        )
        for source, text in sources
        if text.strip()
    ]


def _is_metadata(name: str) -> bool:
    parts = name.split("/")
    base = parts[-1]
    if base in {"METADATA", "entry_points.txt", "requires.txt"} and len(parts) <= 4:
        return len(parts) >= 2 and parts[-2].endswith((".dist-info", ".egg-info"))
    return len(parts) == 1 and base in {"PKG-INFO", "pyproject.toml"}


def _is_description(name: str) -> bool:
    """The metadata of a wheel, or of an sdist below its top folder."""
    return name.count("/") == 1 and (name.endswith((".dist-info/METADATA", "/PKG-INFO")))


def _is_license(name: str) -> bool:
    base = name.rpartition("/")[2]
    return not _CODE.search(base) and bool(_LICENSE_NAME.fullmatch(base) or _LICENSE_FOLDER.search(name))


def _notes(notes: Iterable[str]) -> tuple[str, ...]:
    found = list(notes)
    more = len(found) - MAX_NOTES
    return tuple(found) if more <= 0 else (*found[: MAX_NOTES - 1], f"and {more + 1} more")
