"""The session's side of `fumehood cp`: a socket that takes requests as long as the session lasts."""

from __future__ import annotations

import os
import selectors
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from socket import socket
from typing import BinaryIO, Final, cast

from analyzer.errors import SandboxError
from analyzer.explore.wire import MOST_BYTES, Answer, Channel, CutError, open_socket
from analyzer.sandbox.session.terminal import Terminal

_PATIENCE_SECONDS: Final = 30.0
"""How long the other end may say nothing."""

_SPOOL_BYTES: Final = 1024 * 1024


class Copying:
    """Listens at a path from the begin of a session to its end. One request is answered after the other."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def __call__(self, terminal: Terminal) -> Iterator[None]:
        """Answers requests within the block. Raises OSError where the socket cannot be made."""
        over, ending = os.pipe()
        thread = None
        try:
            with closing(open_socket(self._path, listening=True)) as listening:
                thread = threading.Thread(target=_serve, args=(listening, over, terminal), daemon=True, name="copying")
                thread.start()
                yield
                os.write(ending, b"\0")
                thread.join(timeout=1.0)
        finally:
            self._path.unlink(missing_ok=True)
            os.close(ending)
            if thread is None or not thread.is_alive():
                os.close(over)


def _serve(listening: socket, over: int, terminal: Terminal) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(listening, selectors.EVENT_READ)
        selector.register(over, selectors.EVENT_READ)
        while all(key.fileobj is not over for key, _ in selector.select()):
            connection, _ = listening.accept()
            connection.settimeout(_PATIENCE_SECONDS)
            _answer(connection, terminal)


def _answer(connection: socket, terminal: Terminal) -> None:
    """One request. Whoever asks and goes away costs nobody anything."""
    with closing(Channel(connection)) as channel:
        try:
            request = channel.hear_request()
            if request.do == "put":
                _put(channel, request.path, terminal)
            else:
                _get(channel, request.path, terminal)
        except (OSError, CutError):
            return


def _put(channel: Channel, path: str, terminal: Terminal) -> None:
    with tempfile.SpooledTemporaryFile(_SPOOL_BYTES) as archive:
        stream = cast("BinaryIO", archive)
        channel.receive(stream)
        try:
            terminal.put(path, stream)
        except SandboxError as error:
            channel.say(Answer(error=str(error)))
        else:
            channel.say(Answer())


def _get(channel: Channel, path: str, terminal: Terminal) -> None:
    try:
        archive = terminal.get(path, MOST_BYTES)
    except SandboxError as error:
        channel.say(Answer(error=str(error)))
        return
    with closing(archive):
        channel.say(Answer())
        channel.send(archive)
