"""A user's own answers: `DIR/answers.yaml`, and `DIR/HOST/PATH`, files that are served as they are."""

from __future__ import annotations

import mimetypes
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from analyzer.datafile import DataFile
from analyzer.errors import UsageError
from analyzer.sandbox.answers.schema import AnswerFile

FILES: Final = 10_000
FILE_BYTES: Final = 16 << 20
TOTAL_BYTES: Final = 64 << 20
"""Bounds of a folder: the sandbox's memory holds what is served."""

_ANSWERS: Final = "answers.yaml"
_INDEX: Final = "index.html"


@dataclass(frozen=True, slots=True)
class Served:
    """A file of the user's: at which host and path it is served, where it is on this machine, and its media type."""

    host: str
    path: str
    file: Path
    type: str


@dataclass(frozen=True, slots=True)
class Additional:
    """What a folder adds: its answers, its files, and by name the files that its answers serve."""

    answers: AnswerFile
    files: tuple[Served, ...]
    bodies: dict[str, Path]


def read_folder(folder: Path) -> Additional:
    """The user's answers. Raises UsageError, in one line, for whatever is not as it should be."""
    try:
        root = folder.resolve(strict=True)
        entries = sorted(root.iterdir())
    except OSError as error:
        raise _error(folder, f"{error.strerror or 'it cannot be read'}; name a folder, or `off`") from error
    answers = AnswerFile()
    if (root / _ANSWERS).exists():
        file = DataFile(root / _ANSWERS, "answers", str(folder / _ANSWERS))
        answers = file.read(AnswerFile)
    budget = _Budget(folder)
    bodies = {
        one.file: _inside(folder, root, root / one.file, budget) for one in answers.answers if one.file is not None
    }
    files: list[Served] = []
    for entry in entries:
        if entry.name == _ANSWERS:
            continue
        if entry.is_symlink() or not entry.is_dir():
            raise _error(folder, f"{entry.name} is neither {_ANSWERS} nor the folder of a host")
        files += _files(folder, root, entry, budget)
    if not (files or answers.answers or answers.dns):
        raise _error(folder, f"it has neither {_ANSWERS} nor files in folders of hosts")
    return Additional(answers, tuple(files), bodies)


@dataclass(slots=True)
class _Budget:
    """Counts what a folder has, and refuses more than the bounds."""

    folder: Path
    files: int = 0
    total: int = 0

    def take(self, path: Path, size: int) -> None:
        self.files += 1
        self.total += size
        if size > FILE_BYTES:
            raise _error(self.folder, f"{path} is larger than {FILE_BYTES >> 20} MiB")
        if self.files > FILES or self.total > TOTAL_BYTES:
            raise _error(self.folder, f"it has more than {FILES} files or {TOTAL_BYTES >> 20} MiB")


def _files(folder: Path, root: Path, host: Path, budget: _Budget) -> list[Served]:
    found = []
    for parent, folders, names in os.walk(host, onerror=lambda error: _raise(folder, error)):
        for name in folders:
            if (Path(parent) / name).is_symlink():
                raise _error(
                    folder,
                    f"{(Path(parent) / name).relative_to(root)} is a link to a folder; links to folders are not followed",
                )
        for name in names:
            path = Path(parent) / name
            target = _inside(folder, root, path, budget)
            place = "/" + path.relative_to(host).as_posix()
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            found.append(Served(host.name.lower(), place, target, kind))
            if name == _INDEX:
                found.append(Served(host.name.lower(), place.removesuffix(_INDEX), target, kind))
    return found


def _inside(folder: Path, root: Path, path: Path, budget: _Budget) -> Path:
    """The real file behind a path, which has to be a file inside the folder and readable."""
    try:
        target = path.resolve(strict=True)
        shown = path.relative_to(root) if path.is_relative_to(root) else path
        if not target.is_relative_to(root):
            raise _error(folder, f"{shown} leads out of it")
        if not target.is_file():
            raise _error(folder, f"{shown} is not a file")
        budget.take(shown, target.stat().st_size)
        target.open("rb").close()
    except OSError as error:
        raise _error(folder, f"{path.name}: {error.strerror or 'it cannot be read'}") from error
    return target


def _raise(folder: Path, error: OSError) -> None:
    raise _error(folder, f"{Path(str(error.filename)).name}: {error.strerror}")


def _error(folder: Path, why: str) -> UsageError:
    return UsageError(f"--internet {folder}: {why}")
