"""Python's search for cycles of dead objects, while a log of millions of lines becomes events."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_NEW_OBJECTS: Final = 50_000
"""How many new objects make a search worth while: some megabytes."""


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Searches seldom: events and acts are many, live long and form no cycles, so looking at them takes a quarter more time."""
    young, *older = gc.get_threshold()
    gc.set_threshold(max(young, _NEW_OBJECTS) if young else 0, *older)
    try:
        yield
    finally:
        gc.set_threshold(young, *older)
