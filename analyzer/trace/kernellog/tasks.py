"""Records of new tasks: what the kernel told of a new task, and what the call that made it asked for."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

from analyzer.trace.kernellog.items import KernelItem
from analyzer.trace.kernellog.raw import Raw
from analyzer.trace.kernellog.records import STRUCT, Record
from analyzer.trace.logs.births import Born
from analyzer.trace.logs.strace import Syscall

FORK = struct.Struct("<IIIIQ")
"""What such a record holds; a shorter one is none."""

_NANOSECONDS = 1_000_000_000
_SHARES_PLACE, _SHARES_FILES = 0x200, 0x400
"""CLONE_FS and CLONE_FILES (linux/sched.h)."""


class Child(NamedTuple):
    """A new task: process and thread in the log's numbering, and as its maker sees it."""

    pid: int
    tid: int
    inner: int


def child(record: Record) -> Child:
    """The task that a record tells of."""
    pid, tid, _, inner, _ = FORK.unpack_from(record.payload)
    return Child(pid, tid, inner)


def flags_of(raw: Raw) -> int:
    """The flags that a call asked for; of clone3 those in its caller's memory, 0 where that could not be read."""
    if raw.name == "clone":
        return raw.word(0)
    if raw.name == "clone3":
        return int.from_bytes((raw.chunk(0, STRUCT) or b"")[:8], "little")
    return 0


def born(maker: Record, new: Child, flags: int) -> Born:
    """The birth; `maker` is the record of the call, or of the task itself where there is no call."""
    return Born(
        pid=maker.tid,
        time=maker.time / _NANOSECONDS,
        child=new.tid,
        inner=new.inner,
        thread=new.pid == maker.pid,
        shares_files=bool(flags & _SHARES_FILES),
        shares_place=bool(flags & _SHARES_PLACE),
        line=maker.line,
    )


def unexplained(record: Record, new: Child) -> Sequence[KernelItem]:
    """The birth of a task that no call explains, and a call that tells of it."""
    call = Syscall(
        pid=record.tid,
        time=record.time / _NANOSECONDS,
        name="clone",
        arguments=(),
        result=new.inner,
        error="",
        injected=False,
        line=record.line,
        tracer_result=new.tid if new.tid != new.inner else None,
        duration=0.0,
        inner=record.inner_pid,
    )
    return [born(record, new, 0), call]
