"""A run whose package is the user's to try: where the supervisor finds him, and what is given to him when the terminal is there."""

from __future__ import annotations

import json
import os
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from analyzer.model.exploration import Session
from analyzer.sandbox.interface import Manner
from analyzer.sandbox.session.attached import Attached
from analyzer.sandbox.session.orders import Orders
from analyzer.sandbox.session.terminal import Attach
from analyzer.sandbox.signals import deferred_signals
from analyzer.sandbox.workspace import Workspace

BYTES: Final = "bytes"
ORDERS: Final = "orders"
"""Names of the two sockets, as in `probes/hood/link.py`."""

FOLDER: Final = "/srv/terminal"
"""Where the supervisor finds them inside the embedded sandbox."""

_LEAVE_SECONDS: Final = 10.0
"""How long the user's side may take to notice the end."""


class Exploring:
    """The sockets of one run, and the user's terminal as soon as there is one."""

    def __init__(self, space: Workspace, attach: Attach) -> None:
        self._record = space.record
        self._attach = attach
        space.terminal.mkdir(mode=0o700)
        self._listening = {name: _listen(space.terminal, name, kind) for name, kind in _KINDS.items()}
        self._stopped, self._stop = os.pipe()
        self._connections: dict[str, socket.socket] = {}
        self._orders: Orders | None = None
        self._terminal: Attached | None = None
        self._user: threading.Thread | None = None
        self._waiting = threading.Thread(target=self._serve, daemon=True, name="session")

    def start(self) -> None:
        """Begins to wait for the supervisor."""
        with deferred_signals():
            self._waiting.start()

    def begin(self, stream: socket.socket, resized: Callable[[int, int], None], hung_up: Callable[[], None]) -> None:
        """Gives the user a terminal that the engine has made. Afterwards the stream is not the caller's any more."""
        if self._orders is None:
            stream.close()
            return
        self._begin(Attached(stream, self._orders, self._record, resized, hung_up))

    def close(self) -> None:
        """Ends what is left, once the session is over or lost, and waits for the user's side to notice."""
        os.close(self._stop)
        if self._waiting.ident is not None:
            self._waiting.join()
        os.close(self._stopped)
        if self._user is not None and self._terminal is not None:
            self._user.join(_LEAVE_SECONDS)
            self._terminal.end()
            self._user.join(_LEAVE_SECONDS)
            if not self._user.is_alive():
                self._terminal.close()
        for connection in (*self._listening.values(), *self._connections.values()):
            connection.close()

    def _serve(self) -> None:
        """Waits for the supervisor's two connections, and then for the word that the session has begun."""
        while self._listening:
            waited: list[socket.socket | int] = [*self._listening.values(), self._stopped]
            ready = select.select(waited, [], [])[0]
            if self._stopped in ready:
                return
            for name in [name for name, one in self._listening.items() if one in ready]:
                self._connections[name] = self._listening[name].accept()[0]
                self._listening.pop(name).close()
        orders = self._connections[ORDERS]
        self._orders = Orders(orders)
        waited = [orders, self._stopped]
        while self._stopped not in select.select(waited, [], [])[0]:
            try:
                packet = orders.recv(4096)
            except ConnectionResetError:  # the supervisor was killed before it had read everything
                return
            if not packet:
                return
            if json.loads(packet).get("begun") and self._terminal is None:
                self._begin(Attached(self._connections.pop(BYTES), self._orders, self._record))

    def _begin(self, terminal: Attached) -> None:
        self._terminal = terminal
        self._user = threading.Thread(target=self._attach, args=(terminal,), daemon=True, name="user")
        self._user.start()


@contextmanager
def exploring(space: Workspace, manner: Manner) -> Iterator[Exploring | None]:
    """What a run's session needs, for the block; nothing where the run has none."""
    if manner.session is None:
        yield None
        return
    found = Exploring(space, manner.attach or _hang_up)
    try:
        found.start()
        yield found
    finally:
        found.close()


def plan(session: Session | None, folder: str) -> dict[str, Any]:
    """What the supervisor is told of a session (`probes/hood/plan.py`); `folder` is where it finds the sockets."""
    if session is None:
        return {}
    return {
        "opened": session.opened,
        "command": session.command,
        "rows": session.rows,
        "columns": session.columns,
        "folder": folder,
    }


def _hang_up(terminal: object) -> None:
    """Nobody is there."""
    if isinstance(terminal, Attached):
        terminal.hang_up()


_KINDS: Final = {BYTES: socket.SOCK_STREAM, ORDERS: socket.SOCK_SEQPACKET}


def _listen(folder: Path, name: str, kind: int) -> socket.socket:
    """A listening socket in a folder, whose path may be longer than a socket's name can be (unix(7))."""
    listening = socket.socket(socket.AF_UNIX, kind)
    place = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        listening.bind(f"/proc/self/fd/{place}/{name}")
        listening.listen(1)
    finally:
        os.close(place)
    return listening
