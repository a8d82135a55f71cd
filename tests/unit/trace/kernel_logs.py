"""Small binary logs for the tests, record by record, as the kernel tracer makes them."""

from __future__ import annotations

import struct
from typing import Any

from analyzer.trace.kernellog import read, records
from analyzer.trace.kernellog.items import KernelItem
from analyzer.trace.kernellog.tables import X86_64, call_numbers

START = 1_000_000_000_000
"""The first record's time: 1000 seconds after the epoch. The log's own clock began at the 900th."""

OFFSET = 900_000_000_000
AT_FDCWD = -100 & 0xFFFFFFFFFFFFFFFF
SOMEWHERE = 0x7FFF1000
Chunk = tuple[int, int, bytes]


def text(place: int, data: bytes) -> Chunk:
    return place, records.STRING, data


def again(place: int, data: bytes) -> Chunk:
    return place, records.STRING_AGAIN, data


def buffer(place: int, data: bytes) -> Chunk:
    return place, records.BUFFER, data


def sockaddr(place: int, data: bytes) -> Chunk:
    return place, records.SOCKADDR, data


def strings(place: int, *words: bytes) -> Chunk:
    return place, records.STRINGS, b"".join(word + b"\0" for word in words)


def structure(place: int, data: bytes) -> Chunk:
    return place, records.STRUCT, data


def iovec(place: int, data: bytes) -> Chunk:
    return place, records.IOVEC, data


def ints(place: int, *numbers: int) -> Chunk:
    return place, records.INTS, struct.pack(f"<{len(numbers)}i", *numbers)


def inet(port: int, address: str) -> bytes:
    return struct.pack("<H", 2) + struct.pack(">H4B8x", port, *map(int, address.split(".")))


class Log:
    """Records of process 10, which sees itself as 7, a tenth of a second apart unless told otherwise."""

    def __init__(self, machine: int = 1) -> None:
        self.blocks = [records.HEADER.pack(records.MARK, machine, OFFSET)]
        self.time = START

    @property
    def data(self) -> bytes:
        return b"".join(self.blocks)

    def items(self) -> list[KernelItem]:
        return list(read([self.data]))

    def record(self, kind: int, payload: bytes, pid: int = 10, tid: int = 0, inner: int = 7, flags: int = 0) -> Log:
        size = records.FIXED.size + len(payload)
        head = (size, kind, flags, self.time - OFFSET, pid, tid or pid, inner, inner)
        self.blocks.append(records.FIXED.pack(*head) + payload)
        self.time += 100_000_000
        return self

    def enter(self, name: str, *arguments: int, chunks: tuple[Chunk, ...] = (), arch: int = X86_64, **ids: Any) -> Log:
        return self.enter_number(number(name, arch), *arguments, chunks=chunks, arch=arch, **ids)

    def enter_number(
        self, nr: int, *arguments: int, chunks: tuple[Chunk, ...] = (), arch: int = X86_64, **ids: Any
    ) -> Log:
        registers = [value & 0xFFFFFFFFFFFFFFFF for value in arguments]
        registers += [0] * (6 - len(registers))
        return self.record(records.ENTER, struct.pack("<II6Q", nr, arch, *registers) + packed(chunks), **ids)

    def exit(self, name: str, result: int, *chunks: Chunk, arch: int = X86_64, **ids: Any) -> Log:
        payload = struct.pack("<IIq", number(name, arch), arch, result) + packed(chunks)
        return self.record(records.EXIT, payload, **ids)

    def call(
        self, name: str, *arguments: int, result: int = 0, chunks: tuple[Chunk, ...] = (), after: tuple[Chunk, ...] = (),
        **ids: Any,
    ) -> Log:  # fmt: skip
        return self.enter(name, *arguments, chunks=chunks, **ids).exit(name, result, *after, **ids)

    def fork(self, child: int, inner: int, *, tid: int = 0, flags: int = 17, thread: bool = False, **ids: Any) -> Log:
        pid = ids.get("pid", 10)
        payload = struct.pack("<IIIIQ", pid if thread else child, child, 7 if thread else inner, inner, flags)
        return self.record(records.FORK, payload, tid=tid, **ids)

    def program(self, *chunks: Chunk, **ids: Any) -> Log:
        return self.record(records.EXEC, packed(chunks), **ids)

    def end(
        self, status: int = 0, signal: int = 0, *, last: bool = True, used: int = 0, memory: int = 0, **ids: Any
    ) -> Log:
        return self.record(records.TASK_EXIT, struct.pack("<IIQQ", status << 8 | signal, last, used, memory), **ids)

    def state(
        self,
        old: int,
        new: int,
        own: tuple[str, int] = ("127.0.0.1", 0),
        peer: tuple[str, int] = ("0.0.0.0", 0),
        **ids: Any,
    ) -> Log:
        addresses = [bytes(map(int, where.split("."))).ljust(16, b"\0") for where, _ in (own, peer)]
        payload = struct.pack("<HHHHII", 2, 6, own[1], peer[1], old, new) + b"".join(addresses)
        return self.record(records.SOCKET_STATE, payload, **ids)

    def clock(self, number: int, **ids: Any) -> Log:
        return self.record(records.CLOCK_READ, struct.pack("<I", number), **ids)

    def lost(self, count: int) -> Log:
        return self.record(records.LOST, struct.pack("<Q", count), pid=0)

    def started(self, command: bytes = b"/usr/bin/python") -> Log:
        """The phase's command runs now."""
        return self.started_in(10, command)

    def started_in(self, pid: int, command: bytes) -> Log:
        argv = strings(1, b"python")
        self.enter("execve", SOMEWHERE, SOMEWHERE, SOMEWHERE, chunks=(text(0, command), argv), pid=pid)
        return self.program(text(0, command), argv, pid=pid).exit("execve", 0, pid=pid)


def number(name: str, arch: int = X86_64) -> int:
    return call_numbers({1: "x86_64", 2: "i386", 3: "x32", 4: "aarch64"}[arch])[name]


def packed(chunks: tuple[Chunk, ...]) -> bytes:
    return b"".join(records.CHUNK.pack(place, type_, len(data)) + data for place, type_, data in chunks)
