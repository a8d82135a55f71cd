"""Asks again and again what is newly observed, beside the terminal: reading the record must not hold up a key."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final, Protocol

from analyzer.explore.wording import Line

_POLL_SECONDS: Final = 0.2
_MOST_WAITING: Final = 1000


class Source(Protocol):
    """What is asked, always by the same thread."""

    def new(self) -> Sequence[Line]:
        """What was observed since it was asked last."""

    def close(self) -> None:
        """Nobody asks any more."""


class Watch:
    """Makes a source of the record's folder in a thread of its own, and asks it five times a second."""

    def __init__(self, open_source: Callable[[Path], Source]) -> None:
        self._open = open_source
        self._found: SimpleQueue[Line] = SimpleQueue()

    @contextmanager
    def following(self, record: Path, wake: Callable[[], None]) -> Iterator[None]:
        """Follows a record within the block. `wake` is called when there is something new."""
        over = threading.Event()
        thread = threading.Thread(target=self._follow, args=(record, wake, over), daemon=True, name="observations")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def new(self) -> tuple[Line, ...]:
        """What was observed since it was asked last."""
        lines: list[Line] = []
        try:
            while len(lines) < _MOST_WAITING:
                lines.append(self._found.get_nowait())
        except Empty:
            return tuple(lines)
        return tuple(lines)

    def _follow(self, record: Path, wake: Callable[[], None], over: threading.Event) -> None:
        with closing(self._open(record)) as source:
            while not over.wait(_POLL_SECONDS):
                lines = source.new() if self._found.qsize() < _MOST_WAITING else ()
                for line in lines:
                    self._found.put(line)
                if lines:
                    wake()
