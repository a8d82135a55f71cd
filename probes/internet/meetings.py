"""Connections that were announced on another one, such as FTP's for data: the next to the announced port is it."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation

_PORTS: Final = range(49_152, 60_999)
"""Among the ports that IANA leaves to such uses."""
_OPEN: Final = 1000
"""Announced ports at once; the oldest is given up."""


class Meeting:
    """One announced connection: `arrived` gets it, and it is kept open until `over` is set."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.arrived: asyncio.Future[tuple[Channel, Conversation]] = asyncio.get_running_loop().create_future()
        self.over = asyncio.Event()


class Meetings:
    """What is announced and has not come yet."""

    def __init__(self) -> None:
        self._open: dict[int, Meeting] = {}

    def announce(self) -> Meeting:
        """A new one, on a port that no other has."""
        while len(self._open) >= _OPEN:
            self.withdraw(next(iter(self._open.values())))
        port = random.choice(_PORTS)  # noqa: S311 no secret
        while port in self._open:
            port = random.choice(_PORTS)  # noqa: S311
        self._open[port] = Meeting(port)
        return self._open[port]

    def withdraw(self, meeting: Meeting) -> None:
        """Await it no longer, and let it end."""
        self._open.pop(meeting.port, None)
        meeting.arrived.cancel()
        meeting.over.set()

    async def attend(self, channel: Channel, talk: Conversation) -> bool:
        """Hand over a connection that was announced and stay until it is over; False when nobody awaits it."""
        meeting = self._open.pop(talk.port, None)
        if meeting is None or meeting.arrived.done():
            return False
        meeting.arrived.set_result((channel, talk))
        await meeting.over.wait()
        return True
