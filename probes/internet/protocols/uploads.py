"""SFTP and SCP without a file system: what is written is kept, every directory is empty, and nothing touches a disk."""

from __future__ import annotations

import inspect
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

import asyncssh

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from internet.protocols.acts import Acts

_FILE_MODE: Final = 0o100644
_FOLDER_MODE: Final = 0o040755
_FOLDERS: Final = (
    b"/", b"/etc", b"/home", b"/home/user", b"/opt", b"/root", b"/srv", b"/tmp", b"/upload", b"/uploads", b"/usr", b"/var",
    b"/var/tmp", b"/var/www", b"/var/www/html",
)  # fmt: skip
_REMEMBERED: Final = 1000
"""Files and directories that are known again."""


@dataclass(slots=True)
class _Open:
    """An open file."""

    path: bytes
    written: int = 0


class Uploads(asyncssh.SFTPServer):
    """One session's files. What is not defined here is refused, see below."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], acts: Acts) -> None:
        super().__init__(channel)
        self._acts = acts
        self._sizes: dict[bytes, int] = {}
        self._folders = set(_FOLDERS)

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:  # noqa: ARG002
        """Any file can be opened; what is read of it is nothing."""
        return _Open(path)

    def open56(self, path: bytes, desired_access: int, flags: int, attrs: asyncssh.SFTPAttrs) -> object:  # noqa: ARG002
        """The same in later versions of the protocol."""
        return _Open(path)

    def read(self, file_obj: object, offset: int, size: int) -> bytes:  # noqa: ARG002
        """Every file is empty."""
        return b""

    def write(self, file_obj: object, offset: int, data: bytes) -> int:  # noqa: ARG002
        """Keep what is written."""
        self._acts.payload(data)
        if isinstance(file_obj, _Open):
            file_obj.written += len(data)
        return len(data)

    def close(self, file_obj: object) -> None:
        """Tell what was written."""
        if isinstance(file_obj, _Open):
            self._acts.tell("WRITE" if file_obj.written else "OPEN", file_obj.path, file_obj.written)
            if len(self._sizes) < _REMEMBERED:
                self._sizes[file_obj.path] = file_obj.written

    def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """What was written is a file; some paths are directories, and others are not there."""
        size = self._sizes.get(path)
        if size is not None:
            return asyncssh.SFTPAttrs(size=size, permissions=_FILE_MODE, uid=0, gid=0)
        if (path.rstrip(b"/") or b"/") in self._folders:
            return asyncssh.SFTPAttrs(size=4096, permissions=_FOLDER_MODE, uid=0, gid=0)
        raise asyncssh.SFTPNoSuchFile("No such file")

    def lstat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """The same as stat."""
        return self.stat(path)

    def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        """The size as it was written until now."""
        size = file_obj.written if isinstance(file_obj, _Open) else 0
        return asyncssh.SFTPAttrs(size=size, permissions=_FILE_MODE, uid=0, gid=0)

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Nothing changes."""

    def lsetstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Nothing changes."""

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        """Nothing changes."""

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        """An empty directory."""
        self._acts.tell("LIST", path)
        for name in (b".", b".."):
            yield asyncssh.SFTPName(name, b"", asyncssh.SFTPAttrs(permissions=_FOLDER_MODE, uid=0, gid=0))

    def listdir(self, path: bytes) -> list[bytes]:
        """An empty directory, in earlier versions of asyncssh."""
        self._acts.tell("LIST", path)
        return []

    def remove(self, path: bytes) -> None:
        """Tell it."""
        self._acts.tell("REMOVE", path)

    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:  # noqa: ARG002
        """Tell it."""
        self._acts.tell("MKDIR", path)
        if len(self._folders) < _REMEMBERED:
            self._folders.add(path.rstrip(b"/"))

    def rmdir(self, path: bytes) -> None:
        """Tell it."""
        self._acts.tell("RMDIR", path)

    def rename(self, oldpath: bytes, newpath: bytes) -> None:  # noqa: ARG002
        """Tell it."""
        self._acts.tell("RENAME", newpath)

    def realpath(self, path: bytes) -> bytes:
        """The path as it is, below the user's home where it is not absolute."""
        return posixpath.normpath(posixpath.join(b"/home/user", path))

    def exit(self) -> None:
        """Nothing is left to end."""


def _refuse(*_arguments: Any) -> NoReturn:
    raise asyncssh.SFTPOpUnsupported("Operation not supported")


# asyncssh's own methods work on this machine's files: each that is not defined above, also in versions to come, is refused.
for _name, _ in inspect.getmembers(asyncssh.SFTPServer, inspect.isfunction):
    if not _name.startswith(("_", "format_")) and _name not in Uploads.__dict__:
        setattr(Uploads, _name, _refuse)
