"""The orders that a session's user has for the supervisor (`probes/hood/link.py` tells the protocol)."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Sequence
from typing import Any, Final

_SECONDS: Final = 10.0
"""How long the supervisor may take to read an order: it looks many times a second."""


class Orders:
    """The outer end of that socket, for any thread. An order to a supervisor that is gone goes nowhere."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        connection.settimeout(_SECONDS)

    def send(self, order: dict[str, Any], descriptors: Sequence[int] = ()) -> bool:
        """Sends an order, with copies of descriptors; whether it arrived."""
        with self._lock:
            try:
                socket.send_fds(self._connection, [json.dumps(order).encode()], list(descriptors), socket.MSG_NOSIGNAL)
            except OSError:
                return False
        return True
