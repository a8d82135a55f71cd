"""The supervisor's line to the user of a session, through the analyzer: two sockets in a folder that the package never sees.

```
bytes    a stream: what the terminal says, and what is typed. Not used where the engine makes the terminal
orders   packets of JSON. To the analyzer: {"begun": true}. From it:
         {"resize": [ROWS, COLUMNS]}           another size of the terminal
         {"hang_up": true}                     end the session
         {"put": NAME}, {"get": PATH, "most": BYTES}    with two descriptors: where the archive is, and where the answer goes
                                               (`hood.copying`)
```

The end of either socket is a hang-up too. The analyzer listens until both are connected, and no longer.
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BYTES, ORDERS = "bytes", "orders"
_MOST = 65536


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for, with the descriptors that came with it, which are the receiver's to close."""

    words: dict[str, Any]
    descriptors: list[int] = field(default_factory=list)

    def close(self) -> None:
        """Closes the descriptors."""
        for descriptor in self.descriptors:
            os.close(descriptor)


class Link:
    """The inner end, connected from the begin: before the supervisor gives up any right. Raises OSError."""

    def __init__(self, folder: Path) -> None:
        self.orders = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.orders.connect(str(folder / ORDERS))
        self.bytes = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.bytes.connect(str(folder / BYTES))
        self.bytes.setblocking(False)

    def tell(self, **message: Any) -> None:
        """Tells the analyzer something; nothing where that is gone."""
        try:
            self.orders.send(json.dumps(message).encode(), socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)
        except OSError:
            return

    def order(self) -> Order | None:
        """The next order, which must be there; None at the end of the line."""
        try:
            flags = socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC
            packet, descriptors, _, _ = socket.recv_fds(self.orders, _MOST, 4, flags)
        except BlockingIOError:
            return Order({})
        except OSError:
            return None
        return Order(json.loads(packet), descriptors) if packet else None

    def close(self) -> None:
        """Ends the line, which is the session's end for the analyzer."""
        self.orders.close()
        self.bytes.close()
