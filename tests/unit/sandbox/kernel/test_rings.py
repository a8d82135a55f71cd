"""The table of ring buffers, with a kernel that notes what it is asked for."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from analyzer.errors import SandboxError
from analyzer.sandbox.kernel import rings
from analyzer.sandbox.kernel.interface import RING_BYTES
from analyzer.sandbox.kernel.rings import Place, Rings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

SIZE = 4096


class Kernel:
    """The table, and all that happens to it and to buffers, in order."""

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []
        self.table: dict[int, int] = {}
        self.buffers = 0
        self.open: set[int] = set()
        self.found_again = 0
        """How often a slot is found by a namespace that a program added meanwhile."""
        self.refuse: Callable[[int], bool] = lambda slot: False

    def put(self, slot: int, value: bytes) -> None:
        if self.refuse(slot):
            raise SandboxError("no memory")
        self.table[slot] = int.from_bytes(value, "little")
        self.done.append(("put", slot, self.table[slot]))

    def remove(self, slot: int) -> None:
        self.table.pop(slot, None)
        self.done.append(("remove", slot))

    def forget(self, slots: Collection[int]) -> bool:
        self.done.append(("forget", *sorted(slots)))
        self.found_again -= 1
        return self.found_again >= 0


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    kernel = Kernel()

    class Buffer:
        def __init__(self, size: int) -> None:
            if not size:
                raise SandboxError("no buffer of 0 bytes")
            kernel.buffers += 1
            self.size, self.descriptor = size, kernel.buffers
            kernel.open.add(self.descriptor)

        def copy(self) -> int:
            kernel.done.append(("emptied", self.descriptor))
            return 0

        def close(self) -> None:
            kernel.open.remove(self.descriptor)

    monkeypatch.setattr(rings, "Ring", Buffer)
    return kernel


def pool(kernel: Kernel, slots: int = 1) -> Rings:
    return Rings(kernel, kernel.forget, slots)  # type: ignore[arg-type]


def wait_until(met: Callable[[], bool]) -> None:
    for _ in range(500):
        if met():
            return
        threading.Event().wait(0.01)
    assert met()


def test_buffers_stand_ready_before_anybody_asks(kernel: Kernel) -> None:
    with closing(pool(kernel, 8)) as pooled:
        wait_until(lambda: len(kernel.table) == 2)
        wait_until(lambda: len(pooled._idle) == 2)
        places = [pooled.take(RING_BYTES) for _ in range(2)]
        assert kernel.buffers == 2
        assert {place.slot: place.ring.descriptor for place in places} == kernel.table


def test_a_place_is_waited_for_and_emptied_before_it_is_used_again(kernel: Kernel) -> None:
    with closing(pool(kernel)) as pooled:
        place = pooled.take(SIZE)
        kernel.done.clear()
        kernel.found_again = 2
        pooled.give_back(place)
        assert pooled.take(SIZE) is place
        once = [("put", 0, place.ring.descriptor), ("forget", 0)]
        assert kernel.done == [*once, *once, *once, ("emptied", place.ring.descriptor)]


def test_all_slots_in_use_are_told_and_one_on_its_way_back_waited_for(kernel: Kernel) -> None:
    with closing(pool(kernel, 3)) as pooled:
        places = [pooled.take(SIZE) for _ in range(3)]
        assert sorted(place.slot for place in places) == [0, 1, 2]
        with pytest.raises(SandboxError, match="watches 3 sandboxes already: wait until one ends"):
            pooled.take(SIZE)
        pooled.give_back(places[1])
        assert pooled.take(SIZE) is places[1]


def test_a_buffer_of_another_size_makes_room(kernel: Kernel) -> None:
    with closing(pool(kernel)) as pooled:
        pooled.give_back(pooled.take(SIZE))
        place = pooled.take(2 * SIZE)
        assert (place.slot, place.ring.size) == (0, 2 * SIZE)
        assert kernel.open == {place.ring.descriptor} == set(kernel.table.values())


def test_a_handful_of_buffers_is_kept(kernel: Kernel) -> None:
    with closing(pool(kernel, 30)) as pooled:
        for place in [pooled.take(SIZE) for _ in range(30)]:
            pooled.give_back(place)
        wait_until(lambda: len(pooled._empty) == 22)
        assert len(kernel.open) == len(kernel.table) == 8
        assert set(kernel.table.values()) == kernel.open


@pytest.mark.parametrize("size", [0, SIZE])
def test_a_slot_whose_buffer_the_kernel_refuses_is_free_again(kernel: Kernel, size: int) -> None:
    kernel.refuse = lambda slot: True
    with closing(pool(kernel, 2)) as pooled:
        for _ in range(5):
            with pytest.raises(SandboxError, match="no memory|0 bytes"):
                pooled.take(size)
        kernel.refuse = lambda slot: False
        assert {pooled.take(SIZE).slot for _ in range(2)} == {0, 1}


def test_a_place_that_cannot_be_waited_for_is_not_used_again(kernel: Kernel) -> None:
    with closing(pool(kernel)) as pooled:
        place = pooled.take(SIZE)
        kernel.refuse = lambda slot: slot in kernel.table
        pooled.give_back(place)
        other: Place = pooled.take(SIZE)
        assert other is not place
        assert kernel.open == {other.ring.descriptor}


def test_at_the_end_all_is_freed_and_nobody_waits(kernel: Kernel) -> None:
    pooled = pool(kernel, 4)
    pooled.give_back(pooled.take(SIZE))
    pooled.close()
    pooled.close()
    assert kernel.open == set()
    with pytest.raises(SandboxError, match="the kernel tracer is closed"):
        pooled.take(SIZE)
