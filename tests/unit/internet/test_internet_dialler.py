"""A call of a listening socket, and what is recorded of it."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

from internet.dialler import Dialler
from internet.listeners import Listener

from tests.unit.internet.talking import lines, make_services

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


class Unmarked(socket.socket):
    """A socket that may be made without the right to mark it."""

    def setsockopt(self, *arguments: Any) -> None:
        if arguments[1] != socket.SO_MARK:
            super().setsockopt(*arguments)


def call(monkeypatch: pytest.MonkeyPatch, folder: Path, server: socket.socket) -> dict[str, Any]:
    monkeypatch.setattr("internet.dialler.socket.socket", Unmarked)
    one = Dialler(make_services(folder), frozenset())
    asyncio.run(one._call(Listener("127.0.0.1", server.getsockname()[1], 1)))
    (dial,) = lines(folder, "dial")
    return dial


def test_a_server_that_ends_at_once_was_called_from_an_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The capture shows the connection, which is known as the dialler's by that address alone."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()

    async def sock_connect(self: Any, line: socket.socket, address: Any) -> None:
        server.close()  # which resets what nobody accepted
        raise ConnectionResetError(104, "Connection reset by peer")

    monkeypatch.setattr("asyncio.selector_events.BaseSelectorEventLoop.sock_connect", sock_connect)
    dial = call(monkeypatch, tmp_path, server)
    assert not dial["connected"]
    assert dial["source"][0] == "127.0.0.1"
    assert dial["source"][1]


def test_an_answer_is_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        monkeypatch.setattr("internet.dialler.DIAL_WAIT", 0.2)
        dial = call(monkeypatch, tmp_path, server)
    assert (dial["connected"], dial["received"], dial["detail"]) == (True, 0, "")


def test_a_refusal_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))  # and does not listen
        dial = call(monkeypatch, tmp_path, server)
    assert not dial["connected"]
    assert dial["detail"]
