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


class Splitter:
    """Cuts a log that comes in blocks of any size. Where its structure is broken, the last record given is of kind 0.

    What follows that has no beginning, so nothing more is given.
    """

    def __init__(self) -> None:
        self._rest = bytearray()
        self._need = HEADER.size
        self._offset: int | None = None
        self._line = 0
        self._is_broken = False

    def take(self, block: bytes) -> Iterator[Record]:
        """The records that end in the next block."""
        if self._is_broken:
            return
        self._rest += block
        if len(self._rest) < self._need:
            return
        data = bytes(self._rest)
        place, line = 0, self._line
        if self._offset is None:
            mark, _, self._offset = HEADER.unpack_from(data)
            place = HEADER.size
            if mark != MARK:
                yield self._broken(1)
                return
        end, offset = len(data), self._offset
        while (need := FIXED.size) <= end - place:
            need, kind, flags, time, pid, tid, inner_pid, _ = FIXED.unpack_from(data, place)
            if not FIXED.size <= need <= _MAX_RECORD:
                yield self._broken(line + 1)
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
        self._line, self._need = line, need
        self._rest = bytearray(data[place:])

    def end(self) -> Iterator[Record]:
        """What stands for bytes that are left, once the log is over."""
        if not self._is_broken and (self._rest or self._offset is None):
            yield self._broken(self._line + 1)

    def _broken(self, line: int) -> Record:
        self._is_broken = True
        return Record(0, 0, 0, 0, 0, 0, b"", line)


def split(blocks: Iterable[bytes]) -> Iterator[Record]:
    """The records of a log, as `Splitter` gives them."""
    splitter = Splitter()
    for block in blocks:
        yield from splitter.take(block)
    yield from splitter.end()


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
