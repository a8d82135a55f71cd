"""What was done to files, directories and their attributes, and what a phase left of it.

`path` is where a file really is, and `asked` the path that was asked for, where that leads there by links or the like; else "".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class FileOpen:
    """A file was opened or created (open, openat, creat). `access` is what the flags asked for."""

    kind: ClassVar[str] = "file.open"
    path: str
    access: Literal["read", "write", "read-write"]
    flags: tuple[str, ...]
    error: str
    asked: str = ""


@dataclass(frozen=True, slots=True)
class FileQuery:
    """It was asked whether a path may be used (access, faccessat)."""

    kind: ClassVar[str] = "file.query"
    path: str
    call: str
    error: str
    asked: str = ""


@dataclass(frozen=True, slots=True)
class FileRead:
    """Bytes of a file came into memory (read, readv, pread64, preadv, preadv2, mmap), or the kernel copied them elsewhere.

    Told the first time that a process does it through a descriptor; `size` is what that call gave or mapped.
    """

    kind: ClassVar[str] = "file.read"
    path: str
    call: str
    size: int
    asked: str = ""


@dataclass(frozen=True, slots=True)
class FileWrite:
    """Bytes went into a regular file (write, writev, pwrite64, sendfile, copy_file_range, truncate).

    `head` is the first bytes as text with escapes, where the call names them; `source` the file that they were copied
    from, where the kernel copied them.
    """

    kind: ClassVar[str] = "file.write"
    path: str
    call: str
    size: int
    head: str
    source: str
    asked: str = ""


@dataclass(frozen=True, slots=True)
class ConsoleWrite:
    """Bytes went to the standard output or error stream that the phase gave."""

    kind: ClassVar[str] = "console.write"
    stream: Literal["stdout", "stderr"]
    size: int
    head: str


@dataclass(frozen=True, slots=True)
class FileRename:
    """A file or directory got another name (rename, renameat, renameat2).

    `appended` is what the new name has beyond the old one, such as ".locked"; "" where it is another name.
    """

    kind: ClassVar[str] = "file.rename"
    path: str
    target: str
    appended: str
    error: str
    asked: str = ""


@dataclass(frozen=True, slots=True)
class FileDelete:
    """A file was unlinked, or a directory removed."""

    kind: ClassVar[str] = "file.delete"
    path: str
    directory: bool
    error: str
    asked: str = ""


@dataclass(frozen=True, slots=True)
class FileCreate:
    """A directory or a special file was made (mkdir, mkdirat, mknod)."""

    kind: ClassVar[str] = "file.create"
    path: str
    type: Literal["directory", "fifo", "device", "socket"]
    error: str
    asked: str = ""


@dataclass(frozen=True, slots=True)
class FileLink:
    """A second name for a file: `path` is the new name, `target` what it points to, as it was written."""

    kind: ClassVar[str] = "file.link"
    path: str
    target: str
    symbolic: bool
    error: str
    asked: str = ""


@dataclass(frozen=True, slots=True)
class FileMode:
    """Permissions or owner of a file were changed (chmod and chown families). `mode` is octal text, "" for chown."""

    kind: ClassVar[str] = "file.mode"
    path: str
    call: str
    mode: str
    error: str
    asked: str = ""


@dataclass(frozen=True, slots=True)
class FileAttributes:
    """Times or extended attributes of a file were set (utimensat, setxattr and their like).

    `age` is by how many seconds the new time of modification lies in the past; 0 for now, and where no time was given.
    """

    kind: ClassVar[str] = "file.attributes"
    path: str
    call: str
    name: str
    age: int
    error: str
    asked: str = ""


@dataclass(frozen=True, slots=True)
class FileLock:
    """A file was locked (flock, fcntl)."""

    kind: ClassVar[str] = "file.lock"
    path: str
    call: str
    error: str


@dataclass(frozen=True, slots=True)
class FileTree:
    """What a phase left in the writable tree, found by comparing it before and after.

    `change` is created, modified or deleted; `type` is file, directory, symlink or other; `head` is the first bytes
    as text with escapes; `sha256` of the whole, for what has an x bit or begins as a program, unless all programs are too large;
    `target` a symbolic link's text; `distribution` the installed distribution whose RECORD
    lists the path, and `own` whether that is the analysed one.
    """

    kind: ClassVar[str] = "file.tree"
    path: str
    change: Literal["created", "modified", "deleted"]
    type: Literal["file", "directory", "symlink", "other"]
    mode: str
    size: int
    target: str
    head: str
    distribution: str
    own: bool
    sha256: str = ""
