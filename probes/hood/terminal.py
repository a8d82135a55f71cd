"""The terminal of a session: a pseudo-terminal that the supervisor makes, and what goes between it and the user's.

Nothing here waits for anybody: while the user's side does not read, the terminal is not read either, so that its programs wait and the
supervisor does not; what is typed is taken only as fast as those programs take it.
"""

from __future__ import annotations

import fcntl
import os
import select
import socket
import struct
import termios
import time

from hood import copying
from hood.beside import Beside
from hood.command import Streams
from hood.link import Link, Order
from hood.plan import Plan

_MOST = 64 * 1024
"""Bytes that wait here, in each direction."""

_LAST_SECONDS = 2.0
"""How long the user's side may take for the last of what was said."""

_CONTROLLING = ["setsid", "--ctty", "--wait"]
"""Before the command, inside of its walls: a session of its own, whose controlling terminal is its standard input (setsid(1)).

Job control and Ctrl-C need that, and nothing outside of the walls gets a terminal by it.
"""


class Terminal(Beside):
    """A session's terminal. `ours` is whether the supervisor makes it; else the engine does, and only orders come here."""

    has_terminal = True

    def __init__(self, plan: Plan, link: Link, size: tuple[int, int], *, ours: bool) -> None:
        self.size = size
        self.gone = False
        self._plan = plan
        self._link = link
        self._ours = ours
        self._master: int | None = None
        self._said = bytearray()
        self._typed = bytearray()
        self._copies: set[int] = set()

    def words(self, argv: list[str]) -> list[str]:
        """The command's words with what gives it this terminal."""
        return [*_CONTROLLING, *argv] if self._ours else argv

    @property
    def takes(self) -> bool:  # type: ignore[override]
        """Whether what was said before has been taken."""
        return len(self._said) < _MOST

    def streams(self) -> Streams | None:
        """The terminal as standard input and output, and an empty stream of a driver."""
        if not self._ours:
            return None
        self._master, given = _pair(self._plan)
        self._resize(*self.size)
        driver, nobody = os.pipe()
        os.close(nobody)
        os.set_blocking(self._master, False)
        return Streams(self._master, driver, 0, [given, os.dup(given)])

    def begun(self) -> None:
        """Tells the analyzer, which then gives the terminal to the user."""
        self._link.tell(begun=True)

    def waits_for(self) -> tuple[list[int], list[int]]:
        """The line's sockets, and the terminal where something is to be typed."""
        reading, writing = [], []
        if not self.gone:
            reading.append(self._link.orders.fileno())
            if self._ours and len(self._typed) < _MOST:
                reading.append(self._link.bytes.fileno())
            if self._said:
                writing.append(self._link.bytes.fileno())
            if self._typed and self._master is not None:
                writing.append(self._master)
        return reading, writing

    def turn(self, ready: set[int]) -> None:
        """Takes orders and keys, and passes on what was said."""
        self._copies = {child for child in self._copies if not _ended(child)}
        if self.gone:
            return
        if self._link.orders.fileno() in ready:
            self._obey(self._link.order())
        if self._ours and self._link.bytes.fileno() in ready:
            self._pass()
        if self._master in ready:
            self._type()

    def heard(self, data: bytes) -> None:
        """Keeps what was said for the user."""
        if self._ours and not self.gone:
            self._said += data

    def over(self) -> None:
        """Gives the user the last of what was said, if he takes it, and ends the line."""
        deadline = time.monotonic() + _LAST_SECONDS
        while self._said and not self.gone and time.monotonic() < deadline:
            if select.select([], [self._link.bytes], [], _LAST_SECONDS)[1]:
                self._tell()
        self._master = None  # the output's reader has closed it
        self._link.close()
        self.gone = True

    def _obey(self, order: Order | None) -> None:
        if order is None or "hang_up" in order.words:
            self._hang_up()
        elif "resize" in order.words:
            self._resize(*order.words["resize"])
        elif order.descriptors:
            self._copies.add(copying.start(self._plan, order))
        if order is not None:
            order.close()

    def _resize(self, rows: int, columns: int) -> None:
        """The kernel tells the programs (tty_ioctl(4), TIOCSWINSZ)."""
        if self._master is not None:
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _hang_up(self) -> None:
        """Takes the terminal's other end away, upon which the kernel sends its programs SIGHUP; a file without an end is in its place."""
        self.gone = True
        self._said.clear()
        if self._master is not None:
            nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
            os.dup2(nothing, self._master, inheritable=False)
            os.close(nothing)

    def _pass(self) -> None:
        """Moves bytes both ways, as many as can be moved now."""
        if self.gone:
            return
        if len(self._typed) < _MOST:
            try:
                typed = self._link.bytes.recv(_MOST)
            except BlockingIOError:
                typed = None
            except OSError:
                typed = b""
            if typed is not None:
                self._typed += typed
                if not typed:
                    self._hang_up()
                    return
        self._tell()

    def _tell(self) -> None:
        try:
            del self._said[: self._link.bytes.send(self._said, socket.MSG_NOSIGNAL)]
        except BlockingIOError:
            return
        except OSError:
            self._hang_up()

    def _type(self) -> None:
        if self._master is None or not self._typed:
            return
        try:
            del self._typed[: os.write(self._master, self._typed)]
        except BlockingIOError:
            return
        except OSError:
            self._typed.clear()  # nobody has the terminal any more


def _pair(plan: Plan) -> tuple[int, int]:
    """Both ends of a new terminal, whose file belongs to the package's user; none of them is anybody's controlling terminal."""
    root = os.geteuid() == 0 and plan.launcher != "bubblewrap"
    if root:
        os.seteuid(plan.uid)
    try:
        return os.openpty()
    finally:
        if root:
            os.seteuid(0)


def _ended(child: int) -> bool:
    """Whether a child has ended, which whoever takes leave of orphans may have waited for."""
    try:
        return os.waitpid(child, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return True
