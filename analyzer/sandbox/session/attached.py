"""The analyzer's end of a session's terminal, whoever made that: `analyzer.sandbox.session.terminal` tells what it does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from analyzer.sandbox.session.copies import Copies
from analyzer.sandbox.session.orders import Orders

_MOST_TYPED: Final = 1024 * 1024
_PIECE: Final = 16 * 1024


class Attached:
    """A terminal that is a socket. `resized` and `hung_up` do what the supervisor cannot, since the terminal is not its own."""

    def __init__(
        self,
        stream: socket.socket,
        orders: Orders,
        record: Path,
        resized: Callable[[int, int], None] | None = None,
        hung_up: Callable[[], None] | None = None,
    ) -> None:
        self.read_fd = stream.fileno()
        self.record = record
        self._stream = stream
        self._orders = orders
        self._resized = resized
        self._hung_up = hung_up
        self._copies = Copies(orders)
        self._typed = bytearray()
        self._over = False
        self._changed = threading.Condition()
        self._typing = threading.Thread(target=self._type, daemon=True, name="typing")
        self._typing.start()

    @property
    def backlog(self) -> int:
        """Bytes that were typed and are not taken yet."""
        with self._changed:
            return len(self._typed)

    def write(self, data: bytes) -> None:
        """Types keys."""
        with self._changed:
            if not self._over:
                self._typed += data[: _MOST_TYPED - len(self._typed)]
                self._changed.notify()

    def resize(self, rows: int, columns: int) -> None:
        """Tells another size."""
        if self._resized is not None:
            self._resized(rows, columns)
        else:
            self._orders.send({"resize": [rows, columns]})

    def hang_up(self) -> None:
        """Ends the session."""
        with self._changed:
            self._typed.clear()
        if self._hung_up is not None:
            self._hung_up()
        self._orders.send({"hang_up": True})

    def put(self, name: str, tar: BinaryIO) -> None:
        """Puts files into the session."""
        self._copies.put(name, tar)

    def get(self, path: str, most_bytes: int) -> BinaryIO:
        """Gets files of the session."""
        return self._copies.get(path, most_bytes)

    def end(self) -> None:
        """Is the end for whoever still reads, however the session came to it."""
        with suppress(OSError):
            self._stream.shutdown(socket.SHUT_RDWR)
        self._stop_typing()

    def close(self) -> None:
        """Closes what was read from."""
        self.end()
        self._typing.join()
        self._stream.close()

    def _type(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._typed or self._over)
                if self._over:
                    return
                piece = bytes(self._typed[:_PIECE])
            try:
                sent = self._stream.send(piece, socket.MSG_NOSIGNAL)
            except OSError:  # the session is over
                self._stop_typing()
                return
            with self._changed:
                del self._typed[:sent]

    def _stop_typing(self) -> None:
        with self._changed:
            self._over = True
            self._typed.clear()
            self._changed.notify()
