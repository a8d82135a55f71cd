"""The terminal of a session where the package has a container to itself: the engine makes it there, and this carries what goes through."""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from analyzer.sandbox.docker.images import ENGINE_ERRORS
from analyzer.sandbox.docker.onterminal import OnTerminal, execute_on_terminal
from analyzer.sandbox.session.exploring import Exploring

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

_OUTPUT: Final = "output"
"""The supervisor's pipe for what a command says, in its run folder (`probes/hood/remote.py`)."""

_PIECE: Final = 16 * 1024
_TICK: Final = 0.5


class Terminals:
    """Starts a session's command on a terminal of the engine's. `folder` is the supervisor's run folder."""

    def __init__(self, client: DockerClient, folder: Path, user: Exploring) -> None:
        self._client = client
        self._folder = folder
        self._user = user
        self._over = threading.Event()

    def execute(self, container: Container, command: list[str], user: str) -> Callable[[], tuple[int, str]]:
        """Starts the command and gives its terminal to the user; gives what waits for its end, as `engine.execute` does."""
        started = execute_on_terminal(self._client, container, command, user)
        theirs, ours = socket.socketpair()
        typing = threading.Thread(target=_pass_keys, args=(ours, started.stream), daemon=True, name="keys")
        typing.start()
        self._user.begin(theirs, started.resize, partial(_hang_up, started))
        return partial(self._wait, started, ours, typing)

    def close(self) -> None:
        """Has nobody wait any longer for a user who does not read."""
        self._over.set()

    def _wait(self, started: OnTerminal, ours: socket.socket, typing: threading.Thread) -> tuple[int, str]:
        """Carries what the terminal says, to the user and into the record, to its end."""
        try:
            with suppress(OSError), _Copy(self._folder / _OUTPUT) as copy:
                while piece := started.stream.recv(_PIECE):
                    copy.write(piece)
                    self._tell(ours, piece)
        finally:
            with suppress(OSError):
                ours.shutdown(socket.SHUT_RDWR)
            typing.join()
            ours.close()
            started.close()
        return started.status(), ""

    def _tell(self, ours: socket.socket, piece: bytes) -> None:
        """Waits for a user who does not read, as the terminal's programs then do, but not beyond the session's end."""
        while piece and not self._over.is_set():
            if not select.select([], [ours], [], _TICK)[1]:
                continue
            try:
                piece = piece[ours.send(piece, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL) :]
            except BlockingIOError:
                continue
            except OSError:
                return  # nobody is there any more


class _Copy:
    """The record's copy of what is said: the supervisor reads it from a pipe, and bounds it."""

    def __init__(self, pipe: Path) -> None:
        self._pipe: int | None = None
        with suppress(OSError):  # the supervisor is gone
            self._pipe = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None

    def write(self, data: bytes) -> None:
        """Adds to it; waits for the supervisor, as long as that is there."""
        while data and self._pipe is not None:
            try:
                data = data[os.write(self._pipe, data) :]
            except BlockingIOError:
                select.select([], [self._pipe], [], _TICK)
            except OSError:
                self.__exit__()


def _pass_keys(ours: socket.socket, stream: Any) -> None:
    """Carries what is typed, until one of both sides is gone."""
    with suppress(OSError):
        while piece := ours.recv(_PIECE):
            stream.sendall(piece)


def _hang_up(started: OnTerminal) -> None:
    """Tells the command that its terminal is gone, where this user may; whoever hangs up has it ended a moment later in any case."""
    with suppress(OSError, *ENGINE_ERRORS):
        os.kill(started.number(), signal.SIGHUP)
