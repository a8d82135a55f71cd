"""The log's bytes, cut into records.

All numbers are little-endian without padding. The header: the mark `FHK1`, a machine (1 x86-64, 2 aarch64), and the
nanoseconds between the kernel's clock and the epoch. A record: its size, kind, flags, time in nanoseconds, process and
thread in the host's numbering and in that of the task's own process namespace, and what its kind adds. Sizes and kinds are
those of `probes/kernel/record.h`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

MARK = b"FHK1"
HEADER = struct.Struct("<4sIQ")
FIXED = struct.Struct("<IHHQIIII")
CHUNK = struct.Struct("<BBH")

ENTER, EXIT, FORK, EXEC, TASK_EXIT, SOCKET_STATE, CLOCK_READ, LOST, IO_URING = range(1, 10)
"""Kinds of records."""

STRING, BUFFER, SOCKADDR, STRINGS, STRUCT, IOVEC, STRING_AGAIN, INTS, CONTROL, NAMES = range(1, 11)
"""Types of chunks: what an argument points at; `NAMES` are those of the place of what the call gave."""

RESULT: Final = 6
"""In place of an argument: what the call gave."""

CUT: Final = 1
"""The flag of a record in which something was longer than what was read of it."""

UNREAD: Final = 2
"""The flag of a record in which something of the task's memory could not be read."""

AT_EXIT: Final = 4
"""The flag of an entry that is told when the call returns: the kernel refused it before, or it began before the recording."""

_MAX_RECORD = 65536
_MAX_CHUNKS = 256
_LATEST = 2**63


class Record(NamedTuple):
    """One record. `time` is in nanoseconds since the epoch, `line` counts records from 1.

    A record of kind 0 stands for bytes that are none.
    """

    kind: int
    flags: int
    time: int
    pid: int
    tid: int
    inner_pid: int
    payload: bytes
    line: int


Chunk = tuple[int, int, bytes]
"""Argument's place, type, bytes."""


def split(blocks: Iterable[bytes]) -> Iterator[Record]:
    """The records of a log. Where its structure is broken, the last one given is of kind 0: what follows has no beginning."""
    rest = bytearray()
    need = HEADER.size
    offset: int | None = None
    line = 0
    for block in blocks:
        rest += block
        if len(rest) < need:
            continue
        data = bytes(rest)
        place = 0
        if offset is None:
            mark, _, offset = HEADER.unpack_from(data)
            place = HEADER.size
            if mark != MARK:
                yield _broken(1)
                return
        end = len(data)
        while (need := FIXED.size) <= end - place:
            need, kind, flags, time, pid, tid, inner_pid, _ = FIXED.unpack_from(data, place)
            if not FIXED.size <= need <= _MAX_RECORD:
                yield _broken(line + 1)
                return
            if need > end - place:
                break
            line += 1
            time += offset
            if time > _LATEST:
                time = _LATEST
            payload = data[place + FIXED.size : place + need]
            yield Record(kind, flags, time, pid, tid, inner_pid, payload, line)
            place += need
        rest = bytearray(data[place:])
    if rest or offset is None:
        yield _broken(line + 1)


def _broken(line: int) -> Record:
    return Record(0, 0, 0, 0, 0, 0, b"", line)


def chunks(payload: bytes, place: int) -> tuple[list[Chunk], bool]:
    """The chunks from a place on, and whether they reach just to the record's end."""
    found: list[Chunk] = []
    end = len(payload)
    while place + CHUNK.size <= end and len(found) < _MAX_CHUNKS:
        index, type_, length = CHUNK.unpack_from(payload, place)
        place += CHUNK.size
        if length > end - place:
            return found, False
        found.append((index, type_, payload[place : place + length]))
        place += length
    return found, place == end
