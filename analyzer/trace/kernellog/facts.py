"""Records that stand for themselves: TCP's states, clocks, io_uring's operations, and what was lost."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from analyzer.trace.kernellog.items import ClockRead, KernelItem, Lost, Submission, TcpState
from analyzer.trace.kernellog.records import Record
from analyzer.trace.kernellog.structures import ipv4, ipv6
from analyzer.trace.kernellog.tables import named
from analyzer.trace.strace import Unreadable

_STATE = struct.Struct("<HHHHII16s16s")
_CLOCK = struct.Struct("<I")
_LOST = struct.Struct("<Q")
_URING = struct.Struct("<IQ")
_NANOSECONDS = 1_000_000_000
_INET = 2


def state(record: Record) -> Iterator[KernelItem]:
    """A socket's change of state."""
    if len(record.payload) < _STATE.size:
        yield Unreadable(record.line)
        return
    family, _, own_port, port, old, new, own, peer = _STATE.unpack_from(record.payload)
    yield TcpState(
        pid=record.tid,
        time=record.time / _NANOSECONDS,
        family=named("family", family),
        old=named("tcp_state", old),
        new=named("tcp_state", new),
        local_address=_address(family, own),
        local_port=own_port,
        address=_address(family, peer),
        port=port,
        line=record.line,
    )


def _address(family: int, data: bytes) -> str:
    return (ipv4(data[:4]) if family == _INET else ipv6(data)).removeprefix("::ffff:")


def clock(record: Record) -> Iterator[KernelItem]:
    """A clock that was read through the C library."""
    if len(record.payload) < _CLOCK.size:
        yield Unreadable(record.line)
        return
    (number,) = _CLOCK.unpack_from(record.payload)
    yield ClockRead(record.tid, record.time / _NANOSECONDS, named("clock", number), record.line)


def lost(record: Record) -> Iterator[KernelItem]:
    """How many records were lost so far."""
    if len(record.payload) < _LOST.size:
        yield Unreadable(record.line)
        return
    yield Lost(_LOST.unpack_from(record.payload)[0], record.line)


def submission(record: Record) -> Iterator[KernelItem]:
    """An operation that the kernel took from a queue."""
    if len(record.payload) < _URING.size:
        yield Unreadable(record.line)
        return
    number, _ = _URING.unpack_from(record.payload)
    yield Submission(record.tid, record.time / _NANOSECONDS, named("uring", number), record.line)
