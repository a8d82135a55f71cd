"""Writes what came out of a sandbox to the user's own disk: files and folders, and nothing else of what an archive may hold.

Everything is written below a new name beside the destination, which takes its place when all of it is there.
"""

from __future__ import annotations

import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from analyzer.archives.limits import MIB
from analyzer.errors import SandboxError, UsageError
from analyzer.explore.wire import MOST_BYTES
from analyzer.kept import beside
from analyzer.render.text import is_visible, safe_text
from analyzer.tokens import new_token

MOST_MEMBERS: Final = 100_000
_MOST_NAME: Final = 4096
_MOST_DEPTH: Final = 64
_SHOWN: Final = 200
_MOST_TOLD: Final = 10
_EXECUTABLE: Final = 0o100


@dataclass(slots=True)
class Unpacked:
    """What was written, where, and in words what was left out: a few of it, and how much in all."""

    path: Path
    files: int = 0
    left_out: list[str] = field(default_factory=list)
    count_left_out: int = 0

    def leave_out(self, name: str, why: str) -> None:
        """Notes it."""
        self.count_left_out += 1
        if len(self.left_out) < _MOST_TOLD:
            self.left_out.append(f"{safe_text(name, _SHOWN)}: {why}")


class _Bounded(io.RawIOBase):
    """An archive of which no header is larger than 1 MiB: tarfile reads one at once, whatever size it claims to have."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def read(self, size: int | None = -1) -> bytes:
        """What was asked for."""
        if size is None or not 0 <= size <= MIB:
            raise SandboxError(
                "what the sandbox sent has an unreasonable header: nothing is written; copy single files"
            )
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As the stream does."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """As the stream does."""
        return self._stream.tell()


def unpack(archive: BinaryIO, destination: Path, name: str) -> Unpacked:
    """Writes a file or a folder to a path, or below a folder that is there under `name`, or else under the archive's own name.

    A file takes the place of a file; a folder is only written where nothing is yet.

    Raises:
        UsageError: It cannot be written there.
        SandboxError: The archive is none, or larger than it may be.
    """
    try:
        with tarfile.TarFile(fileobj=_Bounded(archive), encoding="utf-8", errors="surrogateescape") as tar:
            top = tar.next()
            if top is None:
                raise SandboxError("the sandbox sent nothing: see whether the path is right")
            own = _parts(top.name)
            result = Unpacked(_place(destination, name or (own[0] if own else "")))
            if top.isdir():
                _write_folder(tar, own, result)
            elif top.isreg() and not top.issparse():
                _write_file(tar, top, result)
            else:
                raise SandboxError(
                    f"{safe_text(top.name, _SHOWN)} is neither a file nor a folder: only these are copied"
                )
    except tarfile.TarError as error:
        raise SandboxError("what the sandbox sent is damaged: copy it again") from error
    except OSError as error:
        raise UsageError(
            f"cannot write {safe_text(str(destination), _SHOWN)} ({error.strerror or error}): name another destination"
        ) from error
    return result


def _place(destination: Path, name: str) -> Path:
    if not destination.is_dir():
        return destination
    if not name:
        raise UsageError(
            f"{safe_text(str(destination), _SHOWN)} is a folder: name a file or folder in it that is to be made"
        )
    return destination / name


def _write_file(tar: tarfile.TarFile, member: tarfile.TarInfo, result: Unpacked) -> None:
    if member.size > MOST_BYTES:
        raise _too_large()
    if result.path.exists() and not result.path.is_file():
        raise UsageError(f"{safe_text(str(result.path), _SHOWN)} is no file: name another destination")
    with beside(result.path) as (stream, temporary):
        _copy(tar, member, stream)
        os.fchmod(stream.fileno(), _mode(member))
        temporary.replace(result.path)
    result.files = 1


def _write_folder(tar: tarfile.TarFile, top: tuple[str, ...] | None, result: Unpacked) -> None:
    if os.path.lexists(result.path):
        raise UsageError(
            f"{safe_text(str(result.path), _SHOWN)} exists already: a folder is only copied to where nothing is; name another one"
        )
    left = MOST_BYTES
    with _new_folder(result.path) as folder:
        for number, member in enumerate(_members(tar)):
            left -= max(member.size, 0)
            if number > MOST_MEMBERS or left < 0:
                raise _too_large()
            parts = _parts(member.name)
            if not parts or top is None or parts[: len(top)] != top:
                result.leave_out(member.name, "no name for a file here")
            else:
                _write_member(tar, member, folder.joinpath(*parts[len(top) :]), result)
        folder.rename(result.path)


def _write_member(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path, result: Unpacked) -> None:
    """Nothing below the new folder is a link, so that a path in it is where it says."""
    try:
        if member.isdir():
            path.mkdir(parents=True, exist_ok=True)
        elif member.isreg() and not member.issparse():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as stream:
                _copy(tar, member, stream)
                os.fchmod(stream.fileno(), _mode(member))
            result.files += 1
        else:
            result.leave_out(member.name, "a link or a special file")
    except (FileExistsError, NotADirectoryError):
        result.leave_out(member.name, "there is one of this name already")


def _members(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Those behind the first. What tarfile keeps of each is let go of."""
    while (member := tar.next()) is not None:
        tar.members = []  # type: ignore[attr-defined]
        yield member


def _copy(tar: tarfile.TarFile, member: tarfile.TarInfo, stream: BinaryIO) -> None:
    content = tar.extractfile(member)
    if content is not None:
        shutil.copyfileobj(content, stream)
    if stream.tell() != member.size:
        raise SandboxError("what the sandbox sent ends too early: copy it again")


def _mode(member: tarfile.TarInfo) -> int:
    return 0o755 if member.mode & _EXECUTABLE else 0o644


def _parts(name: str) -> tuple[str, ...] | None:
    """The parts of a member's name; None for one that leads elsewhere, or cannot be shown."""
    parts = tuple(part for part in name.split("/") if part not in {"", "."})
    if name.startswith("/") or ".." in parts or len(name) > _MOST_NAME or len(parts) > _MOST_DEPTH:
        return None
    return parts if parts and all(map(is_visible, name)) else None


@contextmanager
def _new_folder(path: Path) -> Iterator[Path]:
    folder = path.with_name(f".fumehood-{new_token()}.tmp")
    folder.mkdir()
    try:
        yield folder
    finally:
        if folder.exists():
            shutil.rmtree(folder)


def _too_large() -> SandboxError:
    return SandboxError(
        f"what the sandbox sent is more than {MOST_BYTES // MIB} MiB or {MOST_MEMBERS} files: copy less at once"
    )
