"""Somebody at a real pseudo-terminal, who sees what an emulator shows of it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.signals import heard
from tests.unit.explore.emulator import Emulator

SECONDS = 60.0
ROOT = Path(__file__).parents[3]


class User:
    """Starts a program in a session of its own, with the terminal as that session's."""

    def __init__(
        self, argv: Sequence[str], rows: int = 30, columns: int = 100, environment: Mapping[str, str] = os.environ
    ) -> None:
        self.master, self.slave = os.openpty()
        self.emulator = Emulator(rows, columns)
        self.seen = b""
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.slave)
        with heard():
            self.process = subprocess.Popen(
                ["setsid", "--ctty", *argv],
                stdin=self.slave,
                stdout=self.slave,
                stderr=self.slave,
                cwd=ROOT,
                env=environment,
            )

    def resize(self, rows: int, columns: int) -> None:
        """The kernel tells the program, which has the terminal."""
        self.emulator.screen.resize(rows, columns)
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def sees(self, text: str) -> str:
        """Waits until a row has the text; gives the row."""
        self.wait(lambda: any(text in row for row in self.emulator.rows), f"{text!r} does not show")
        return next(row for row in self.emulator.rows if text in row)

    def wait(self, come: Callable[[], bool], problem: str) -> None:
        until = time.monotonic() + SECONDS
        while not come():
            assert time.monotonic() < until, f"{problem}: {self.emulator.rows}"
            self.look()

    def look(self) -> None:
        if select.select([self.master], [], [], 0.05)[0]:
            data = os.read(self.master, 65536)
            self.seen += data
            self.emulator.feed(data)

    def ends(self) -> int:
        """Waits for the end; gives the exit status."""
        self.wait(lambda: self.process.poll() is not None, "it does not end")
        while select.select([self.master], [], [], 0)[0]:
            self.look()
        return self.process.wait()

    def goes_away(self) -> None:
        """Closes the terminal."""
        os.close(self.slave)
        os.close(self.master)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(OSError):
            self.goes_away()
