"""A file or folder of a session as an archive: regular files, folders and links, none of which is followed."""

from __future__ import annotations

import os
import stat
import tarfile
from typing import IO

from hood.places import CopyError, folder_of, located
from hood.plan import Plan

MOST_ENTRIES = 100_000
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MOST_DEPTH = 200


def pack(plan: Plan, path: str, descriptor: int, most: int) -> None:
    """Writes the archive of a path into a descriptor. Raises CopyError and OSError."""
    real = located(plan, path)
    folder, name = os.path.split(real)
    parent = folder_of(folder)
    os.stat(name, dir_fd=parent, follow_symlinks=False)
    with (
        open(descriptor, "wb", closefd=False) as file,
        tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        _Packing(archive, most).add(parent, name, name, 0)


class _Packing:
    """One archive that grows. The tree may change meanwhile: what is gone is left out."""

    def __init__(self, archive: tarfile.TarFile, most: int) -> None:
        self._archive = archive
        self._left = most
        self._entries = 0

    def add(self, folder: int, name: str, place: str, depth: int) -> None:
        """Adds what a folder has under a name, with all below it."""
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        self._count(place, depth)
        member = tarfile.TarInfo(place)
        member.mode, member.mtime = stat.S_IMODE(status.st_mode) & 0o777, int(status.st_mtime)
        if stat.S_ISREG(status.st_mode):
            self._add_file(member, folder, name)
        elif stat.S_ISLNK(status.st_mode):
            member.type, member.linkname = tarfile.SYMTYPE, os.readlink(name, dir_fd=folder)
            self._archive.addfile(member)
        elif stat.S_ISDIR(status.st_mode):
            member.type = tarfile.DIRTYPE
            self._archive.addfile(member)
            self._add_folder(folder, name, place, depth)
        elif depth == 0:
            raise CopyError(f"{place}: neither a file, a folder nor a link")

    def _add_folder(self, folder: int, name: str, place: str, depth: int) -> None:
        opened = os.open(name, _OPEN | os.O_DIRECTORY, dir_fd=folder)
        try:
            with os.scandir(opened) as entries:
                names = []
                for entry in entries:
                    names.append(entry.name)
                    if len(names) + self._entries > MOST_ENTRIES:
                        raise _too_many()
            for one in sorted(names):
                try:
                    self.add(opened, one, f"{place}/{one}", depth + 1)
                except FileNotFoundError:
                    continue
        finally:
            os.close(opened)

    def _add_file(self, member: tarfile.TarInfo, folder: int, name: str) -> None:
        with open(os.open(name, _OPEN, dir_fd=folder), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return
            self._left -= status.st_size
            if self._left < 0:
                raise CopyError(f"{member.name}: more than may be copied at once")
            member.size = status.st_size
            self._archive.addfile(member, _Exactly(file, member.size))

    def _count(self, place: str, depth: int) -> None:
        self._entries += 1
        if self._entries > MOST_ENTRIES:
            raise _too_many()
        if depth > _MOST_DEPTH:
            raise CopyError(f"{place[:200]}: too deep to be copied")


class _Exactly:
    """A file as an archive takes it: as long as it was said to be, whatever becomes of it meanwhile."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self._left = size

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; zeros where the file has become shorter."""
        wanted = self._left if size < 0 else min(size, self._left)
        self._left -= wanted
        data = self._file.read(wanted)
        return data + bytes(wanted - len(data))


def _too_many() -> CopyError:
    return CopyError(f"more than {MOST_ENTRIES} files cannot be copied at once")
