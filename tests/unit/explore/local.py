"""A session without a sandbox: the Terminal of a program on a pseudo-terminal of this machine."""

from __future__ import annotations

import fcntl
import io
import os
import signal
import struct
import subprocess
import tarfile
import termios
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from analyzer.errors import SandboxError


class LocalTerminal:
    """Runs a program until it ends or is hung up. `put` and `get` are about a folder, and say no to any path with "missing" in it."""

    def __init__(self, argv: Sequence[str], folder: Path, rows: int = 24, columns: int = 80) -> None:
        self.record = folder
        self.sizes: list[tuple[int, int]] = []
        self.hung_up = 0
        self.taken: dict[str, bytes] = {}
        self.backlog = 0
        self.read_fd, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            ["setsid", "--ctty", "--wait", *argv],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={"PATH": os.environ["PATH"], "TERM": "xterm"},
        )
        os.close(slave)

    def write(self, data: bytes) -> None:
        os.write(self.read_fd, data)

    def resize(self, rows: int, columns: int) -> None:
        self.sizes.append((rows, columns))
        fcntl.ioctl(self.read_fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def hang_up(self) -> None:
        self.hung_up += 1
        if self.process.poll() is None:
            subprocess.run(["pkill", "-HUP", "-s", str(self.process.pid), "."], check=False)
            self.process.send_signal(signal.SIGHUP)

    def put(self, name: str, tar: BinaryIO) -> None:
        if "missing" in name:
            raise SandboxError(f"{name}: there is no such folder")
        with tarfile.open(fileobj=tar) as archive:
            for member in archive:
                content = archive.extractfile(member)
                self.taken[f"{name}|{member.name}"] = content.read() if content is not None else b""

    def get(self, path: str, most_bytes: int) -> BinaryIO:
        if "missing" in path:
            raise SandboxError(f"{path}: there is no such file")
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            tar.add(self.record / path, Path(path).name)
        archive.seek(0)
        return archive

    def close(self) -> None:
        self.hang_up()
        self.process.wait(timeout=10)
        os.close(self.read_fd)
