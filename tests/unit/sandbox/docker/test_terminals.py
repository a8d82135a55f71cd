"""A terminal of the engine's: what it says goes to the user and into the record, and what is typed goes to it."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from analyzer.sandbox.docker import terminals
from analyzer.sandbox.docker.terminals import Terminals


class Engine:
    """A command on a terminal, whose other end the test has."""

    def __init__(self) -> None:
        self.stream, self.command = socket.socketpair()
        self.closed = False

    def resize(self, rows: int, columns: int) -> None:
        raise AssertionError

    def status(self) -> int:
        return 7

    def close(self) -> None:
        self.closed = True
        self.stream.close()


class User:
    """Gets the terminal's other end."""

    def begin(self, stream: socket.socket, resized: Any, hung_up: Any) -> None:
        self.stream = stream


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    found = Engine()
    monkeypatch.setattr(terminals, "execute_on_terminal", lambda *arguments: found)
    return found


def started(tmp_path: Path, user: User) -> tuple[Terminals, Any]:
    made: Any = Terminals(None, tmp_path, user)  # type: ignore[arg-type]
    return made, made.execute(None, [], "1000")


def test_both_ways_and_the_end(tmp_path: Path, engine: Engine) -> None:
    user = User()
    os.mkfifo(tmp_path / "output")
    output = os.open(tmp_path / "output", os.O_RDONLY | os.O_NONBLOCK)
    _, wait = started(tmp_path, user)
    user.stream.sendall(b"keys")
    engine.command.settimeout(20)
    assert engine.command.recv(10) == b"keys"
    engine.command.sendall(b"words")
    engine.command.close()
    assert wait() == (7, "")
    assert user.stream.recv(10) == b"words"
    assert user.stream.recv(10) == b""
    assert os.read(output, 10) == b"words"
    assert engine.closed
    user.stream.close()
    os.close(output)


def test_a_user_who_does_not_read_is_waited_for_until_the_session_is_over(tmp_path: Path, engine: Engine) -> None:
    user = User()
    made, wait = started(tmp_path, user)
    engine.command.setblocking(False)
    thread = threading.Thread(target=wait)
    thread.start()
    sent = 0
    while sent < 100_000_000:
        try:
            sent += engine.command.send(b"w" * 65536)
        except BlockingIOError:
            thread.join(0.3)
            try:
                sent += engine.command.send(b"w")
            except BlockingIOError:
                break
    assert sent < 10_000_000
    made.close()
    engine.command.close()
    thread.join(20)
    assert not thread.is_alive()
    user.stream.close()
