"""System calls on descriptors and on what they hold: copies, pipes, locks, the working folder, and a file's attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from analyzer.model.event import Detail, FileAttributes, FileLock, ProcessControl, ProcessPipe
from analyzer.trace.calls.descriptors import OTHER, Descriptor, closing, console
from analyzer.trace.calls.files import either, follows, mode
from analyzer.trace.calls.naming import Named
from analyzer.trace.calls.processes import DRIVER, Process
from analyzer.trace.logs.literals import Quoted, Struct, Value, as_int
from analyzer.trace.logs.strace import Syscall

Decoder = Callable[[Syscall, Process], Iterator[Detail]]

_ACL_ATTRIBUTES = ("system.posix_acl", "security.capability")
_LOCKING = frozenset({"F_SETLK", "F_SETLKW", "F_OFD_SETLK", "F_OFD_SETLKW"})
_LOCKS = frozenset({"F_RDLCK", "F_WRLCK"})


def _attribute(call: Syscall, process: Process) -> Iterator[Detail]:
    name = call.argument(1)
    text = name.text if isinstance(name, Quoted) else ""
    if text.startswith(_ACL_ATTRIBUTES):
        yield from mode(0, 1, relative=False)(call, process)
    else:
        where = either(call, process, 0, follow=follows(call))
        yield FileAttributes(where.path, call.name, text, 0, call.error, where.asked)


def _times(path: int, times: int, *, relative: bool) -> Decoder:
    def decode(call: Syscall, process: Process) -> Iterator[Detail]:
        folder = call.argument(path - 1) if relative else "AT_FDCWD"
        if isinstance(call.argument(path), Quoted):
            where = either(call, process, path, folder, follow=follows(call))
        else:
            descriptor = process.descriptor(folder)
            where = Named(descriptor.path, descriptor.asked)
        age = _age(call.time, call.argument(times))
        yield FileAttributes(where.path, call.name, "", age, call.error, where.asked)

    return decode


def _age(now: float, times: Value) -> int:
    """By how many seconds the time of modification, the second of the two, lies in the past."""
    seconds: Value = ""
    if isinstance(times, Struct):  # utime
        seconds = times.get("modtime")
    elif isinstance(times, tuple):
        both = [one for one in times if one != ""]  # strace puts the date behind each as a comment
        last = both[1] if len(both) > 1 else ""
        seconds = last.get("tv_sec") if isinstance(last, Struct) else ""
    return int(now) - as_int(seconds) if isinstance(seconds, str) and seconds else 0


def _flock(call: Syscall, process: Process) -> Iterator[Detail]:
    operation = str(call.argument(1)).split("|")
    if "LOCK_EX" in operation or "LOCK_SH" in operation:
        yield FileLock(process.descriptor(call.argument(0)).path, call.name, call.error)


def _fcntl(call: Syscall, process: Process) -> Iterator[Detail]:
    """Copies a descriptor, sets or clears its mark of closing on exec, or locks its file."""
    command = str(call.argument(1))
    if command in _LOCKING:
        lock = call.argument(2)
        if isinstance(lock, Struct) and lock.get("l_type") in _LOCKS:
            yield FileLock(process.descriptor(call.argument(0)).path, call.name, call.error)
    elif command.startswith("F_DUPFD"):
        _copy(call, process, command)
    elif command == "F_SETFD" and not call.error and call.result is not None:
        number = as_int(call.argument(0), -1)
        process.descriptors[number] = closing(process.descriptor(call.argument(0)), call.argument(2))


def _duplicate(call: Syscall, process: Process) -> Iterator[Detail]:
    _copy(call, process, call.argument(2) if call.name == "dup3" else "")
    yield from ()


def _copy(call: Syscall, process: Process, flags: Value) -> None:
    if call.error or call.result is None or call.result < 0:
        return
    one = closing(process.descriptor(call.argument(0)), flags)
    if call.result == 0 and one.path == "/dev/null" and _is_driver(process):
        one = console()[0]  # the import driver's own standard input, once it has read its orders
    process.descriptors[call.result] = one


def _is_driver(process: Process) -> bool:
    return DRIVER in process.argv and (process.parent is None or process.parent.ours)


def _change_directory(call: Syscall, process: Process) -> Iterator[Detail]:
    where = call.found or either(call, process, 0).path or "?"
    if not call.error and call.result is not None:
        process.directory = where
    yield ProcessControl(call.name, (where,), call.error)


def _other(call: Syscall, process: Process) -> Iterator[Detail]:
    """A descriptor that is neither file nor socket: it takes a number that one of these may have had before."""
    if call.result is not None and call.result >= 0:
        process.descriptors[call.result] = OTHER
    yield from ()


def _pipe(call: Syscall, process: Process) -> Iterator[Detail]:
    ends = call.argument(0)
    if isinstance(ends, tuple) and not call.error:
        for end in ends:
            process.descriptors[as_int(end, -1)] = closing(Descriptor("pipe"), call.argument(1))
    yield ProcessPipe(call.name, call.error)


_DESCRIPTORS = ("eventfd2", "epoll_create1", "timerfd_create", "signalfd4", "inotify_init1", "pidfd_open")

DECODERS: dict[str, Decoder] = {
    **dict.fromkeys(("setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr"), _attribute),
    **dict.fromkeys(("utime", "utimes"), _times(0, 1, relative=False)),
    **dict.fromkeys(("utimensat", "futimesat"), _times(1, 2, relative=True)),
    "flock": _flock,
    "fcntl": _fcntl,
    **dict.fromkeys(("dup", "dup2", "dup3"), _duplicate),
    **dict.fromkeys(("chdir", "fchdir"), _change_directory),
    **dict.fromkeys(("pipe", "pipe2"), _pipe),
    **dict.fromkeys(_DESCRIPTORS, _other),
}
"""By call name. Argument places as in man 2 of each call."""
