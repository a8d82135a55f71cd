"""Ring buffers that stand ready in the kernel's table of them, so that a recording begins and ends at once.

A change of that table returns when no program in the kernel can use what stood there before, which takes some ten milliseconds, and a
new buffer takes five more. Therefore a buffer keeps its place for another recording. A thread first waits until no program can still
write into it for the recording before, and discards what came too late for that one.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from analyzer.errors import SandboxError
from analyzer.sandbox.kernel.interface import RING_BYTES
from analyzer.sandbox.kernel.ring import Ring

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from analyzer.sandbox.kernel.libbpf import Map

SLOTS: Final = 128
"""Sandboxes at once, as in probes/kernel/watch.h."""

_IDLE: Final = 8
"""Buffers kept for later, 128 MiB of the usual size."""
_AHEAD: Final = 2
"""Buffers made before anybody asks: while one is waited for, the other serves the next command of an analysis."""


@dataclass(frozen=True, slots=True)
class Place:
    """A buffer and the slot that it stands in."""

    slot: int
    ring: Ring


class Rings:
    """The kernel's table of ring buffers. Any thread may call it.

    Args:
        table: the map.
        forget: lets no namespace lead to these slots any more, and tells whether one did.
        slots: entries of the map.
    """

    def __init__(self, table: Map, forget: Callable[[Collection[int]], bool], slots: int = SLOTS) -> None:
        self._table, self._forget, self._slots = table, forget, slots
        self._empty = list(range(slots))
        self._idle: list[Place] = []
        self._returned: list[Place] = []
        self._in_use = 0
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="kernel-rings", daemon=True)
        self._thread.start()

    def take(self, size: int) -> Place:
        """A slot of the caller's own with an empty buffer.

        Args:
            size: of the buffer, in bytes.

        Raises:
            SandboxError: all slots are in use, or no memory is left.
        """
        with self._changed:
            if self._in_use == self._slots:
                raise SandboxError(f"the kernel tracer watches {self._slots} sandboxes already: wait until one ends")
            while not (self._idle or self._empty or self._closing):
                self._changed.wait()
            if self._closing:
                raise SandboxError("the kernel tracer is closed")
            self._in_use += 1
            if fits := [place for place in self._idle if place.ring.size == size]:
                self._idle.remove(fits[-1])
                return fits[-1]
            other = None if self._empty else self._idle.pop(0)
            slot = self._empty.pop() if other is None else other.slot
        try:
            return self._new(slot, size, other)
        except SandboxError:
            with self._changed:
                self._in_use -= 1
            raise

    def give_back(self, place: Place) -> None:
        """The slot and its buffer are for others from now on; no namespace may lead to it."""
        with self._changed:
            self._in_use -= 1
            self._returned.append(place)
            self._changed.notify_all()

    def close(self) -> None:
        """Free all buffers that are not in use. May be called again."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        for places in (self._idle, self._returned):
            while places:
                places.pop().ring.close()

    def _new(self, slot: int, size: int, other: Place | None = None) -> Place:
        """A new buffer in a slot, in the place of another one or none."""
        try:
            place = Place(slot, Ring(size))
            try:
                self._put(place)
            except SandboxError:
                place.ring.close()
                raise
        except SandboxError:
            self._drop(slot)
            raise
        finally:
            if other is not None:
                other.ring.close()
        return place

    def _put(self, place: Place) -> None:
        self._table.put(place.slot, place.ring.descriptor.to_bytes(4, "little"))

    def _drop(self, slot: int) -> None:
        """Empty a slot."""
        self._table.remove(slot)
        with self._changed:
            self._empty.append(slot)
            self._changed.notify_all()

    def _work(self) -> None:
        with suppress(SandboxError):  # no memory for one that nobody asked for: who asks is told
            for _ in range(_AHEAD):
                self._make_ahead()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._returned or self._closing)
                if self._closing:
                    return
                returned, self._returned = self._returned, []
            self._settle(returned)
            self._free_surplus()

    def _make_ahead(self) -> None:
        with self._changed:
            if self._closing or not self._empty:
                return
            slot = self._empty.pop()
        place = self._new(slot, RING_BYTES)
        with self._changed:
            self._idle.append(place)
            self._changed.notify_all()

    def _settle(self, places: list[Place]) -> None:
        """Wait until no program writes into these any more, empty them, and keep them."""
        try:
            # The same buffer once more changes nothing, but waits for all programs that run now. One of them may be about to add a
            # namespace that was just made, so that the slot is found again.
            self._put(places[0])
            while self._forget({place.slot for place in places}):
                self._put(places[0])
            for place in places:
                place.ring.copy()
        except SandboxError:
            for place in places:
                self._drop(place.slot)
                place.ring.close()
            return
        with self._changed:
            self._idle += places
            self._changed.notify_all()

    def _free_surplus(self) -> None:
        while True:
            with self._changed:
                if len(self._idle) <= _IDLE or self._closing:
                    return
                place = self._idle.pop(0)
            self._drop(place.slot)
            place.ring.close()
