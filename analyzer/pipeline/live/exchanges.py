"""What the simulated internet's services tell while a run goes on, as events of those whose calls are behind it.

The packets come only when the run is over; until then the services' lines stand for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from analyzer.model.event import Event, SocketAccept, SocketConnect, SocketSend
from analyzer.pipeline.live.steps import Step
from analyzer.store.growing import GrowingLines
from analyzer.trace.events import EXCHANGES, event_of_packet
from analyzer.trace.logs.traffic import Endpoint
from analyzer.trace.packets.network import Exchanges, Seen
from analyzer.trace.timeline import NO_STEP

_MOST_PEERS: Final = 4096


class Services:
    """The exchanges of a record that grows."""

    def __init__(self, record: Path) -> None:
        self._lines = GrowingLines(record / EXCHANGES)
        self._exchanges = Exchanges()
        self._callers: dict[Endpoint, Event] = {}

    def learn(self, events: Iterable[Event]) -> None:
        """Takes socket calls, by whose peers it is known who made an exchange."""
        for event in events:
            if isinstance(event.detail, SocketConnect | SocketSend | SocketAccept):
                if len(self._callers) >= _MOST_PEERS:
                    self._callers.clear()
                self._callers[event.detail.address, event.detail.port] = event

    def read(self) -> list[Seen] | None:
        """The next exchanges, not more than a block of them; None where nothing was told."""
        lines = self._lines.read()
        return self._exchanges.take(lines) if lines or self._lines.file.left else None

    def events(self, exchanges: Iterable[Seen], step: Step | None) -> Iterator[Event]:
        """Exchanges as events of the step that runs."""
        for seen in exchanges:
            phase, number = (step.phase, step.step) if step is not None else NO_STEP
            yield event_of_packet(seen, self._callers.get(seen.ends[1]), phase, number)

    def close(self) -> None:
        """Lets go of the file."""
        self._lines.file.close()
