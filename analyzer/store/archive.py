"""A record as one file: a zip archive whose first member, the manifest, says what it is and lists the others.

The same record gives the same bytes: names are sorted, times fixed. `docs/records.md` describes the format for others.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from pathlib import Path
from typing import BinaryIO, Final

from analyzer.errors import RecordError
from analyzer.store.contents import FOLDERS, MAX_FILES, MAX_TOTAL_BYTES, MIB, most_bytes
from analyzer.store.manifest import Manifest, Member, Origin

MANIFEST: Final = "fumehood-record.json"
"""The name of the first member, by which a record is recognised whatever the file is called."""

_LOCAL_HEADER: Final = 30
"""Bytes of a member's header before its name (APPNOTE.TXT 4.3.7)."""

_TIME: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644 << 16
_UNIX: Final = 3


def is_record(path: Path) -> bool:
    """Whether a file begins as a record archive does. Says nothing about the rest; False where it cannot be read."""
    name = MANIFEST.encode("ascii")
    try:
        with path.open("rb") as stream:
            head = stream.read(_LOCAL_HEADER + len(name))
    except OSError:
        return False
    length = int.from_bytes(head[26:28], "little")
    return head.startswith(b"PK\x03\x04") and length == len(name) and head[_LOCAL_HEADER:] == name


def pack(folder: Path, origin: Origin, stream: BinaryIO) -> None:
    """Writes the record in a folder, which nobody writes to any more, as an archive. The stream need not be seekable.

    Raises:
        RecordError: The record is larger than what would be opened again.
    """
    files = _inventory(folder)
    manifest = Manifest(**dict(origin), files=files)
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(_member(MANIFEST), manifest.model_dump_json(indent=1).encode())
        for file in files:
            info = _member(file.name)
            info.file_size = file.size  # tells whether the 64-bit form is needed
            with (folder / file.name).open("rb") as source, archive.open(info, "w") as target:
                shutil.copyfileobj(source, target, MIB)


def _inventory(folder: Path) -> tuple[Member, ...]:
    """The files of the record that are kept, sorted by name."""
    names = sorted(
        f"{parent}/{path.name}" if parent else path.name
        for parent in ("", *FOLDERS)
        if (folder / parent).is_dir()
        for path in (folder / parent).iterdir()
        if path.is_file() and not path.is_symlink()
    )
    files = tuple(_described(folder, name) for name in names if most_bytes(name))
    total = sum(file.size for file in files)
    if len(files) > MAX_FILES or total > MAX_TOTAL_BYTES:
        raise RecordError(
            f"the record of this run has {len(files)} files and {total // MIB} MiB, and no more than {MAX_FILES} files and "
            f"{MAX_TOTAL_BYTES // MIB} MiB are kept: analyse again with a smaller --timeout or --output-limit"
        )
    return files


def _described(folder: Path, name: str) -> Member:
    with (folder / name).open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = stream.tell()
    if size > most_bytes(name):
        raise RecordError(
            f"{name} of this run's record has {size // MIB} MiB, and no more than {most_bytes(name) // MIB} MiB are kept: "
            "analyse again with a smaller --timeout or --output-limit"
        )
    return Member(name=name, size=size, sha256=digest)


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = _UNIX
    info.external_attr = _MODE
    return info
