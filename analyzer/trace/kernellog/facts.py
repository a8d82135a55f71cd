"""Records that stand for themselves: TCP's states, clocks, io_uring's operations, and what was lost."""

from __future__ import annotations

import struct

from analyzer.trace.kernellog.items import ClockRead, KernelItem, Lost, Submission, TcpState
from analyzer.trace.kernellog.records import Record
from analyzer.trace.kernellog.structures import ipv4, ipv6
from analyzer.trace.kernellog.tables import hexadecimal, named
from analyzer.trace.logs.addresses import plain

STATE = struct.Struct("<HHHHII16s16s")
CLOCK = struct.Struct("<I")
LOST = struct.Struct("<Q")
URING = struct.Struct("<IQ")
"""What the records hold; a shorter one is none."""

_NANOSECONDS = 1_000_000_000
_INET = 2
_TCP = frozenset({6, 262})
"""IPPROTO_TCP, and IPPROTO_MPTCP, which has the same states."""


def state(record: Record) -> TcpState:
    """A socket's change of state. Of another protocol than TCP its number has no name, which tells of no connection."""
    family, protocol, own_port, port, old, new, own, peer = STATE.unpack_from(record.payload)
    return TcpState(
        pid=record.tid,
        time=record.time / _NANOSECONDS,
        family=named("family", family),
        old=named("tcp_state", old) if protocol in _TCP else hexadecimal(old),
        new=named("tcp_state", new) if protocol in _TCP else hexadecimal(new),
        local_address=_address(family, own),
        local_port=own_port,
        address=_address(family, peer),
        port=port,
        line=record.line,
    )


def _address(family: int, data: bytes) -> str:
    return ipv4(data[:4]) if family == _INET else plain(ipv6(data))


def clock(record: Record) -> list[KernelItem]:
    """A clock that was read through the C library."""
    (number,) = CLOCK.unpack_from(record.payload)
    return [ClockRead(record.tid, record.time / _NANOSECONDS, named("clock", number), record.line)]


def lost(record: Record) -> list[KernelItem]:
    """How many records were lost so far."""
    return [Lost(LOST.unpack_from(record.payload)[0], record.line)]


def submission(record: Record) -> list[KernelItem]:
    """An operation that the kernel took from a queue."""
    number, _ = URING.unpack_from(record.payload)
    return [Submission(record.tid, record.time / _NANOSECONDS, named("uring", number), record.line)]
