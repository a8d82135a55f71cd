"""System calls on files and folders by name, and writes to them, decoded to event details."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

from analyzer.model.event import (
    ConsoleWrite,
    Detail,
    FileCreate,
    FileDelete,
    FileLink,
    FileMode,
    FileOpen,
    FileQuery,
    FileRead,
    FileRename,
    FileWrite,
    Race,
)
from analyzer.trace.calls.descriptors import Descriptor, closing, head
from analyzer.trace.calls.naming import Named
from analyzer.trace.calls.processes import Process
from analyzer.trace.calls.sockets import received, sent
from analyzer.trace.logs.literals import Quoted, Struct, Value, as_int
from analyzer.trace.logs.strace import Syscall

Decoder = Callable[[Syscall, Process], Iterator[Detail]]

_ACCESS: dict[str, Literal["write", "read-write"]] = {"O_WRONLY": "write", "O_RDWR": "read-write"}
_HEAD_BYTES = 64
_CREATES_NEW = frozenset({"O_CREAT", "O_EXCL"})


def _open(path: int, flags: int, folder: int | None) -> Decoder:
    def decode(call: Syscall, process: Process) -> Iterator[Detail]:
        base: Value = call.argument(folder) if folder is not None else "AT_FDCWD"
        raw = call.argument(flags)
        text = raw.get("flags") if isinstance(raw, Struct) else raw
        words = tuple(text.split("|")) if isinstance(text, str) else ()
        # A file without a name has only the folder that was asked for.
        found = "" if "O_TMPFILE" in words else call.found
        follow = "O_NOFOLLOW" not in words and not _CREATES_NEW.issubset(words)
        where, changed = process.opened(call.argument(path), base, found, follow=follow)
        if call.result is not None and call.result >= 0:
            process.descriptors[call.result] = closing(_file(where), text)
        yield from _opened(call, where, words, changed=changed)

    return decode


def _opened(call: Syscall, where: Named, flags: tuple[str, ...], *, changed: bool) -> Iterator[Detail]:
    yield FileOpen(where.path, _access(flags), flags, call.error, where.asked)
    if changed:
        yield Race(call.name, where.asked, where.path)


def _file(where: Named) -> Descriptor:
    return Descriptor("file", path=where.path, asked=where.asked)


def _access(words: tuple[str, ...]) -> Literal["read", "write", "read-write"]:
    return next((_ACCESS[word] for word in words if word in _ACCESS), "read")


def _creat(call: Syscall, process: Process) -> Iterator[Detail]:
    where, changed = process.opened(call.argument(0), "AT_FDCWD", call.found)
    if call.result is not None and call.result >= 0:
        process.descriptors[call.result] = _file(where)
    yield from _opened(call, where, ("O_WRONLY", "O_CREAT", "O_TRUNC"), changed=changed)


def reading(call: Syscall, process: Process, place: int, size: int) -> Iterator[Detail]:
    """The first bytes that a process takes out of a file's descriptor, which is the argument at a place."""
    number = as_int(call.argument(place), -1)
    descriptor = process.descriptor(call.argument(place))
    if descriptor.type == "file" and not descriptor.was_read and size > 0:
        process.descriptors[number] = replace(descriptor, was_read=True)
        yield FileRead(descriptor.path, call.name, size, descriptor.asked)


def _read(call: Syscall, process: Process) -> Iterator[Detail]:
    """Bytes from a descriptor. What comes from a terminal or a pipe is no file's."""
    if call.error or call.result is None:
        return
    if process.descriptor(call.argument(0)).type == "socket":
        yield received(call, process, "", call.result)
    else:
        yield from reading(call, process, 0, call.result)


def _write(target: int, source: int | None = None) -> Decoder:
    """Bytes into a descriptor: a file's, a socket's or the console's, which the table knows."""

    def decode(call: Syscall, process: Process) -> Iterator[Detail]:
        if source is not None:
            yield from reading(call, process, source, call.result or 0)
        descriptor = process.descriptor(call.argument(target))
        data = call.argument(1) if source is None else ""
        if descriptor.type == "socket":
            yield sent(call, descriptor, data)
        elif call.result is None or call.result < 0:
            return
        elif descriptor.type == "file":
            origin = process.descriptor(call.argument(source)).path if source is not None else ""
            start = head(data, _HEAD_BYTES)
            yield FileWrite(descriptor.path, call.name, call.result, start, origin, descriptor.asked)
        elif descriptor.stream in {"stdout", "stderr"}:
            stream: Literal["stdout", "stderr"] = "stdout" if descriptor.stream == "stdout" else "stderr"
            yield ConsoleWrite(stream, call.result, head(data, _HEAD_BYTES))

    return decode


def _truncate(call: Syscall, process: Process) -> Iterator[Detail]:
    if call.error or call.result is None:
        return
    where = either(call, process, 0)
    if where.path:
        yield FileWrite(where.path, call.name, 0, "", "", where.asked)


def either(call: Syscall, process: Process, place: int, folder: Value = "AT_FDCWD", *, follow: bool = True) -> Named:
    """The file that an argument names, itself or as a descriptor."""
    first = call.argument(place)
    if isinstance(first, Quoted):
        return process.named(first, folder, follow=follow)
    descriptor = process.descriptor(first)
    return Named(descriptor.path, descriptor.asked)


def _rename(source: int, target: int, *, relative: bool) -> Decoder:
    def decode(call: Syscall, process: Process) -> Iterator[Detail]:
        folders = (call.argument(source - 1), call.argument(target - 1)) if relative else ("AT_FDCWD", "AT_FDCWD")
        old = process.named(call.argument(source), folders[0], follow=False)
        new = process.named(call.argument(target), folders[1], follow=False)
        if _worked(call):
            exchanged = "RENAME_EXCHANGE" in str(call.argument(target + 1))
            process.links.move(old.path, new.path, exchanged=exchanged)
        yield FileRename(old.path, new.path, _appended(old.path, new.path), call.error, old.asked)

    return decode


def _worked(call: Syscall) -> bool:
    return not call.error and call.result is not None


def _appended(old: str, new: str) -> str:
    """What the new name has beyond the old one, in the same folder."""
    rest = new.removeprefix(old)
    return "" if rest == new or "/" in rest else rest


def _query(path: int, *, relative: bool) -> Decoder:
    def decode(call: Syscall, process: Process) -> Iterator[Detail]:
        where = process.named(
            call.argument(path), call.argument(path - 1) if relative else "AT_FDCWD", follow=follows(call)
        )
        yield FileQuery(where.path, call.name, call.error, where.asked)

    return decode


def _delete(path: int, *, relative: bool) -> Decoder:
    def decode(call: Syscall, process: Process) -> Iterator[Detail]:
        base: Value = call.argument(path - 1) if relative else "AT_FDCWD"
        where = process.named(call.argument(path), base, follow=False)
        flags = call.argument(path + 1)
        folder = call.name == "rmdir" or (isinstance(flags, str) and "AT_REMOVEDIR" in flags)
        if _worked(call):
            process.links.remove(where.path)
        yield FileDelete(where.path, folder, call.error, where.asked)

    return decode


def _create(path: int, *, relative: bool) -> Decoder:
    def decode(call: Syscall, process: Process) -> Iterator[Detail]:
        base: Value = call.argument(path - 1) if relative else "AT_FDCWD"
        where = process.named(call.argument(path), base, follow=False)
        yield FileCreate(where.path, _node_type(call, call.argument(path + 1)), call.error, where.asked)

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
        new = process.named(call.argument(path), folder(folders[1]), follow=False)
        if symbolic:
            old = pointed.text if isinstance(pointed, Quoted) else "?"
            if _worked(call):
                process.links.add(new.path, old)
        else:
            # A second name of a symbolic link is one, unless the call follows it.
            follow = "AT_SYMLINK_FOLLOW" in str(call.argument(path + 1))
            old = process.named(pointed, folder(folders[0]), follow=follow).path
            if _worked(call):
                process.links.copy(old, new.path)
        yield FileLink(new.path, old, symbolic, call.error, new.asked)

    return decode


def follows(call: Syscall) -> bool:
    """Whether a call on a file's attributes follows the link that its path may be: those beginning with l, and a flag, say no."""
    return not call.name.startswith("l") and not any(
        isinstance(one, str) and "AT_SYMLINK_NOFOLLOW" in one for one in call.arguments[2:]
    )


def mode(path: int, value: int, *, relative: bool) -> Decoder:
    """A change of mode or owner; `path` may be the place of a descriptor."""

    def decode(call: Syscall, process: Process) -> Iterator[Detail]:
        folder = call.argument(path - 1) if relative else "AT_FDCWD"
        where = either(call, process, path, folder, follow=follows(call))
        given = call.argument(value)
        changes_mode = "chmod" in call.name and isinstance(given, str)
        text = str(given).lstrip("0") or "0" if changes_mode else ""
        yield FileMode(where.path, call.name, text, call.error, where.asked)

    return decode


DECODERS: dict[str, Decoder] = {
    "open": _open(0, 1, None),
    "openat": _open(1, 2, 0),
    "openat2": _open(1, 2, 0),
    "creat": _creat,
    **dict.fromkeys(("read", "readv", "pread64", "preadv", "preadv2"), _read),
    **dict.fromkeys(("write", "writev", "pwrite64", "pwritev", "pwritev2"), _write(0)),
    "sendfile": _write(0, 1),
    "copy_file_range": _write(2, 0),
    "splice": _write(2, 0),
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
    **dict.fromkeys(("chmod", "fchmod", "chown", "lchown", "fchown"), mode(0, 1, relative=False)),
    **dict.fromkeys(("fchmodat", "fchownat"), mode(1, 2, relative=True)),
    "access": _query(0, relative=False),
    **dict.fromkeys(("faccessat", "faccessat2"), _query(1, relative=True)),
}
"""By call name. Argument places as in man 2 of each call."""
