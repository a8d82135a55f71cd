"""An archive into a session's files, as `docker cp` puts it: into an existing folder, or under a new name."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tarfile

from hood.packing import MOST_ENTRIES
from hood.places import CopyError, below, folder_of, is_folder, located
from hood.plan import Plan

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def unpack(plan: Plan, name: str, descriptor: int) -> None:
    """Unpacks what comes from a descriptor. Raises CopyError, OSError, and tarfile's errors."""
    real = located(plan, name)
    into = is_folder(real)
    if not into and name.endswith("/"):
        raise CopyError(f"{name}: there is no such folder in the sandbox")
    folder, last = (real, None) if into else os.path.split(real)
    root = folder_of(folder)
    with (
        open(descriptor, "rb", closefd=False) as file,
        tarfile.open(fileobj=file, mode="r|") as archive,
    ):
        folders: list[tuple[list[str], int]] = []
        for number, member in enumerate(archive):
            if number >= MOST_ENTRIES:
                raise CopyError(f"more than {MOST_ENTRIES} files cannot be copied at once")
            parts = _parts(member.name)
            if last is not None:
                parts[0] = last
            if member.isdir():
                folders.append((parts, member.mode))
            _place(archive, member, root, parts)
        for parts, mode in reversed(folders):  # at last, since a folder may be one that nothing can be put into
            made = below(root, parts)
            os.fchmod(made, stat.S_IMODE(mode) & 0o777)
            os.close(made)


def _place(archive: tarfile.TarFile, member: tarfile.TarInfo, root: int, parts: list[str]) -> None:
    """Puts one member to its place; a file that is there already makes way, a folder does not."""
    if member.isdir():
        os.close(below(root, parts))
        return
    folder = below(root, parts[:-1])
    try:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(parts[-1], dir_fd=folder)
        if member.issym():
            os.symlink(member.linkname, parts[-1], dir_fd=folder)
            return
        source = archive.extractfile(member) if member.isreg() else None
        if source is None:
            raise CopyError(f"{member.name[:200]}: neither a file, a folder nor a symbolic link")
        with open(os.open(parts[-1], _NEW, 0o600, dir_fd=folder), "wb") as target:
            shutil.copyfileobj(source, target)
            os.fchmod(target.fileno(), stat.S_IMODE(member.mode) & 0o777)
    finally:
        os.close(folder)


def _parts(name: str) -> list[str]:
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if not parts or ".." in parts or name.startswith("/") or "\0" in name:
        raise CopyError(f"{name[:200]!r}: no name for a file in the sandbox")
    return parts
