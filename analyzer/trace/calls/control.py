"""System calls that make, replace, signal or change processes, decoded to event details."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

from analyzer.model.event import Detail, ProcessControl, ProcessCreate, ProcessExec, ProcessSignal
from analyzer.trace.calls.descriptors import OTHER, Descriptor, closing
from analyzer.trace.calls.processes import Process, child_of, creation_flags, is_thread
from analyzer.trace.logs.literals import Quoted, Value, as_int
from analyzer.trace.logs.strace import Syscall

Decoder = Callable[[Syscall, Process], Iterator[Detail]]

_MAX_ARGUMENTS = 64
_DESCRIPTORS = frozenset(
    {
        "bpf", "fanotify_init", "fsmount", "fsopen", "io_uring_setup", "memfd_secret", "open_by_handle_at",
        "open_tree", "perf_event_open", "pidfd_getfd", "userfaultfd",
    }
)  # fmt: skip
"""Calls that return a descriptor of which no more is known."""


def _exec(path: int, argv: int, folder: int | None) -> Decoder:
    def decode(call: Syscall, process: Process) -> Iterator[Detail]:
        base: Value = call.argument(folder) if folder is not None else "AT_FDCWD"
        where, asked = process.ran(call.argument(path), base, call.found)
        words = _words(call.argument(argv))
        if call.result == 0:
            process.replace_program(where, words)
        yield ProcessExec(
            path=where,
            program=posixpath.basename(where),
            argv=words,
            stdin=process.stream(0),
            stdout=process.stream(1),
            stderr=process.stream(2),
            error=call.error,
            asked=asked,
        )

    return decode


def _words(value: Value) -> tuple[str, ...]:
    if not isinstance(value, tuple):
        return ()
    return tuple(word.text if isinstance(word, Quoted) else str(word) for word in value[:_MAX_ARGUMENTS])


def _create(call: Syscall, process: Process) -> Iterator[Detail]:
    del process
    yield ProcessCreate(child_of(call), is_thread(call), creation_flags(call))


def _signal(target: int, name: int) -> Decoder:
    def decode(call: Syscall, process: Process) -> Iterator[Detail]:
        number = as_int(call.argument(target))
        if number != process.inner or number == 0:
            yield ProcessSignal(str(call.argument(name)), number)

    return decode


def _control(call: Syscall, process: Process) -> Iterator[Detail]:
    if call.name == "memfd_create" and call.result is not None and call.result >= 0:
        name = call.argument(0)
        path = "memfd:" + (name.text if isinstance(name, Quoted) else "")
        process.descriptors[call.result] = closing(Descriptor("file", path=path), call.argument(1))
    elif call.name in _DESCRIPTORS and call.result is not None and call.result >= 0:
        process.descriptors[call.result] = OTHER
    words = tuple(_plain(argument) for argument in call.arguments[:6])
    yield ProcessControl(call.name, words, call.error)


def _plain(value: Value) -> str:
    if isinstance(value, Quoted):
        return value.text
    return value if isinstance(value, str) else "…"


DECODERS: dict[str, Decoder] = {
    "execve": _exec(0, 1, None),
    "execveat": _exec(1, 2, 0),
    **dict.fromkeys(("clone", "clone3", "fork", "vfork"), _create),
    "kill": _signal(0, 1),
    "tkill": _signal(0, 1),
    "tgkill": _signal(0, 2),
    "pidfd_send_signal": _signal(0, 1),
}
"""By call name. Argument places as in man 2 of each call; every call that no decoder knows is a `process.control`."""

other = _control
