"""A call of a listening socket, and what is recorded of it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any

import pytest
from internet.authority import Authority
from internet.calls import answer_to
from internet.dialler import Dialler
from internet.listeners import Listener

from tests.unit.internet.talking import lines, make_services

if TYPE_CHECKING:
    from pathlib import Path


class Unmarked(socket.socket):
    """A socket that may be made without the right to mark it."""

    def setsockopt(self, *arguments: Any) -> None:
        if arguments[1] != socket.SO_MARK:
            super().setsockopt(*arguments)


def call(monkeypatch: pytest.MonkeyPatch, folder: Path, server: socket.socket) -> list[dict[str, Any]]:
    monkeypatch.setattr("internet.dialler.socket.socket", Unmarked)
    one = Dialler(make_services(folder), frozenset())
    asyncio.run(one._call(Listener("127.0.0.1", server.getsockname()[1], 1)))
    return lines(folder, "dial")


def test_a_server_that_ends_at_once_was_called_from_an_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The capture shows the connection, which is known as the dialler's by that address alone."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()

    async def sock_connect(self: Any, line: socket.socket, address: Any) -> None:
        server.close()  # which resets what nobody accepted
        raise ConnectionResetError(104, "Connection reset by peer")

    monkeypatch.setattr("asyncio.selector_events.BaseSelectorEventLoop.sock_connect", sock_connect)
    (dial,) = call(monkeypatch, tmp_path, server)
    assert not dial["connected"]
    assert dial["source"][0] == "127.0.0.1"
    assert dial["source"][1]


def test_a_server_that_says_nothing_is_called_again_with_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        monkeypatch.setattr("internet.calls.DIAL_WAIT", 0.1)
        plainly, with_tls = call(monkeypatch, tmp_path, server)
        first, second = (server.accept()[0] for _ in range(2))
        with first, second:
            assert first.recv(100) == b"GET / HTTP/1.0\r\n\r\n"
            assert second.recv(100)[:2] == b"\x16\x03"
    assert (plainly["connected"], plainly["received"], plainly["detail"]) == (True, 0, "")
    assert with_tls["connected"]
    assert plainly["source"] != with_tls["source"]


@pytest.mark.parametrize(
    ("greeting", "answer"),
    [
        (b"SSH-2.0-x\r\n", b"SSH-2.0-"),
        (b"220 vsFTPd\r\n", b"USER "),
        (b"220 mail.example ESMTP\r\n", b"EHLO "),
        (b"* OK ready\r\n", b"a1 "),
        (b"Welcome\nlogin: ", b"admin\r\n"),
        (b"\x00\x01", b"GET / "),
        (b"", b"GET / "),
    ],
)
def test_a_greeting_is_answered_in_its_own_protocol(greeting: bytes, answer: bytes) -> None:
    assert answer_to(greeting).startswith(answer)


def test_a_server_of_tls_is_heard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It sends an alert, or nothing, to a plain request; its handler is called with the second one."""
    heard: list[bytes] = []

    def serve(server: socket.socket, context: ssl.SSLContext) -> None:
        for _ in range(2):
            line, _ = server.accept()
            with line, contextlib.suppress(OSError), context.wrap_socket(line, server_side=True) as inner:
                heard.append(inner.recv(100))
                inner.sendall(b"hello")

    with socket.create_server(("127.0.0.1", 0)) as server:
        context = Authority().context("localhost", "127.0.0.1")
        thread = threading.Thread(target=serve, args=(server, context))
        thread.start()
        dials = call(monkeypatch, tmp_path, server)
        thread.join()
    assert heard == [b"GET / HTTP/1.0\r\n\r\n"]
    assert [(dial["received"], dial["detail"]) for dial in dials[1:]] == [(5, "called with TLS")]


def test_a_refusal_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))  # and does not listen
        (dial,) = call(monkeypatch, tmp_path, server)
    assert not dial["connected"]
    assert dial["detail"]
