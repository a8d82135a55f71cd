"""System calls on files, folders and descriptors, decoded to event details."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

from analyzer.model.event import Detail, FileCreate, FileDelete, FileLink, FileMode, FileOpen, FileRename, FileWrite
from analyzer.trace.literals import Quoted, Struct, Value
from analyzer.trace.processes import OTHER, Descriptor, Process, as_int, closing
from analyzer.trace.sockets import sent
from analyzer.trace.strace import Syscall

Decoder = Callable[[Syscall, Process], Iterator[Detail]]

_ACCESS: dict[str, Literal["write", "read-write"]] = {"O_WRONLY": "write", "O_RDWR": "read-write"}
_ACL_ATTRIBUTES = ("system.posix_acl", "security.capability")


def _open(path: int, flags: int, folder: int | None) -> Decoder:
    def decode(call: Syscall, process: Process) -> Iterator[Detail]:
        where = process.resolve(call.argument(path), call.argument(folder) if folder is not None else "AT_FDCWD")
        raw = call.argument(flags)
        text = raw.get("flags") if isinstance(raw, Struct) else raw
        words = tuple(text.split("|")) if isinstance(text, str) else ()
        if call.result is not None and call.result >= 0:
            process.descriptors[call.result] = closing(Descriptor("file", path=where), text)
        yield FileOpen(where, _access(words), words, call.error)

    return decode


def _access(words: tuple[str, ...]) -> Literal["read", "write", "read-write"]:
    return next((_ACCESS[word] for word in words if word in _ACCESS), "read")


def _creat(call: Syscall, process: Process) -> Iterator[Detail]:
    where = process.resolve(call.argument(0))
    if call.result is not None and call.result >= 0:
        process.descriptors[call.result] = Descriptor("file", path=where)
    yield FileOpen(where, "write", ("O_WRONLY", "O_CREAT", "O_TRUNC"), call.error)


def _write(target: int) -> Decoder:
    """Bytes into a descriptor: a file's or a socket's, which the table knows."""

    def decode(call: Syscall, process: Process) -> Iterator[Detail]:
        descriptor = process.descriptor(call.argument(target))
        if descriptor.type == "socket":
            yield sent(call, descriptor, call.argument(1))
        elif descriptor.type == "file" and call.result is not None and call.result >= 0:
            yield FileWrite(descriptor.path, call.name, call.result)

    return decode


def _truncate(call: Syscall, process: Process) -> Iterator[Detail]:
    if call.error or call.result is None:
        return
    path = process.resolve(call.argument(0)) if call.name == "truncate" else process.descriptor(call.argument(0)).path
    if path:
        yield FileWrite(path, call.name, 0)


def _rename(source: int, target: int, *, relative: bool) -> Decoder:
    def decode(call: Syscall, process: Process) -> Iterator[Detail]:
        folders = (call.argument(source - 1), call.argument(target - 1)) if relative else ("AT_FDCWD", "AT_FDCWD")
        old = process.resolve(call.argument(source), folders[0])
        yield FileRename(old, process.resolve(call.argument(target), folders[1]), call.error)

    return decode


def _delete(path: int, *, relative: bool) -> Decoder:
    def decode(call: Syscall, process: Process) -> Iterator[Detail]:
        where = process.resolve(call.argument(path), call.argument(path - 1) if relative else "AT_FDCWD")
        flags = call.argument(path + 1)
        folder = call.name == "rmdir" or (isinstance(flags, str) and "AT_REMOVEDIR" in flags)
        yield FileDelete(where, folder, call.error)

    return decode


def _create(path: int, *, relative: bool) -> Decoder:
    def decode(call: Syscall, process: Process) -> Iterator[Detail]:
        where = process.resolve(call.argument(path), call.argument(path - 1) if relative else "AT_FDCWD")
        yield FileCreate(where, _node_type(call, call.argument(path + 1)), call.error)

    return decode


def _node_type(call: Syscall, mode: Value) -> Literal["directory", "fifo", "device", "socket"]:
    if call.name.startswith("mkdir"):
        return "directory"
    words = mode if isinstance(mode, str) else ""
    if "S_IFIFO" in words:
        return "fifo"
    return "socket" if "S_IFSOCK" in words else "device"


def _link(target: int, path: int, *, symbolic: bool, folders: tuple[int | None, int | None]) -> Decoder:
    def decode(call: Syscall, process: Process) -> Iterator[Detail]:
        def folder(place: int | None) -> Value:
            return "AT_FDCWD" if place is None else call.argument(place)

        pointed = call.argument(target)
        text = pointed.text if isinstance(pointed, Quoted) else "?"
        old = text if symbolic else process.resolve(pointed, folder(folders[0]))
        yield FileLink(process.resolve(call.argument(path), folder(folders[1])), old, symbolic, call.error)

    return decode


def _mode(path: int, mode: int, *, relative: bool) -> Decoder:
    def decode(call: Syscall, process: Process) -> Iterator[Detail]:
        first = call.argument(path)
        folder = call.argument(path - 1) if relative else "AT_FDCWD"
        where = process.resolve(first, folder) if isinstance(first, Quoted) else process.descriptor(first).path
        value = call.argument(mode)
        changes_mode = "chmod" in call.name and isinstance(value, str)
        yield FileMode(where, call.name, str(value).lstrip("0") or "0" if changes_mode else "", call.error)

    return decode


def _attribute(call: Syscall, process: Process) -> Iterator[Detail]:
    name = call.argument(1)
    if isinstance(name, Quoted) and name.text.startswith(_ACL_ATTRIBUTES):
        yield from _mode(0, 1, relative=False)(call, process)


def _change_directory(call: Syscall, process: Process) -> Iterator[Detail]:
    if not call.error and call.result is not None:
        first = call.argument(0)
        process.directory = (
            process.resolve(first) if isinstance(first, Quoted) else process.descriptor(first).path or "?"
        )
    yield from ()


def _duplicate(call: Syscall, process: Process) -> Iterator[Detail]:
    """Dup and its like; fcntl also sets or clears the mark of closing on exec."""
    if not call.error and call.result is not None and call.result >= 0:
        one = process.descriptor(call.argument(0))
        flags = call.argument(2 if call.name == "dup3" else 1)
        if call.name != "fcntl" or (isinstance(flags, str) and flags.startswith("F_DUPFD")):
            process.descriptors[call.result] = closing(one, flags)
        elif flags == "F_SETFD":
            process.descriptors[as_int(call.argument(0), -1)] = closing(one, call.argument(2))
    yield from ()


def _other(call: Syscall, process: Process) -> Iterator[Detail]:
    """A descriptor that is neither file nor socket: it takes a number that one of these may have had before."""
    if call.result is not None and call.result >= 0:
        process.descriptors[call.result] = OTHER
    yield from ()


def _pipe(call: Syscall, process: Process) -> Iterator[Detail]:
    ends = call.argument(0)
    if isinstance(ends, tuple) and not call.error:
        for end in ends:
            process.descriptors[as_int(end, -1)] = closing(replace(OTHER), call.argument(1))
    yield from ()


DECODERS: dict[str, Decoder] = {
    "open": _open(0, 1, None),
    "openat": _open(1, 2, 0),
    "openat2": _open(1, 2, 0),
    "creat": _creat,
    **dict.fromkeys(("write", "writev", "pwrite64", "pwritev", "pwritev2", "sendfile"), _write(0)),
    "copy_file_range": _write(2),
    "splice": _write(2),
    "truncate": _truncate,
    "ftruncate": _truncate,
    "rename": _rename(0, 1, relative=False),
    "renameat": _rename(1, 3, relative=True),
    "renameat2": _rename(1, 3, relative=True),
    "unlink": _delete(0, relative=False),
    "rmdir": _delete(0, relative=False),
    "unlinkat": _delete(1, relative=True),
    "mkdir": _create(0, relative=False),
    "mknod": _create(0, relative=False),
    "mkdirat": _create(1, relative=True),
    "mknodat": _create(1, relative=True),
    "link": _link(0, 1, symbolic=False, folders=(None, None)),
    "linkat": _link(1, 3, symbolic=False, folders=(0, 2)),
    "symlink": _link(0, 1, symbolic=True, folders=(None, None)),
    "symlinkat": _link(0, 2, symbolic=True, folders=(None, 1)),
    **dict.fromkeys(("chmod", "fchmod", "chown", "lchown", "fchown"), _mode(0, 1, relative=False)),
    **dict.fromkeys(("fchmodat", "fchownat"), _mode(1, 2, relative=True)),
    **dict.fromkeys(("setxattr", "lsetxattr", "fsetxattr"), _attribute),
    "chdir": _change_directory,
    "fchdir": _change_directory,
    **dict.fromkeys(("dup", "dup2", "dup3", "fcntl"), _duplicate),
    **dict.fromkeys(
        ("eventfd2", "epoll_create1", "timerfd_create", "signalfd4", "inotify_init1", "pidfd_open"), _other
    ),
    "pipe": _pipe,
    "pipe2": _pipe,
}
"""By call name. Argument places as in man 2 of each call."""
