"""How much the searcher does, and the clock that it obeys."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Bounds:
    """Sizes are bytes."""

    seconds: float = 20.0
    """The whole search."""
    piece_seconds: float = 4.0
    """One piece: another one may be what matters."""
    depth: int = 6
    """Encodings around one another; a split counts as none."""
    tries: int = 1000
    """Pieces that one piece is unwrapped to."""
    decoded: int = 4 << 20
    """What one encoding may give."""
    decoded_of_piece: int = 48 << 20
    """What all encodings of one piece may give."""
    closely: int = 1 << 20
    """How much of one piece is searched for parts of values, and not for whole ones alone."""
    sent: int = 80 << 20
    """What is read of `sent.bin`."""
    lines: int = 400_000
    """Lines that are read of each log."""
    found: int = 1000
    """Lines that are written."""
    memory: int = 1 << 30
    """The address space of the process."""


@dataclass(slots=True)
class Clock:
    """Tells when the time of the whole search, or of one piece, is over."""

    bounds: Bounds
    begin: float = field(default_factory=time.monotonic)
    _piece: float = 0.0

    def piece(self) -> None:
        """Begin a piece."""
        self._piece = time.monotonic()

    @property
    def over(self) -> bool:
        """Whether nothing more is to be begun."""
        return time.monotonic() - self.begin > self.bounds.seconds

    @property
    def piece_over(self) -> bool:
        """Whether the piece is to be left as it is."""
        now = time.monotonic()
        return now - self._piece > self.bounds.piece_seconds or now - self.begin > self.bounds.seconds
