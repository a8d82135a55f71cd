"""A watched namespace of the test's own, and a reader of raw logs that shares nothing with the analyzer's."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from analyzer.trace.kernellog.tables import X86_64, call_numbers

CHECKOUT = Path(__file__).resolve().parents[2]
NEEDS = [
    pytest.mark.embedded,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may load programs into the kernel"),
    pytest.mark.skipif(not Path("/sys/kernel/btf/vmlinux").exists(), reason="this kernel has no types (BTF)"),
]
"""Marks of the tests that load the programs."""

ENTER, EXIT, FORK, EXEC, TASK_EXIT, SOCKET, CLOCK, LOST = range(1, 9)
STRING, BUFFER, SOCKADDR, STRINGS, STRUCT, IOVEC, AGAIN, INTS, CONTROL = range(1, 10)
_FIXED = {ENTER: 56, EXIT: 16, EXEC: 0}


def built(folder: Path) -> Path:
    """The object, built from the sources that are here now."""
    program = folder / "tracer.bpf.o"
    subprocess.run([CHECKOUT / "probes" / "kernel" / "build", program], check=True)
    return program


@dataclass
class Record:
    kind: int
    flags: int
    ids: tuple[int, int, int, int]
    payload: bytes
    chunks: list[tuple[int, int, bytes]] = field(default_factory=list)

    @property
    def nr(self) -> int:
        return struct.unpack_from("<I", self.payload)[0]

    @property
    def arch(self) -> int:
        return struct.unpack_from("<I", self.payload, 4)[0]

    @property
    def result(self) -> int:
        return struct.unpack_from("<q", self.payload, 8)[0]

    def text(self, kind: int) -> list[bytes]:
        return [content for _, type_, content in self.chunks if type_ == kind]


class Log:
    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        self.magic, self.machine, self.offset = struct.unpack_from("<4sIQ", data)
        self.records: list[Record] = []
        at = 16
        while at < len(data):
            size, kind, flags, _, *ids = struct.unpack_from("<IHHQIIII", data, at)
            assert 32 <= size <= len(data) - at
            record = Record(kind, flags, tuple(ids), data[at + 32 : at + size])
            if kind in _FIXED:
                self._cut(record, _FIXED[kind])
            self.records.append(record)
            at += size

    @staticmethod
    def _cut(record: Record, place: int) -> None:
        while place < len(record.payload):
            index, kind, length = struct.unpack_from("<BBH", record.payload, place)
            content = record.payload[place + 4 : place + 4 + length]
            assert len(content) == length
            record.chunks.append((index, kind, content))
            place += 4 + length

    def of(self, kind: int) -> list[Record]:
        return [record for record in self.records if record.kind == kind]

    def calls(self, name: str, kind: int = ENTER) -> list[Record]:
        number = call_numbers(os.uname().machine)[name]
        return [record for record in self.of(kind) if record.nr == number and record.arch in {X86_64, 4}]


class Sandbox:
    """A process tree in namespaces of its own, of which nothing runs before `go`."""

    def __init__(self, *program: str) -> None:
        wait = 'echo; read go; exec "$@"'
        self._process = subprocess.Popen(
            ["unshare", "--fork", "--pid", "--net", "--mount-proc", "sh", "-c", wait, "sh", *program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout
        assert self._process.stdout.readline() == b"\n"
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        self.pid = int(children[0])
        self.pid_namespace = os.stat(f"/proc/{self.pid}/ns/pid").st_ino
        self.network_namespace = os.stat(f"/proc/{self.pid}/ns/net").st_ino

    def go(self) -> bytes:
        """Run the program to its end; gives what it printed."""
        output, _ = self._process.communicate(b"go\n", timeout=60)
        return output

    def start(self) -> None:
        """Let the program run, and do not wait for it."""
        assert self._process.stdin
        self._process.stdin.write(b"go\n")
        self._process.stdin.flush()

    def line(self) -> str:
        """The next line that the program prints, once it is started."""
        assert self._process.stdout
        return self._process.stdout.readline().decode()

    def kill(self) -> None:
        """End it from outside, whatever it does."""
        os.kill(self.pid, signal.SIGKILL)
        self._process.communicate(timeout=60)
