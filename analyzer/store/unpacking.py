"""Opening a record archive that anybody may have made.

Nothing of it is believed before it is checked: how many members there are, what they are called and how they are packed before
anything is decompressed; sizes and digests by the bytes that really come out. Files are made new in an empty folder, under
names of a fixed list, so that nothing can land elsewhere.
"""

from __future__ import annotations

import hashlib
import stat
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO, Final

from analyzer.errors import RecordError
from analyzer.store.archive import MANIFEST, is_record
from analyzer.store.contents import FOLDERS, MAX_ARCHIVE_BYTES, MAX_FILES, MAX_TOTAL_BYTES, MIB, most_bytes
from analyzer.store.manifest import Manifest, Member, read_manifest

_MAX_READ: Final = 8 * MIB
"""The central directory is read at once, so this bounds it: 20,000 members with names of 300 bytes fit."""

_MAX_MANIFEST: Final = 16 * MIB
_ENCRYPTED: Final = 0x1
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

# What the standard library raises for damaged archives: its parser lets arithmetic, lookup and decoding errors through
# beside its own class.
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    LookupError,
    ArithmeticError,
    RuntimeError,
)


class _Bounded:
    """A binary file whose single reads are bounded, whatever sizes the archive claims."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.seek = stream.seek
        self.tell = stream.tell
        self.seekable = stream.seekable

    def read(self, size: int = -1) -> bytes:
        """Reads like a file, but at most 8 MiB at once."""
        data = self._stream.read(min(size, _MAX_READ + 1) if size >= 0 else _MAX_READ + 1)
        if len(data) > _MAX_READ:
            raise zipfile.BadZipFile("the directory of members is too large")
        return data


def unpack(path: Path, folder: Path) -> Manifest:
    """Checks a record archive, writes its files into an existing, empty folder, and gives its manifest.

    Raises:
        RecordError: It is not a record, cannot be read, is damaged, too large, of a newer format, or holds what no record
            does. What was written until then stays in the folder, for its owner to remove.
    """
    label = str(path)
    try:
        _check_file(path, label)
        with path.open("rb") as stream:
            # zipfile asks of its file only what _Bounded has; its stub asks for the whole of IO.
            bounded: IO[bytes] = _Bounded(stream)  # type: ignore[assignment]
            with zipfile.ZipFile(bounded) as archive:
                return _unpack(archive, folder, label)
    except OSError as error:
        raise RecordError(
            f"{label} cannot be unpacked ({error.strerror or error}): check that it is whole and readable, and that there "
            "is room for temporary files"
        ) from error
    except _DAMAGED as error:
        raise RecordError(
            f"{label} is damaged or truncated ({str(error)[:200] or type(error).__name__}): get the record again"
        ) from error


def _check_file(path: Path, label: str) -> None:
    if not path.exists():
        raise RecordError(f"{label} does not exist: check the path of the record")
    if not path.is_file() or not is_record(path):
        raise RecordError(f"{label} is no record: name a file that `fumehood analyze -o record=PATH` wrote")
    if path.stat().st_size > MAX_ARCHIVE_BYTES:
        raise RecordError(
            f"{label} is larger than {MAX_ARCHIVE_BYTES // MIB} MiB, which no record is: it is not opened"
        )


def _unpack(archive: zipfile.ZipFile, folder: Path, label: str) -> Manifest:
    members = archive.infolist()
    if len(members) > MAX_FILES + 1:
        raise _refused(label, f"has more than {MAX_FILES} files")
    if not members or members[0].filename != MANIFEST or members[0].header_offset != 0:
        raise _refused(label, "does not begin with its manifest")
    for info in members:
        _check(info, label)
    with archive.open(members[0]) as stream:
        text = stream.read(_MAX_MANIFEST + 1)
    if len(text) > _MAX_MANIFEST:
        raise _refused(label, "has too large a manifest")
    manifest = read_manifest(text, label)
    _check_list(manifest, [info.filename for info in members[1:]], label)
    for name in FOLDERS:
        (folder / name).mkdir()
    for info, member in zip(members[1:], manifest.files, strict=True):
        _extract(archive, info, member, folder, label)
    return manifest


def _check(info: zipfile.ZipInfo, label: str) -> None:
    """What can be told of a member before it is decompressed."""
    if info.filename != MANIFEST and not most_bytes(info.filename):
        raise _refused(label, f"holds {info.filename[:200]!r}, which no record has")
    if info.flag_bits & _ENCRYPTED:
        raise _refused(label, f"has {info.filename} encrypted")
    if info.compress_type not in _METHODS:
        raise _refused(label, f"has {info.filename} compressed by method {info.compress_type}")
    if stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG}:
        raise _refused(label, f"holds {info.filename} as a link or another special file")


def _check_list(manifest: Manifest, names: list[str], label: str) -> None:
    """Whether the archive holds what its manifest lists: each file once, in the same order, within the bounds."""
    listed = [member.name for member in manifest.files]
    if len(set(listed)) != len(listed) or listed != names:
        raise _refused(label, "does not hold the files that its manifest lists")
    if sum(member.size for member in manifest.files) > MAX_TOTAL_BYTES:
        raise _refused(label, f"unpacks to more than {MAX_TOTAL_BYTES // MIB} MiB")
    for member in manifest.files:
        if member.size > most_bytes(member.name):
            raise _refused(label, f"holds {member.name} with more than {most_bytes(member.name) // MIB} MiB")


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, member: Member, folder: Path, label: str) -> None:
    """Writes one file, counting and hashing what comes out of it; more than the manifest says is not decompressed."""
    digest = hashlib.sha256()
    left = member.size
    with archive.open(info) as source, (folder / member.name).open("xb") as target:
        while chunk := source.read(min(MIB, left + 1)):
            left -= len(chunk)
            if left < 0:
                break
            digest.update(chunk)
            target.write(chunk)
    if left or digest.hexdigest() != member.sha256:
        raise _refused(label, f"holds another {member.name} than its manifest says")


def _refused(label: str, problem: str) -> RecordError:
    return RecordError(f"{label} {problem}: it is not opened; get the record again from whoever made it")
